// SPDX-License-Identifier: MIT OR Apache-2.0
//! The partition table of the master boot record, with extended and logical partitions.

use super::{Partition, Table};
use crate::Options;
use crate::source::{Reader, Record};
use crate::superblock::{exfat, fat, ntfs, place};

const ENTRIES: usize = 0x1be;
const PROTECTIVE: u8 = 0xee;

/// An entry of four.
struct Entry {
    mark: u8,
    kind: u8,
    start: u64,
    size: u64,
}

impl Entry {
    fn is_extended(&self) -> bool {
        matches!(self.kind, 0x05 | 0x0f | 0x85)
    }
}

fn entries(sector: &Record, unit: u64) -> [Entry; 4] {
    [0, 1, 2, 3].map(|index| {
        let at = ENTRIES + 16 * index;
        Entry {
            mark: sector.u8(at),
            kind: sector.u8(at + 4),
            start: u64::from(sector.le32(at + 8)) * unit,
            size: u64::from(sector.le32(at + 12)) * unit,
        }
    })
}

pub(super) fn read(reader: &Reader<'_>, options: &Options, is_lvm: bool) -> Option<Table> {
    let mbr = reader.record(0, 512)?;
    let unit = u64::from(options.sector / 512);
    let primary = entries(&mbr, unit);
    let right = mbr.is(510, b"\x55\xaa")
        && primary.iter().all(|entry| matches!(entry.mark, 0 | 0x80) && entry.kind != PROTECTIVE)
        // IBM's boot record of AIX.
        && !mbr.is(0, b"\xc9\xc2\xd4\xc1");
    if !right || is_file_system(reader, options) || is_lvm && primary.iter().all(|entry| entry.size == 0) {
        return None;
    }
    let id = match mbr.le32(0x1b8) {
        0 => None,
        id => Some(format!("{id:08x}")),
    };
    let mut table = Table { scheme: "dos", id, partitions: Vec::new(), place: ENTRIES as u64..512 };
    for (number, entry) in (1..).zip(&primary) {
        if entry.size != 0 {
            table.add(number, entry.start, entry);
        }
    }
    let mut number = 5;
    for entry in primary.iter().filter(|entry| entry.size != 0 && entry.is_extended()) {
        logical(reader, entry, unit, &mut number, &mut table);
    }
    Some(table)
}

/// Whether the boot sector is one of a file system: its code is where the table would be.
fn is_file_system(reader: &Reader<'_>, options: &Options) -> bool {
    place(&fat::FORMAT, reader, options).is_some_and(|place| fat::is_there(&place) || exfat::is_there(reader))
        || ntfs::is_there(reader)
}

impl Table {
    fn add(&mut self, number: u32, start: u64, entry: &Entry) {
        self.partitions.push(Partition {
            number,
            start,
            size: entry.size,
            kind: format!("{:#x}", entry.kind),
            uuid: self.id.as_ref().map(|id| format!("{id}-{number:02x}")),
            label: None,
            flags: u64::from(entry.mark),
        });
    }
}

/// Follows the chain of boot records in an extended partition. It has to advance, so that it ends.
fn logical(reader: &Reader<'_>, extended: &Entry, unit: u64, number: &mut u32, table: &mut Table) {
    /// Boot records without a partition, one after another.
    const EMPTY: u32 = 100;
    let (first, end) = (extended.start, extended.start + extended.size);
    let (mut at, mut size, mut empty) = (first, extended.size, 0);
    while at != 0 && empty < EMPTY {
        empty += 1;
        let record = at.checked_mul(512).and_then(|at| reader.record(at, 512));
        let Some(record) = record.filter(|record| record.is(510, b"\x55\xaa")) else { return };
        let entries = entries(&record, unit);
        for (index, entry) in entries.iter().enumerate() {
            let start = at + entry.start;
            let outside = start < first || start + entry.size > end;
            // The last two are of no standard: they are believed within the link's own bounds.
            let strange = index >= 2 && entry.start + entry.size > size;
            let known = table.partitions.iter().any(|partition| partition.start == start);
            if entry.size == 0 || entry.is_extended() || outside || strange || known {
                continue;
            }
            table.add(*number, start, entry);
            *number += 1;
            empty = 0;
        }
        let link = entries.iter().find(|entry| entry.size != 0 && entry.is_extended() && entry.start != 0);
        let Some(link) = link else { return };
        let next = first + link.start;
        if next + link.size > end || next <= at {
            return;
        }
        (at, size) = (next, link.size);
    }
}
