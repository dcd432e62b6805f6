// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks of a disk's partitions against each other.

use crate::error::Error;
use crate::manifest::{Content, Disk};
use std::collections::BTreeSet;

/// Checks what concerns several partitions.
///
/// # Errors
/// The first partition that does not go with the others, and the reason.
pub(crate) fn check(disk: &Disk) -> Result<(), Error> {
    let (mut names, mut uuids) = (BTreeSet::new(), BTreeSet::new());
    for (index, partition) in disk.partitions.iter().enumerate() {
        // A name has 36 units of UTF-16 in the table (UEFI 2.10, table 5.6).
        if partition.name.is_empty() || partition.name.encode_utf16().count() > 36 {
            return Err(Error::new(format!(
                "\"{}\" is no name of a partition: 1 to 36 characters",
                partition.name
            )));
        }
        if !names.insert(&partition.name) || !partition.uuid.is_none_or(|uuid| uuids.insert(uuid)) {
            return Err(Error::new(format!(
                "two partitions have the name or the uuid of {}",
                partition.name
            )));
        }
        if partition.uuid.is_none() && trees_of(disk, index) != 1 {
            let name = &partition.name;
            return Err(Error::new(format!("{name}: uuid = \"roothash\" is for a hash tree and its data")));
        }
        if let Content::Verity(verity) = &partition.content {
            let data = &disk.partitions[verity.of];
            if data.luks.is_some()
                || partition.luks.is_some()
                || !matches!(data.content, Content::Filesystem(_))
            {
                let message = format!(
                    "{} is a hash tree of {}, which has to be a file system without LUKS",
                    partition.name, data.name
                );
                return Err(Error::new(message));
            }
        }
    }
    match disk.partitions.len() {
        0 => Err(Error::new("a disk has at least one partition")),
        1..=128 => Ok(()),
        count => Err(Error::new(format!("{count} partitions, but the table has room for 128"))),
    }
}

/// Number of hash trees that partition `index` is, or is the data of.
fn trees_of(disk: &Disk, index: usize) -> usize {
    let trees = disk.partitions.iter().enumerate().filter(|(tree, partition)| match &partition.content {
        Content::Verity(verity) => *tree == index || verity.of == index,
        _ => false,
    });
    trees.count()
}
