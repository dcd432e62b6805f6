// SPDX-License-Identifier: MIT OR Apache-2.0
//! Partition tables: GPT and MBR.

mod gpt;
mod mbr;

use crate::source::{Reader, Source};
use crate::{Options, Tags};

/// A partition table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `gpt`, `dos`, or `PMBR`: a protective MBR whose GPT is broken.
    pub scheme: &'static str,
    /// What PTUUID is, if the table has one.
    pub id: Option<String>,
    /// The partitions, in the table's order.
    pub partitions: Vec<Partition>,
    /// Where the bytes that tell of it are.
    place: std::ops::Range<u64>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// Its number, as in the name of the device.
    pub number: u32,
    /// Start, in units of 512 bytes.
    pub start: u64,
    /// Size, in units of 512 bytes.
    pub size: u64,
    /// The type's UUID in GPT, a number like `0x83` in MBR.
    pub kind: String,
    /// PARTUUID, if there is one.
    pub uuid: Option<String>,
    /// PARTLABEL, if there is one.
    pub label: Option<Vec<u8>>,
    /// GPT's attributes, or MBR's mark of what is booted.
    pub flags: u64,
}

impl Partition {
    /// Whether it is a container of logical partitions.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        ["0x5", "0xf", "0x85"].contains(&self.kind.as_str())
    }

    /// Pairs of PART_ENTRY_ names, for a partition in a table of `scheme` on the disk with number `disk`.
    #[must_use]
    pub fn tags(&self, scheme: &'static str, disk: &str) -> Tags {
        let mut tags = Tags::default();
        tags.push("PART_ENTRY_SCHEME", scheme);
        if let Some(label) = &self.label {
            tags.push_bytes("PART_ENTRY_NAME", label.as_slice());
        }
        if let Some(uuid) = &self.uuid {
            tags.push("PART_ENTRY_UUID", uuid);
        }
        tags.push("PART_ENTRY_TYPE", &self.kind);
        if self.flags != 0 {
            tags.push("PART_ENTRY_FLAGS", format_args!("{:#x}", self.flags));
        }
        tags.push("PART_ENTRY_NUMBER", self.number);
        tags.push("PART_ENTRY_OFFSET", self.start);
        tags.push("PART_ENTRY_SIZE", self.size);
        tags.push("PART_ENTRY_DISK", disk);
        tags
    }
}

/// The partition table of a disk.
#[must_use]
pub fn partitions(source: &dyn Source, options: &Options) -> Option<Table> {
    table(&Reader::new(source), options, false)
}

/// PTUUID and PTTYPE, and where the table's signature ends.
pub(crate) struct Signature {
    pub tags: Tags,
    pub end: u64,
}

/// The signature of a table. `is_lvm` says that the source is a physical volume of LVM.
pub(crate) fn signature(reader: &Reader<'_>, options: &Options, is_lvm: bool) -> Option<Signature> {
    let table = table(reader, options, is_lvm)?;
    let mut tags = Tags::default();
    if let Some(id) = &table.id {
        tags.push("PTUUID", id);
    }
    tags.push("PTTYPE", table.scheme);
    Some(Signature { tags, end: table.place.end })
}

/// Whether one partition has all of the bytes `at` in it, in a table that fits the source.
pub(crate) fn covers(reader: &Reader<'_>, options: &Options, at: u64, length: u64) -> bool {
    let Some(table) = table(reader, options, false) else { return false };
    let (first, last) = (at >> 9, (at + length) >> 9);
    let end = |partition: &Partition| partition.start.saturating_add(partition.size);
    table.partitions.iter().all(|partition| end(partition) <= reader.size() >> 9)
        && table.partitions.iter().any(|partition| partition.start <= first && last <= end(partition))
}

fn table(reader: &Reader<'_>, options: &Options, is_lvm: bool) -> Option<Table> {
    let sector = u64::from(options.sector);
    mbr::read(reader, options, is_lvm).or_else(|| gpt::read(reader, sector))
}
