// SPDX-License-Identifier: MIT OR Apache-2.0
//! The boot files of a disk: kernel, initramfs, configuration.

use crate::error::Error;
use qos_tree::{Content, Kind, Node, Tree};
use std::path::PathBuf;

/// The files that a disk is started with.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    /// The bzImage.
    pub kernel: Option<PathBuf>,
    /// The initramfs, if the disk is booted with one.
    pub initramfs: Option<PathBuf>,
    /// The kernel's configuration.
    pub config: Option<PathBuf>,
    /// The kernel's release: `uname -r`.
    pub release: String,
}

impl Pieces {
    /// The tree of `/boot`: `vmlinuz-RELEASE`, `initramfs-RELEASE.img`, `config-RELEASE`, as distributions name them.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn boot(&self) -> Result<Tree, Error> {
        let mut tree = Tree::default();
        tree.insert("", Node::new(0o755, Kind::Dir));
        let release = &self.release;
        let files = [
            (&self.kernel, format!("vmlinuz-{release}")),
            (&self.initramfs, format!("initramfs-{release}.img")),
            (&self.config, format!("config-{release}")),
        ];
        for (file, name) in files {
            let Some(file) = file else { continue };
            let content = Content::of_file(file).map_err(|error| Error::io("read", file, &error))?;
            tree.insert(name, Node::new(0o644, Kind::File(content)));
        }
        Ok(tree)
    }
}
