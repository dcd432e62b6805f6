// SPDX-License-Identifier: MIT OR Apache-2.0
//! bcachefs, and the bcache that it came from (fs/bcachefs/bcachefs_format.h, include/uapi/linux/bcache.h).

use super::{Format, Magic, Place, Usage};
use crate::source::Record;
use crate::text::until_nul;
use crate::{Tags, sum};

const OLD: &[u8] = b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81";
const TEXT: &[u8] = b"\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef";

pub(super) const FORMAT: Format = Format {
    name: "bcachefs",
    smallest: 256 * 512,
    wiped: 4 << 10,
    magics: &[
        Magic { text: OLD, block: 4096, at: 24 },
        Magic { text: TEXT, block: 4096, at: 24 },
        Magic { text: TEXT, block: 2 << 20, at: 24 },
        Magic { text: TEXT, block: -(1 << 20), at: 24 },
    ],
    read,
    ..Format::NONE
};

pub(super) const BCACHE: Format = Format {
    name: "bcache",
    usage: Usage::Other,
    smallest: 8192,
    wiped: 4 << 10,
    magics: &[Magic { text: OLD, block: 4096, at: 24 }],
    read: read_bcache,
    ..Format::NONE
};

/// Where the fields of variable length begin.
const FIELDS: usize = 752;

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(place.block, FIELDS as u64)?;
    let (index, devices) = (record.u8(122), record.u8(123));
    let (length, bits) = (FIELDS as u64 + u64::from(record.le32(124)) * 8, record.u8(257));
    if record.le64(104) != place.block / 512 || index >= devices || bits > 16 || length > 512 << bits {
        return None;
    }
    let whole = place.reader.record(place.block, length)?;
    if !has_right_sum(&whole) {
        return None;
    }
    let (version, block) = (whole.le16(16), u32::from(whole.le16(120)) * 512);
    tags.uuid("UUID", whole.bytes(56, 16));
    tags.label(whole.bytes(72, 32));
    tags.push("VERSION", format_args!("{}.{}", version >> 10, version & 0x3ff));
    tags.push("BLOCK_SIZE", block);
    tags.push("FSBLOCKSIZE", block);
    fields(&whole, index, devices, tags);
    Some(())
}

fn has_right_sum(whole: &Record) -> bool {
    let data = whole.all().get(16..).unwrap_or_default();
    match whole.u8(144) >> 2 {
        1 => !sum::crc32c(!0, data) == whole.le32(0),
        2 => sum::crc64_we(data) == whole.le64(0),
        7 => twox_hash::XxHash64::oneshot(0, data) == whole.le64(0),
        // None, or one that is not looked at, as blkid does not.
        _ => true,
    }
}

/// The members of the file system, and the label of this one's group.
fn fields(whole: &Record, index: u8, devices: u8, tags: &mut Tags) {
    let (mut at, mut groups, mut group) = (FIELDS, None, 0);
    loop {
        let length = usize::try_from(u64::from(whole.le32(at)) * 8).unwrap_or(0);
        let field = whole.bytes(at, length);
        if field.len() < 8 {
            break;
        }
        match whole.le32(at + 4) {
            0 => break,
            1 => members(whole, at + 8, length - 8, 56, index, devices, &mut group, tags),
            5 => groups = Some((at + 8, length - 8)),
            11 if length >= 16 => {
                let one = usize::from(whole.le16(at + 8));
                members(whole, at + 16, length - 16, one, index, devices, &mut group, tags);
            }
            _ => {}
        }
        at += length;
    }
    if let (Some((at, length)), 1..) = (groups, group) {
        label(whole, at, length, usize::from(group) - 1, tags);
    }
}

#[expect(clippy::too_many_arguments, reason = "two formats of one list")]
fn members(
    whole: &Record,
    at: usize,
    length: usize,
    one: usize,
    index: u8,
    devices: u8,
    group: &mut u8,
    tags: &mut Tags,
) {
    if length != usize::from(devices) * one || one < 16 {
        return;
    }
    let mine = at + usize::from(index) * one;
    tags.uuid("UUID_SUB", whole.bytes(mine, 16));
    if one < 28 {
        return;
    }
    let sectors = (0..usize::from(devices)).fold(0u64, |sum, member| {
        let at = at + member * one;
        sum.wrapping_add(whole.le64(at + 16).wrapping_mul(u64::from(whole.le16(at + 26))))
    });
    tags.push("FSSIZE", sectors.wrapping_mul(512));
    if one >= 48 {
        *group = (whole.le64(mine + 40) >> 20) as u8;
    }
}

/// Names of a group and those above it, with dots between them.
fn label(whole: &Record, at: usize, length: usize, mut group: usize, tags: &mut Tags) {
    const ONE: usize = 48;
    const DEEPEST: usize = 32;
    let mut names = Vec::new();
    loop {
        if names.len() == DEEPEST || group >= length / ONE {
            return;
        }
        let at = at + group * ONE;
        let flags = whole.le64(at + 32);
        if flags & 1 != 0 {
            return;
        }
        names.push(until_nul(whole.bytes(at, 32)));
        match (flags >> 6 & 0x3_ffff) as usize {
            0 => break,
            parent => group = parent - 1,
        }
    }
    names.reverse();
    tags.trimmed("LABEL_SUB", &names.join(&b'.'));
}

fn read_bcache(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(place.block, 208 + 8 * 256 + 2)?;
    let keys = usize::from(record.le16(206));
    let right = keys <= 256
        && sum::crc64_we(record.bytes(8, 200 + 8 * keys)) == record.le64(0)
        && record.le64(8) == place.block / 512;
    right.then(|| {
        tags.push("VERSION", record.le64(16));
        tags.uuid("UUID", record.bytes(40, 16));
        tags.label(record.bytes(72, 32));
        tags.push("BLOCK_SIZE", u32::from(record.le16(192)) * 512);
    })
}
