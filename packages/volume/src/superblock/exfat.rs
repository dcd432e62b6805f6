// SPDX-License-Identifier: MIT OR Apache-2.0
//! exFAT (Microsoft's exFAT file system specification).

use super::{Format, Magic, Place};
use crate::Tags;
use crate::source::{Reader, Record};
use crate::text::Order;

pub(super) const FORMAT: Format =
    Format { name: "exfat", magics: &[Magic { text: b"EXFAT   ", block: 0, at: 3 }], read, ..Format::NONE };

/// Whether the boot region is one of exFAT.
pub(crate) fn is_there(reader: &Reader<'_>) -> bool {
    reader.record(0, 512).and_then(|record| boot(reader, &record)).is_some()
}

/// Places of the file system, as powers of two and in sectors.
struct Boot {
    sector: u8,
    cluster: u8,
    table: u32,
    heap: u32,
    root: u32,
}

fn boot(reader: &Reader<'_>, record: &Record) -> Option<Boot> {
    let (sector, cluster, copies) = (record.u8(108), record.u8(109), record.u8(110));
    let right = record.is(510, b"\x55\xaa")
        && record.is(0, b"\xeb\x76\x90EXFAT   ")
        && record.bytes(11, 53).iter().all(|byte| *byte == 0)
        && (1..=2).contains(&copies)
        && (9..=12).contains(&sector)
        && cluster <= 25 - sector;
    let (table, heap, root) = (record.le32(80), record.le32(88), record.le32(96));
    let tables = record.le32(84).wrapping_mul(u32::from(copies));
    let in_order = table >= 24
        && table <= heap.wrapping_sub(tables)
        && heap >= table.wrapping_add(tables)
        && heap <= 1 << 31
        && root >= 2
        && root <= record.le32(92).wrapping_add(1);
    (right && in_order && has_right_sum(reader, 1 << sector)?).then_some(Boot {
        sector,
        cluster,
        table,
        heap,
        root,
    })
}

/// Eleven sectors, and one filled with their checksum. The volume's flags and its fill level are not part of it.
fn has_right_sum(reader: &Reader<'_>, sector: usize) -> Option<bool> {
    let record = reader.record(0, sector as u64 * 12)?;
    let summed = record.bytes(0, sector * 11).iter().enumerate();
    let sum = summed
        .filter(|(at, _)| !matches!(at, 106 | 107 | 112))
        .fold(0u32, |sum, (_, byte)| sum.rotate_right(1).wrapping_add(u32::from(*byte)));
    Some(record.bytes(sector * 11, sector).chunks_exact(4).all(|word| *word == sum.to_le_bytes()))
}

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 512)?;
    let boot = boot(place.reader, &record)?;
    if let Some(entry) = label(place.reader, &boot) {
        let length = (usize::from(entry.u8(1)) * 2).min(22);
        tags.label_utf16(entry.bytes(2, length), Order::Little);
    }
    let [a, b, c, d] = record.le32(100).to_le_bytes();
    if record.le32(100) != 0 {
        tags.push("UUID", format_args!("{d:02X}{c:02X}-{b:02X}{a:02X}"));
    }
    let sector = 1u64 << boot.sector;
    tags.push("VERSION", format_args!("{}.{}", record.u8(105), record.u8(104)));
    tags.push("FSBLOCKSIZE", sector);
    tags.push("BLOCK_SIZE", sector);
    tags.push("FSSIZE", record.le64(72).wrapping_mul(sector));
    Some(())
}

/// The entry of the label, in the first megabytes of the root directory: mkfs puts it first.
fn label(reader: &Reader<'_>, boot: &Boot) -> Option<Record> {
    const MOST: usize = 4096;
    const PIECE: u64 = 512;
    let pieces = (1u64 << (boot.sector + boot.cluster)) / PIECE;
    let mut cluster = boot.root;
    let mut piece = 0;
    for _ in 0..MOST {
        let first = u64::from(boot.heap) + (u64::from(cluster - 2) << boot.cluster);
        let at = (first << boot.sector) + piece * PIECE;
        let record = reader.record(at, PIECE.min(reader.size().checked_sub(at)? & !31))?;
        for entry in (0..record.all().len()).step_by(32) {
            match record.u8(entry) {
                0 => return None,
                0x83 => return reader.record(at + entry as u64, 32),
                _ => {}
            }
        }
        piece += 1;
        if piece == pieces {
            piece = 0;
            let next = (u64::from(boot.table) << boot.sector) + u64::from(cluster) * 4;
            cluster = reader.record(next, 4)?.le32(0);
            if !(2..=0x0fff_fff6).contains(&cluster) {
                return None;
            }
        }
    }
    None
}
