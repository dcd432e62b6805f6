// SPDX-License-Identifier: MIT OR Apache-2.0
//! Squashfs (Documentation/filesystems/squashfs.rst).

use super::{Format, Magic, Place};
use crate::Tags;

pub(super) const FORMAT: Format =
    Format { name: "squashfs", magics: &[Magic { text: b"hsqs", block: 0, at: 0 }], read, ..Format::NONE };

/// Up to version 3, in either byte order.
pub(super) const OLD: Format = Format {
    name: "squashfs3",
    magics: &[Magic { text: b"sqsh", block: 0, at: 0 }, Magic { text: b"hsqs", block: 0, at: 0 }],
    read: read_old,
    ..Format::NONE
};

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 96)?;
    let (major, minor) = (record.le16(28), record.le16(30));
    if major < 4 {
        return None;
    }
    tags.push("VERSION", format_args!("{major}.{minor}"));
    tags.push("FSBLOCKSIZE", record.le32(12));
    tags.push("BLOCK_SIZE", record.le32(12));
    tags.push("FSSIZE", record.le64(40));
    Some(())
}

fn read_old(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 96)?;
    let (major, minor, order) = if place.text == b"sqsh" {
        (record.be16(28), record.be16(30), "BIG")
    } else {
        (record.le16(28), record.le16(30), "LITTLE")
    };
    if major > 3 {
        return None;
    }
    tags.push("VERSION", format_args!("{major}.{minor}"));
    tags.push("FSBLOCKSIZE", 1024);
    tags.push("BLOCK_SIZE", 1024);
    tags.push("ENDIANNESS", order);
    Some(())
}
