// SPDX-License-Identifier: MIT OR Apache-2.0
//! btrfs (btrfs-dev-docs, On-disk format).

use super::{Format, Magic, Place};
use crate::source::Record;
use crate::{Tags, sum};
use sha2::{Digest, Sha256};

pub(super) const FORMAT: Format = Format {
    name: "btrfs",
    smallest: 1 << 20,
    magics: &[Magic { text: b"_BHRfS_M", block: 64 << 10, at: 64 }],
    read,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(place.block, 4096)?;
    let sector = record.le32(144);
    if sector == 0 || !is_right(&record) {
        return None;
    }
    tags.label(record.bytes(299, 256));
    tags.uuid("UUID", record.bytes(32, 16));
    tags.uuid("UUID_SUB", record.bytes(267, 16));
    tags.push("FSBLOCKSIZE", sector);
    tags.push("BLOCK_SIZE", sector);
    let total = record.le64(112);
    tags.push("FSLASTBLOCK", total >> sector.ilog2());
    tags.push("FSSIZE", total);
    Some(())
}

fn is_right(record: &Record) -> bool {
    let data = record.bytes(32, 4064);
    match record.le16(196) {
        0 => !sum::crc32c(!0, data) == record.le32(0),
        1 => twox_hash::XxHash64::oneshot(0, data) == record.le64(0),
        2 => record.is(0, &Sha256::digest(data)),
        // BLAKE2b is not looked at, as blkid does not.
        _ => true,
    }
}
