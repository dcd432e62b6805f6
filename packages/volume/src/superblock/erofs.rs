// SPDX-License-Identifier: MIT OR Apache-2.0
//! EROFS (Documentation/filesystems/erofs.rst, fs/erofs/erofs_fs.h).

use super::{Format, Magic, Place};
use crate::{Tags, sum};

pub(super) const FORMAT: Format = Format {
    name: "erofs",
    magics: &[Magic { text: b"\xe2\xe1\xf5\xe0", block: 1024, at: 0 }],
    read,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(place.block, 128)?;
    let bits = record.u8(12);
    if !(9..=16).contains(&bits) {
        return None;
    }
    let block = 1u32 << bits;
    // The checksum is of the rest of the first block.
    if record.le32(8) & 1 != 0 {
        let rest = place.reader.record(place.block, u64::from(block).checked_sub(place.block)?)?;
        if sum::without(sum::crc32c, !0, rest.all(), 4, 4) != record.le32(4) {
            return None;
        }
    }
    tags.label(record.bytes(64, 16));
    tags.uuid("UUID", record.bytes(48, 16));
    tags.push("FSBLOCKSIZE", block);
    tags.push("BLOCK_SIZE", block);
    tags.push("FSSIZE", u64::from(block) * u64::from(record.le32(36)));
    Some(())
}
