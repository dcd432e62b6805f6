// SPDX-License-Identifier: MIT OR Apache-2.0
//! NTFS (the layout in the kernel's fs/ntfs3/ntfs.h).

use super::{Format, Magic, Place};
use crate::Tags;
use crate::source::{Reader, Record};
use crate::text::Order;

pub(crate) const FORMAT: Format =
    Format { name: "ntfs", magics: &[Magic { text: b"NTFS    ", block: 0, at: 3 }], read, ..Format::NONE };

/// Whether the boot sector is one of NTFS, and leads to its master file table.
pub(crate) fn is_there(reader: &Reader<'_>) -> bool {
    let boot = reader.record(0, 84);
    boot.filter(|boot| boot.is(3, b"NTFS    ")).and_then(|boot| volume(reader, &boot)).is_some()
}

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let boot = place.reader.record(0, 84)?;
    let (sector, cluster, record) = volume(place.reader, &boot)?;
    label(&record, tags);
    tags.push("FSBLOCKSIZE", cluster);
    tags.push("BLOCK_SIZE", sector);
    tags.push("FSSIZE", boot.le64(40).wrapping_mul(sector));
    let serial = boot.le64(72);
    if serial != 0 {
        tags.push("UUID", format_args!("{serial:016X}"));
    }
    Some(())
}

/// Bytes of a sector and of a cluster, and the record of the volume.
fn volume(reader: &Reader<'_>, boot: &Record) -> Option<(u64, u64, Record)> {
    const VOLUME: u64 = 3;
    let sector = u64::from(boot.le16(11));
    if !sector.is_power_of_two() || !(256..=4096).contains(&sector) {
        return None;
    }
    // Either a count or, above, a negative power of two.
    let sectors = match boot.u8(13) {
        count if count.is_power_of_two() => u64::from(count),
        power @ 240..=249 => 1 << (256 - u32::from(power)),
        _ => return None,
    };
    let cluster = sector * sectors;
    // What FAT has in these fields is zero here.
    let is_fat = [boot.le16(14), boot.le16(17), boot.le16(19), boot.le16(22)].iter().any(|field| *field != 0)
        || boot.u8(16) != 0
        || boot.le32(32) != 0;
    if cluster > 2 << 20 || is_fat {
        return None;
    }
    let size = match boot.u8(64) {
        count if count <= 64 && count.is_power_of_two() => u64::from(count) * cluster,
        power @ 0xe2..=0xf7 => 1 << (256 - u32::from(power)),
        _ => return None,
    };
    let clusters = boot.le64(40) / sectors;
    let (table, mirror) = (boot.le64(48), boot.le64(56));
    if table > clusters || mirror > clusters {
        return None;
    }
    let start = table.wrapping_mul(cluster);
    let file = |number: u64| {
        let record = reader.record(start.checked_add(number * size)?, size)?;
        record.is(0, b"FILE").then_some(record)
    };
    file(0)?;
    Some((sector, cluster, file(VOLUME)?))
}

/// The attribute of the volume's name.
fn label(record: &Record, tags: &mut Tags) {
    const NAME: u32 = 0x60;
    const END: u32 = !0;
    let size = record.all().len();
    let allocated = record.le32(28);
    let mut at = usize::from(record.le16(20));
    while at + 22 <= size && at as u64 <= u64::from(allocated) {
        let (kind, length) = (record.le32(at), record.le32(at + 4));
        if length == 0 || kind == END {
            return;
        }
        if kind == NAME {
            let from = at + usize::from(record.le16(at + 20));
            let value = usize::try_from(record.le32(at + 16)).unwrap_or(usize::MAX);
            tags.label_utf16(record.bytes(from, value), Order::Little);
            return;
        }
        at = at.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(size);
    }
}
