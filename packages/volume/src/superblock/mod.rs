// SPDX-License-Identifier: MIT OR Apache-2.0
//! Superblocks: the table of formats, in the order in which blkid tries them, and the rules for several matches.

mod bcachefs;
mod btrfs;
mod erofs;
pub(crate) mod exfat;
mod ext;
mod f2fs;
pub(crate) mod fat;
mod iso9660;
mod luks;
mod lvm;
mod mapper;
mod md;
pub(crate) mod ntfs;
mod squashfs;
mod swap;
mod xfs;

use crate::source::Reader;
use crate::{Error, Kind, Options, Tags};
use std::fmt::{self, Display};

/// What a superblock's format is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A file system.
    Filesystem,
    /// A member of an array or a volume group.
    Raid,
    /// A container with encryption, or with hashes of other data.
    Crypto,
    /// Swap space, journals.
    Other,
}

impl Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Usage::Filesystem => "filesystem",
            Usage::Raid => "raid",
            Usage::Crypto => "crypto",
            Usage::Other => "other",
        })
    }
}

/// Bytes by which a format is known.
#[derive(Clone, Copy)]
pub(crate) struct Magic {
    pub text: &'static [u8],
    /// Where the superblock begins; from the end of the source if negative.
    pub block: i64,
    /// Where the bytes are in it.
    pub at: u64,
}

/// A format. [`Format::NONE`] has the values that most share.
pub(crate) struct Format {
    pub name: &'static str,
    pub usage: Usage,
    /// Sources below so many bytes cannot have it.
    pub smallest: u64,
    /// Whether it may be there beside others.
    pub tolerant: bool,
    /// A partition table within so many first bytes means that the superblock is what is left of an earlier use.
    pub wiped: u64,
    /// One of these has to be there; none is asked for if there are none.
    pub magics: &'static [Magic],
    /// Checks the superblock, and says what is in it.
    pub read: fn(&Place<'_>, &mut Tags) -> Option<()>,
}

impl Format {
    pub(crate) const NONE: Format = Format {
        name: "",
        usage: Usage::Filesystem,
        smallest: 0,
        tolerant: false,
        wiped: 0,
        magics: &[],
        read: |_, _| None,
    };
}

/// Where the bytes of a format were found.
pub(crate) struct Place<'a> {
    pub reader: &'a Reader<'a>,
    pub options: &'a Options,
    /// Start of the superblock.
    pub block: u64,
    /// The bytes, and where they are.
    pub text: &'static [u8],
    pub at: u64,
}

const FORMATS: &[&Format] = &[
    &md::FORMAT,
    &bcachefs::BCACHE,
    &bcachefs::FORMAT,
    &lvm::FORMAT,
    &lvm::FIRST,
    &mapper::SNAPSHOT,
    &mapper::VERITY,
    &mapper::INTEGRITY,
    &luks::FORMAT,
    &fat::FORMAT,
    &swap::SUSPENDED,
    &swap::FORMAT,
    &xfs::FORMAT,
    &xfs::LOG,
    &ext::EXT4,
    &ext::EXT3,
    &ext::EXT2,
    &ext::JOURNAL,
    &iso9660::FORMAT,
    &ntfs::FORMAT,
    &squashfs::FORMAT,
    &squashfs::OLD,
    &btrfs::FORMAT,
    &exfat::FORMAT,
    &f2fs::FORMAT,
    &erofs::FORMAT,
];

/// A superblock that was found.
pub(crate) struct Found {
    pub tags: Tags,
    pub usage: Usage,
    /// See [`Format::wiped`].
    pub wiped: u64,
}

impl Found {
    pub(crate) fn is_lvm(&self) -> bool {
        self.tags.get("TYPE") == Some(lvm::FORMAT.name.as_bytes())
    }
}

/// Whether a source is a floppy disk by its size.
pub(crate) fn is_tiny(reader: &Reader<'_>) -> bool {
    reader.size() <= 1440 << 10
}

/// The superblock of a source.
pub(crate) fn find(reader: &Reader<'_>, options: &Options) -> Result<Option<Found>, Error> {
    if reader.size() <= 1024 {
        return Ok(None);
    }
    let mut all: Vec<Found> = Vec::new();
    let mut strict = false;
    for format in FORMATS {
        let optical = options.kind == Kind::Optical && matches!(format.usage, Usage::Raid | Usage::Other);
        let floppy = format.usage == Usage::Raid && is_tiny(reader);
        let unwanted = options.without.contains(&format.usage);
        if optical || floppy || unwanted || reader.size() < format.smallest {
            continue;
        }
        let Some(found) = try_format(format, reader, options) else { continue };
        all.push(found);
        // What is inside of a container shines through, and a floppy disk has one file system.
        if is_tiny(reader) || matches!(format.usage, Usage::Raid | Usage::Crypto) {
            break;
        }
        strict |= !format.tolerant;
    }
    if all.len() > 1 && strict {
        let short = |found: Found| {
            let mut tags = Tags::default();
            for (name, value) in
                found.tags.iter().filter(|(name, _)| ["USAGE", "TYPE", "VERSION"].contains(name))
            {
                tags.push_bytes(name, value);
            }
            tags
        };
        return Err(Error::Ambivalent(all.into_iter().map(short).collect()));
    }
    Ok(all.into_iter().next())
}

fn try_format(format: &'static Format, reader: &Reader<'_>, options: &Options) -> Option<Found> {
    let place = place(format, reader, options)?;
    let mut tags = Tags::default();
    (format.read)(&place, &mut tags)?;
    tags.push("TYPE", format.name);
    tags.push("USAGE", format.usage);
    Some(Found { tags, usage: format.usage, wiped: format.wiped })
}

/// The first of a format's magics that is there.
pub(crate) fn place<'a>(format: &Format, reader: &'a Reader<'a>, options: &'a Options) -> Option<Place<'a>> {
    if format.magics.is_empty() {
        return Some(Place { reader, options, block: 0, text: b"", at: 0 });
    }
    format.magics.iter().find_map(|magic| {
        let block = reader.place(magic.block)?;
        let at = block.checked_add(magic.at)?;
        let record = reader.record(at, magic.text.len() as u64)?;
        record.is(0, magic.text).then_some(Place { reader, options, block, text: magic.text, at })
    })
}
