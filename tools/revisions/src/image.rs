// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image or disk that is built of two revisions.

use crate::boots::Tree;
use qos_host::source::Source;
use qos_host::table::table;
use qos_host::ui::{Result, Ui};
use qos_table::{Bootable, Table};

/// An image or a disk of the work tree's qos.toml that has a golden boot, with the trees of the toolchain that only it needs.
#[derive(Debug)]
pub struct Which<'a> {
    entry: Bootable<'a>,
    script: &'a str,
    trees: Vec<String>,
}

impl Which<'static> {
    /// The image or disk of that name in the work tree's table.
    ///
    /// # Errors
    ///
    /// The name is unknown, or there is no golden boot of it; the message lists what can be named.
    pub fn of(name: &str) -> Result<Self> {
        Ok(Self::in_table(table()?, name)?)
    }
}

impl<'a> Which<'a> {
    /// The image or disk of that name in a table.
    ///
    /// # Errors
    ///
    /// As [`Self::of`].
    pub fn in_table(table: &'a Table, name: &str) -> std::result::Result<Self, String> {
        let entry = table.bootable(name)?;
        let script = entry.script().ok_or_else(|| {
            let golden = table.bootables().filter(|one| one.script().is_some());
            let names: Vec<&str> = golden.map(Bootable::name).collect();
            format!(
                "{name} has no golden boot (it has no `script` in qos.toml); those that have one: {}",
                names.join(", ")
            )
        })?;
        Ok(Which { entry, script, trees: table.trees_of(entry) })
    }

    /// Its entry in the table.
    #[must_use]
    pub fn entry(&self) -> Bootable<'a> {
        self.entry
    }

    /// The script of its golden boot, as a path from the root of the repository.
    #[must_use]
    pub fn script(&self) -> &'a str {
        self.script
    }

    /// Adds the pins of a revision to the store. xtask has done so for the work tree, without the trees of single images and disks.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boots;
    use std::path::Path;

    fn table() -> Table {
        Table::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
    }

    /// What is built of it, and the files that are taken of each result.
    fn results(name: &str) -> String {
        let table = table();
        let wanted = boots::wanted(Which::in_table(&table, name).unwrap().entry());
        wanted.iter().map(|(attribute, files)| format!("{attribute}: {}\n", files.join(" "))).collect()
    }

    #[test]
    fn a_disk_is_compared_as_an_image_is_and_its_root_too() {
        assert_eq!(
            results("minimal"),
            "image-minimal: config manifest.json\ninitramfs-minimal: listing\n\
             boot-log-minimal: boot.log initcalls.log\n"
        );
        assert_eq!(
            results("disk"),
            "disk: config manifest.json root.listing\ninitramfs-disk: listing\nboot-log-disk: boot.log initcalls.log\n"
        );
        let table = table();
        let disk = Which::in_table(&table, "disk").unwrap();
        assert_eq!((disk.script(), disk.trees.as_slice()), ("rootfs/golden.sh", &["disk".to_owned()][..]));
    }

    #[test]
    fn what_has_no_golden_boot_is_refused() {
        let table = table();
        let error = Which::in_table(&table, "disk-laptop").unwrap_err();
        let expect = "disk-laptop has no golden boot (it has no `script` in qos.toml); those that have one: default, minimal, server";
        assert!(error.starts_with(expect) && error.ends_with(", disk"), "{error}");
        let error = Which::in_table(&table, "disc").unwrap_err();
        assert!(error.starts_with("unknown image or disk disc; the images and disks are default"), "{error}");
    }
}
