// SPDX-License-Identifier: MIT OR Apache-2.0
//! The contents of a block device: file system, container, partition table, with the names and values of util-linux' blkid.
//!
//! [`probe`] looks into any [`Source`]. Nothing in it is trusted: reads are bounded by its size and by 8 MiB, loops by
//! constants, and no byte of it makes the library panic.

mod partition;
mod source;
mod sum;
mod superblock;
mod tags;
mod text;

pub use partition::{Partition, Table, partitions};
pub use source::{Image, Source, Window};
pub use superblock::Usage;
pub use tags::Tags;
pub use text::{encode, safe};

use source::Reader;
use std::fmt::{self, Display};
use std::io;

/// What a source is, for what is looked for in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A regular file.
    #[default]
    File,
    /// A block device that is no partition.
    Disk,
    /// A partition.
    Partition,
    /// A drive of optical media: no arrays and no swap are looked for.
    Optical,
}

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What the source is.
    pub kind: Kind,
    /// Bytes of a logical sector, for partition tables.
    pub sector: u32,
    /// Types of use that are not looked for.
    pub without: &'static [Usage],
}

impl Default for Options {
    fn default() -> Self {
        Options { kind: Kind::File, sector: 512, without: &[] }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    /// Two or more superblocks exclude each other: for each its USAGE, TYPE, and VERSION.
    Ambivalent(Vec<Tags>),
    /// The source could not be read, and nothing was found in what could.
    Read(io::Error),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Ambivalent(found) => {
                let types: Vec<String> = found.iter().filter_map(|tags| tags.text("TYPE")).collect();
                write!(f, "ambivalent result: {}", types.join(" and "))
            }
            Error::Read(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// What is in `source`: the pairs of `blkid -p`, none if nothing is known there.
///
/// # Errors
///
/// See [`Error`].
pub fn probe(source: &dyn Source, options: &Options) -> Result<Tags, Error> {
    let reader = Reader::new(source);
    // A floppy disk with a partition table has no file system of its own.
    if options.kind == Kind::Disk && superblock::is_tiny(&reader) {
        if let Some(table) = partition::signature(&reader, options, false) {
            return Ok(table.tags);
        }
    }
    let mut found = superblock::find(&reader, options)?;
    // The table that is seen through a mirror is that of the array.
    if let Some(found) = found.take_if(|found| found.usage == Usage::Raid && found.wiped == 0) {
        return Ok(found.tags);
    }
    let (is_lvm, wiped) = found.as_ref().map_or((false, 0), |found| (found.is_lvm(), found.wiped));
    let mut tags = Tags::default();
    match partition::signature(&reader, options, is_lvm) {
        Some(table) => {
            // Its maker left the first sectors of the container alone when it wiped the disk.
            if table.end <= wiped {
                found = None;
            }
            tags.extend(found.map(|found| found.tags).unwrap_or_default());
            tags.extend(table.tags);
        }
        None => tags.extend(found.map(|found| found.tags).unwrap_or_default()),
    }
    match reader.take_error() {
        Some(error) if tags.is_empty() => Err(Error::Read(error)),
        _ => Ok(tags),
    }
}
