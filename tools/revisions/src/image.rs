// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image that is built of two revisions.

use crate::boots::Tree;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use qos_table::Image;

/// An image of the work tree's qos.toml, with the trees of the toolchain that only it needs.
pub struct Which {
    /// Its entry.
    pub image: Image,
    trees: Vec<String>,
}

impl Which {
    /// The image of that name.
    ///
    /// # Errors
    ///
    /// The name is unknown; the message lists the images.
    pub fn of(name: &str) -> Result<Self> {
        let table = table()?;
        let image = table.image(name)?.clone();
        Ok(Which { trees: table.trees_of_image(&image), image })
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
