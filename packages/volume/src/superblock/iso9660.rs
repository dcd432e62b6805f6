// SPDX-License-Identifier: MIT OR Apache-2.0
//! ISO 9660 with Joliet, and High Sierra (ECMA-119, ISO 9660:1988).

use super::{Format, Magic, Place};
use crate::Tags;
use crate::source::Record;
use crate::text::{Order, is_space};

/// Such a file system leaves its first 32 KiB alone: others may begin there.
pub(super) const FORMAT: Format = Format {
    name: "iso9660",
    tolerant: true,
    magics: &[
        Magic { text: b"CD001", block: 32 << 10, at: 1 },
        Magic { text: b"CDROM", block: 32 << 10, at: 9 },
    ],
    read,
    ..Format::NONE
};

/// The volume descriptors that say something.
#[derive(Default)]
struct Descriptors {
    boot: Option<Record>,
    primary: Option<Record>,
    joliet: Option<Record>,
}

impl Descriptors {
    fn read(place: &Place<'_>, is_old: bool) -> Descriptors {
        const MOST: u64 = 16;
        let mut found = Descriptors::default();
        for number in 0..MOST {
            // High Sierra's have eight bytes before them.
            let at = place.block + number * 2048 + if is_old { 8 } else { 0 };
            let Some(record) = place.reader.record(at, 882) else { break };
            match record.u8(0) {
                0 => {
                    found.boot.get_or_insert(record);
                }
                1 => {
                    found.primary.get_or_insert(record);
                }
                2 if !is_old && [b"%/@", b"%/C", b"%/E"].iter().any(|level| record.is(88, *level)) => {
                    found.joliet.get_or_insert(record);
                }
                255 => break,
                _ => {}
            }
        }
        found
    }
}

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let is_old = place.text == b"CDROM";
    let Descriptors { boot, primary, joliet } = Descriptors::read(place, is_old);
    let primary = primary?;
    let joliet = joliet.as_ref();
    let block = primary.le16(128);
    if block == 0 {
        return None;
    }
    tags.push("FSBLOCKSIZE", block);
    tags.push("BLOCK_SIZE", block);
    tags.push("FSSIZE", u64::from(primary.le32(80)) * u64::from(block));
    // The fields from the set's name on are elsewhere in High Sierra.
    let moved = if is_old { 16 } else { 0 };
    text("SYSTEM_ID", &primary, joliet, 8, 0, 32, tags);
    text("VOLUME_SET_ID", &primary, joliet, 190, moved, 128, tags);
    for (name, at) in [("PUBLISHER_ID", 318), ("DATA_PREPARER_ID", 446), ("APPLICATION_ID", 574)] {
        identifier(name, &primary, joliet, at, moved, tags);
    }
    let (modified, created) = if is_old { (798, 782) } else { (830, 813) };
    if !date(&primary, modified, is_old, tags) {
        date(&primary, created, is_old, tags);
    }
    if let Some(boot) = boot {
        tags.trimmed("BOOT_SYSTEM_ID", boot.bytes(7, 32));
    }
    if joliet.is_some() {
        tags.push("VERSION", "Joliet Extension");
    } else if is_old {
        tags.push("VERSION", "High Sierra");
    }
    let label = primary.bytes(40, 32);
    match joliet.map(|joliet| joliet.bytes(40, 32)) {
        Some(wide) => tags.label_utf16(merged(wide, label).as_deref().unwrap_or(wide), Order::Big),
        None => tags.label(label),
    }
    Some(())
}

/// A text that Joliet has too, with more letters.
fn text(
    name: &'static str,
    primary: &Record,
    joliet: Option<&Record>,
    at: usize,
    moved: usize,
    length: usize,
    tags: &mut Tags,
) {
    let plain = primary.bytes(at + moved, length);
    match joliet.map(|joliet| joliet.bytes(at, length)) {
        Some(wide) => tags.trimmed_utf16(name, merged(wide, plain).as_deref().unwrap_or(wide), Order::Big),
        None => tags.trimmed(name, plain),
    }
}

/// A text that is the name of a file if it begins with `_`.
fn identifier(
    name: &'static str,
    primary: &Record,
    joliet: Option<&Record>,
    at: usize,
    moved: usize,
    tags: &mut Tags,
) {
    let plain = primary.bytes(at + moved, 128);
    let is_plain = plain[0] != 0 && plain[0] != b'_' && !plain.iter().all(is_space);
    let wide = joliet.map(|joliet| joliet.bytes(at, 128)).filter(|wide| {
        let empty = wide.chunks_exact(2).all(|unit| unit[0] == 0 && is_space(&unit[1]));
        !empty && !wide.starts_with(b"\0_")
    });
    match wide {
        Some(wide) => {
            let both = is_plain.then(|| merged(wide, plain)).flatten();
            tags.trimmed_utf16(name, both.as_deref().unwrap_or(wide), Order::Big);
        }
        None if is_plain => tags.trimmed(name, plain),
        None => {}
    }
}

/// One text of two forms: Joliet's may be cut short, the plain one has `_` for what it cannot write, and capitals only.
fn merged(wide: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(wide.len() * 2);
    let mut units = wide;
    let mut letters = plain.iter();
    while let [high, low, after @ ..] = units {
        let (mut high, mut low, mut after) = (*high, *low, after);
        let Some(letter) = letters.next() else { break };
        // Two units are one character of the plain text.
        if let (0xd8..=0xdb, [second @ 0xdc..=0xdf, third, rest @ ..]) = (high, after) {
            out.extend_from_slice(&[high, low]);
            (high, low, after) = (*second, *third, rest);
        }
        match (high, low) {
            _ if *letter == b'_' => out.extend_from_slice(&[high, low]),
            (0, b'_') => out.extend_from_slice(&[0, *letter]),
            (0, low) if low.eq_ignore_ascii_case(letter) => {
                out.extend_from_slice(&[0, if letter.is_ascii_uppercase() { low } else { *letter }]);
            }
            _ => return None,
        }
        units = after;
    }
    out.extend(letters.flat_map(|letter| [0, *letter]));
    (!out.is_empty()).then_some(out)
}

/// The digits of a date as UUID, unless it is not set.
fn date(primary: &Record, at: usize, is_old: bool, tags: &mut Tags) -> bool {
    let digits = primary.bytes(at, 16);
    let zone = if is_old { 0 } else { primary.u8(at + 16) };
    if zone == 0 && digits.iter().all(|digit| *digit == b'0') {
        return false;
    }
    if digits.iter().any(|digit| *digit != 0) {
        let mut uuid = Vec::with_capacity(22);
        for (at, digit) in digits.iter().enumerate() {
            if at >= 4 && at % 2 == 0 {
                uuid.push(b'-');
            }
            uuid.push(*digit);
        }
        tags.push_bytes("UUID", uuid);
    }
    true
}
