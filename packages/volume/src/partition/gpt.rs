// SPDX-License-Identifier: MIT OR Apache-2.0
//! The GUID partition table (UEFI specification, chapter 5).

use super::{Partition, Table};
use crate::source::{Reader, Record};
use crate::sum;
use crate::tags::guid;
use crate::text::{Order, trim_end, utf16};

/// The table by its first header, or by the one in the last sector if that is broken.
pub(super) fn read(reader: &Reader<'_>, sector: u64) -> Option<Table> {
    let is_protected = reader.record(0, 512).is_some_and(|mbr| {
        mbr.is(510, b"\x55\xaa") && (0..4).any(|entry| mbr.u8(0x1be + 16 * entry + 4) == 0xee)
    });
    let last = (reader.size() / sector).checked_sub(1)?;
    if !is_protected {
        return None;
    }
    [1, last].into_iter().find_map(|place| at(reader, sector, place, last)).or(Some(Table {
        scheme: "PMBR",
        id: None,
        partitions: Vec::new(),
        place: 510..512,
    }))
}

/// The table by the header in sector `place`: both checksums have to be right.
fn at(reader: &Reader<'_>, sector: u64, place: u64, last: u64) -> Option<Table> {
    let start = place.checked_mul(sector)?;
    let header = reader.record(start, sector)?;
    let size = header.le32(12);
    if !header.is(0, b"EFI PART") || !(92..=sector).contains(&u64::from(size)) {
        return None;
    }
    let summed = header.bytes(0, usize::try_from(size).ok()?);
    let usable = header.le64(40)..=header.le64(48);
    let right = !sum::without(sum::crc32, !0, summed, 16, 4) == header.le32(16)
        && header.le64(24) == place
        && usable.start() <= usable.end()
        && *usable.end() <= last
        && !(*usable.start() < place && place < *usable.end());
    let (count, entry) = (u64::from(header.le32(80)), u64::from(header.le32(84)));
    if !right || entry != 128 || count == 0 {
        return None;
    }
    let entries = reader.record(header.le64(72).checked_mul(sector)?, count * entry)?;
    if !sum::crc32(!0, entries.all()) != header.le32(88) {
        return None;
    }
    let unit = sector / 512;
    let partitions = (0..entries.all().len() / 128).filter_map(|at| one(&entries, at, usable.clone(), unit));
    Some(Table {
        scheme: "gpt",
        id: Some(guid(header.bytes(56, 16))),
        partitions: partitions.collect(),
        place: start..start + 8,
    })
}

fn one(
    entries: &Record,
    index: usize,
    usable: std::ops::RangeInclusive<u64>,
    unit: u64,
) -> Option<Partition> {
    let at = index * 128;
    let (kind, start, end) = (entries.bytes(at, 16), entries.le64(at + 32), entries.le64(at + 40));
    let inside = start >= *usable.start() && end <= *usable.end();
    if !inside || kind.iter().all(|byte| *byte == 0) {
        return None;
    }
    let label = utf16(entries.bytes(at + 56, 72), Order::Little);
    let label = trim_end(&label);
    Some(Partition {
        number: u32::try_from(index).ok()?.checked_add(1)?,
        start: start.wrapping_mul(unit),
        size: end.wrapping_sub(start).wrapping_add(1).wrapping_mul(unit),
        kind: guid(kind),
        uuid: Some(guid(entries.bytes(at + 16, 16))),
        label: (!label.is_empty()).then(|| label.to_vec()),
        flags: entries.le64(at + 48),
    })
}
