// SPDX-License-Identifier: MIT OR Apache-2.0
//! XFS, and its log on a device of its own (XFS Algorithms & Data Structures).

use super::{Format, Magic, Place, Usage};
use crate::source::Record;
use crate::{Tags, sum};
use std::ops::RangeInclusive;

pub(super) const FORMAT: Format =
    Format { name: "xfs", magics: &[Magic { text: b"XFSB", block: 0, at: 0 }], read, ..Format::NONE };

pub(super) const LOG: Format = Format {
    name: "xfs_external_log",
    usage: Usage::Other,
    smallest: 10 << 20,
    read: read_log,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 272)?;
    if !is_consistent(&record) || !has_right_sum(place, &record) {
        return None;
    }
    let (block, blocks) = (record.be32(4), record.be64(8));
    tags.label(record.bytes(108, 12));
    tags.uuid("UUID", record.bytes(32, 16));
    let log = if record.be64(48) == 0 { 0 } else { u64::from(record.be32(96)) };
    tags.push("FSSIZE", blocks.wrapping_sub(log).wrapping_mul(u64::from(block)));
    tags.push("FSLASTBLOCK", blocks);
    tags.push("FSBLOCKSIZE", block);
    tags.push("BLOCK_SIZE", record.be16(102));
    Some(())
}

/// The checks of the kernel's `xfs_validate_sb_common` that old file systems pass too.
fn is_consistent(record: &Record) -> bool {
    let is_power = |value: u32, log: u8, range: RangeInclusive<u8>| {
        range.contains(&log) && 1u32.checked_shl(u32::from(log)) == Some(value)
    };
    let (block, block_log, inode_log) = (record.be32(4), record.u8(120), record.u8(122));
    let (groups, group) = (u64::from(record.be32(88)), u64::from(record.be32(84)));
    let (blocks, extent) = (record.be64(8), record.be32(80).wrapping_mul(block));
    groups > 0
        && is_power(u32::from(record.be16(102)), record.u8(121), 9..=15)
        && is_power(block, block_log, 9..=16)
        && is_power(u32::from(record.be16(104)), inode_log, 8..=11)
        && block_log.checked_sub(inode_log) == Some(record.u8(123))
        && (4 << 10..=1 << 30).contains(&extent)
        && record.u8(127) <= 100
        && blocks != 0
        && blocks <= groups * group
        && blocks >= (groups - 1) * group + 64
}

/// Version 5 has a checksum, of the whole sector.
fn has_right_sum(place: &Place<'_>, record: &Record) -> bool {
    let version = record.be16(100);
    if version & 0xf != 5 {
        return true;
    }
    let Some(sector) = place.reader.record(0, u64::from(record.be16(102))) else { return false };
    let sum = !sum::without(sum::crc32c, !0, sector.all(), 224, 4);
    version & 0x8000 != 0 && record.be32(200) & 0x100 != 0 && sum == record.le32(224)
}

/// The first record's header is in the first 256 KiB.
fn read_log(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let start = place.reader.record(0, 256 << 10)?;
    for at in (0..256 << 10).step_by(512) {
        if start.is(at, b"XFSB") {
            return None;
        }
        let (version, length) = (start.be32(at + 8), start.be32(at + 12));
        if start.be32(at) == 0xfeed_babe
            && version != 0
            && version & !3 == 0
            && (1..1 << 31).contains(&length)
            && (1..=3).contains(&start.be32(at + 300))
        {
            tags.uuid("LOGUUID", start.bytes(at + 304, 16));
            return Some(());
        }
    }
    None
}
