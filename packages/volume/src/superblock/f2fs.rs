// SPDX-License-Identifier: MIT OR Apache-2.0
//! F2FS (Documentation/filesystems/f2fs.rst, include/linux/f2fs_fs.h).

use super::{Format, Magic, Place};
use crate::text::Order;
use crate::{Tags, sum};

/// Seed of its CRC-32: the magic number.
const SEED: u32 = 0xf2f5_2010;

pub(super) const FORMAT: Format = Format {
    name: "f2fs",
    magics: &[Magic { text: &SEED.to_le_bytes(), block: 1024, at: 0 }],
    read,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(place.block, 1148)?;
    let (major, minor) = (record.le16(4), record.le16(6));
    // The first format had no label, and its UUID elsewhere.
    if (major, minor) == (1, 0) {
        return Some(());
    }
    let sum_at = record.le32(32);
    if sum_at != 0 && !has_right_sum(place, sum_at) {
        return None;
    }
    if record.u8(124) != 0 {
        tags.label_utf16(record.bytes(124, 1024), Order::Little);
    }
    tags.uuid("UUID", record.bytes(108, 16));
    tags.push("VERSION", format_args!("{major}.{minor}"));
    if record.le32(16) <= 16 {
        let block = 1u32 << record.le32(16);
        tags.push("FSBLOCKSIZE", block);
        tags.push("BLOCK_SIZE", block);
        tags.push("FSSIZE", record.le64(36).wrapping_mul(u64::from(block)));
    }
    Some(())
}

fn has_right_sum(place: &Place<'_>, at: u32) -> bool {
    let length = u64::from(at);
    if at % 4 != 0 || at > 4092 {
        return false;
    }
    let Some(record) = place.reader.record(place.block, length + 4) else { return false };
    let at = record.all().len() - 4;
    sum::crc32(SEED, record.bytes(0, at)) == record.le32(at)
}
