// SPDX-License-Identifier: MIT OR Apache-2.0
//! Physical volumes of LVM (lvm2's lib/format_text/layout.h, lib/label/label.h).

use super::{Format, Magic, Place, Usage};
use crate::text::until_nul;
use crate::{Tags, sum};

const TEXT: &[u8] = b"LVM2 001";

pub(super) const FORMAT: Format = Format {
    name: "LVM2_member",
    usage: Usage::Raid,
    wiped: 8 << 10,
    magics: &[
        Magic { text: TEXT, block: 0, at: 0x218 },
        Magic { text: TEXT, block: 0, at: 0x18 },
        Magic { text: TEXT, block: 1024, at: 0x18 },
        Magic { text: TEXT, block: 1024, at: 0x218 },
    ],
    read,
    ..Format::NONE
};

pub(super) const FIRST: Format = Format {
    name: "LVM1_member",
    usage: Usage::Raid,
    magics: &[Magic { text: b"HM", block: 0, at: 0 }],
    read: |place, tags| {
        let record = place.reader.record(0, 172)?;
        matches!(record.le16(2), 1 | 2).then(|| tell(record.bytes(44, 32), tags))
    },
    ..Format::NONE
};

/// The label is in one of the first four sectors, and says in which.
fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let both = place.reader.record(place.block, 1024)?;
    let at = [0, 512].into_iter().find(|at| both.is(*at, b"LABELONE"))?;
    let sector = (place.block + at as u64) / 512;
    let right = both.le64(at + 8) == sector
        && sum::crc32(0xf597_a6cf, both.bytes(at + 20, 492)) == both.le32(at + 16);
    right.then(|| {
        tell(both.bytes(at + 32, 32), tags);
        tags.push_bytes("VERSION", TEXT);
    })
}

/// 32 letters and digits, written in groups of 6, 4, 4, 4, 4, 4, and 6.
fn tell(id: &[u8], tags: &mut Tags) {
    if id.iter().all(|byte| *byte == 0) {
        return;
    }
    let mut text = Vec::with_capacity(38);
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 6 | 10 | 14 | 18 | 22 | 26) {
            text.push(b'-');
        }
        text.push(*byte);
    }
    tags.push_bytes("UUID", until_nul(&text));
}
