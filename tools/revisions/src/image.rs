// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image or disk that is built of two revisions.

use crate::boots::Tree;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use qos_table::{DEFAULT, attribute};

/// An image or a disk of the work tree's qos.toml, with the trees of the toolchain that only it needs.
pub struct Which {
    name: String,
    is_disk: bool,
    script: String,
    trees: Vec<String>,
}

impl Which {
    /// The image or disk of that name.
    ///
    /// # Errors
    ///
    /// The name is unknown; the message lists the images.
    pub fn of(name: &str) -> Result<Self> {
        let table = table()?;
        let (image, trees, is_disk) = match table.find_disk(name) {
            // A disk runs the script of the default image.
            Some(disk) => (table.image(DEFAULT)?, table.trees_of_disk(disk), true),
            None => {
                let image = table.image(name)?;
                (image, table.trees_of_image(image), false)
            }
        };
        Ok(Which { name: name.to_owned(), is_disk, script: image.script.clone(), trees })
    }

    /// The flake's attribute for a build result: `image`, `initramfs`, `qemu` or `boot-log`.
    #[must_use]
    pub fn attribute(&self, kind: &str) -> String {
        match (kind, self.is_disk) {
            ("image", true) => self.name.clone(),
            (kind, _) => attribute(kind, &self.name),
        }
    }

    /// The script of its golden boot, as a path from the root of the repository.
    #[must_use]
    pub fn script(&self) -> &str {
        &self.script
    }

    /// Adds the pins of a revision to the store. xtask has done so for the work tree, without the trees of single images.
    ///
    /// # Errors
    ///
    /// A download fails, or the store cannot be written.
    pub fn set_up(&self, tree: &Tree, source: &Source, ui: &Ui) -> Result<()> {
        if tree.is_commit() || !self.trees.is_empty() {
            source.setup_in(tree.root(), &self.trees, ui)?;
        }
        Ok(())
    }
}
