// SPDX-License-Identifier: MIT OR Apache-2.0
//! An initramfs that a test makes.

use qos_inspect::{Kind, Node, Tree, newc};
use std::fs;
use std::path::Path;
use tempfile::NamedTempFile;

/// An initramfs in a temporary file, which is removed with it.
#[derive(Debug)]
pub struct Initramfs {
    tree: Tree,
    file: NamedTempFile,
}

impl Initramfs {
    /// One with nothing but `/dev/console`, without which init has no standard streams.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let mut tree = Tree::default();
        tree.insert("dev/console", Node::new(0o600, Kind::Char { major: 5, minor: 1 }));
        let file = tempfile::Builder::new().prefix("qos-boot-").suffix(".cpio").tempfile();
        let file = file.unwrap_or_else(|error| panic!("cannot make a temporary file: {error}"));
        Self { tree, file }.written()
    }

    /// One of these bytes, which need not be an initramfs at all.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let made = Self::new();
        fs::write(made.path(), bytes)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", made.path().display()));
        made
    }

    /// Adds a regular file.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, contents: impl AsRef<[u8]>) -> Self {
        let contents = contents.as_ref().to_vec();
        self.tree.insert(path.trim_start_matches('/'), Node::new(mode, Kind::File(contents.into())));
        self.written()
    }

    /// Adds a program of the host: `/init` as a rule.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn program(self, path: &str, host: &Path) -> Self {
        let contents =
            fs::read(host).unwrap_or_else(|error| panic!("cannot read {}: {error}", host.display()));
        self.file(path, 0o755, contents)
    }

    /// The archive's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    fn written(self) -> Self {
        let bytes =
            newc::write(&self.tree, 0).unwrap_or_else(|error| panic!("cannot make the initramfs: {error}"));
        fs::write(self.path(), bytes)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", self.path().display()));
        self
    }
}

impl Default for Initramfs {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initramfs_is_a_file_as_long_as_it_lives() {
        let initramfs = Initramfs::new().file("/etc/x", 0o644, "hello");
        let path = initramfs.path().to_owned();
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(bytes.starts_with(b"070701") && bytes.windows(5).any(|window| window == b"hello"));
        assert!(qos_vm::check_initramfs(&path).is_ok());
        drop(initramfs);
        assert!(!path.exists());
    }
}
