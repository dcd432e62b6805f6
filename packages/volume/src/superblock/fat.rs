// SPDX-License-Identifier: MIT OR Apache-2.0
//! FAT12, FAT16, and FAT32 (Microsoft's FAT32 File System Specification).

use super::{Format, Magic, Place, is_tiny};
use crate::Tags;
use crate::source::{Reader, Record};

pub(crate) const FORMAT: Format = Format {
    name: "vfat",
    magics: &[
        Magic { text: b"MSWIN", block: 0, at: 0x52 },
        Magic { text: b"FAT32   ", block: 0, at: 0x52 },
        Magic { text: b"MSDOS", block: 0, at: 0x36 },
        Magic { text: b"FAT16   ", block: 0, at: 0x36 },
        Magic { text: b"FAT12   ", block: 0, at: 0x36 },
        Magic { text: b"FAT     ", block: 0, at: 0x36 },
        Magic { text: b"\xeb", block: 0, at: 0 },
        Magic { text: b"\xe9", block: 0, at: 0 },
        Magic { text: b"\x55\xaa", block: 0, at: 0x1fe },
    ],
    read,
    ..Format::NONE
};

/// The most clusters of FAT12, FAT16, and FAT32.
const CLUSTERS: [u32; 3] = [0xff4, 0xfff4, 0x0fff_fff6];

/// The boot sector's description of the file system.
struct Boot {
    sector: u16,
    /// Sectors of a cluster.
    cluster: u8,
    reserved: u16,
    /// Sectors of all copies of the table.
    tables: u32,
    /// Number of entries of the root directory of FAT12 and FAT16.
    root: u16,
    sectors: u32,
    clusters: u32,
    /// Sectors of a table, as FAT12 and FAT16 say it.
    length_16: u16,
    /// The same of FAT32.
    length_32: u32,
}

/// Whether the boot sector is one of FAT.
pub(crate) fn is_there(place: &Place<'_>) -> bool {
    place.reader.record(0, 512).and_then(|sector| boot(place, &sector)).is_some()
}

fn boot(place: &Place<'_>, record: &Record) -> Option<Boot> {
    // A jump or the mark of a boot sector alone may be anything.
    let is_weak = place.text.len() <= 2;
    if is_weak
        && (!record.is(0x1fe, b"\x55\xaa") || record.is(0x36, b"JFS     ") || record.is(0x36, b"HPFS    "))
    {
        return None;
    }
    let (sector, cluster, reserved) = (record.le16(11), record.u8(13), record.le16(14));
    let (copies, media) = (record.u8(16), record.u8(21));
    if copies == 0 || reserved == 0 || !(media >= 0xf8 || media == 0xf0) {
        return None;
    }
    if !cluster.is_power_of_two() || !sector.is_power_of_two() || !(512..=4096).contains(&sector) {
        return None;
    }
    // BitLocker keeps a part of the description.
    if record.is(3, b"-FVE-FS-") {
        return None;
    }
    let sectors = match record.le16(19) {
        0 => record.le32(32),
        sectors => u32::from(sectors),
    };
    let (length_16, length_32) = (record.le16(22), record.le32(36));
    let length = if length_16 == 0 { length_32 } else { u32::from(length_16) };
    let tables = length.wrapping_mul(u32::from(copies));
    let root = record.le16(17);
    let directory = (u32::from(root) * 32).div_ceil(u32::from(sector));
    let other = u32::from(reserved).wrapping_add(tables).wrapping_add(directory);
    let clusters = sectors.wrapping_sub(other) / u32::from(cluster);
    let most = if length_16 == 0 && length_32 != 0 { CLUSTERS[2] } else { CLUSTERS[1] };
    (clusters <= most).then_some(Boot {
        sector,
        cluster,
        reserved,
        tables,
        root,
        sectors,
        clusters,
        length_16,
        length_32,
    })
}

fn read(place: &Place<'_>, tags: &mut Tags) -> Option<()> {
    let record = place.reader.record(0, 512)?;
    let boot = boot(place, &record)?;
    let is_16 = boot.length_16 != 0;
    let is_32 = !is_16 && boot.length_32 != 0;
    let mut label = None;
    let (mut boot_label, mut serial): (&[u8], &[u8]) = (&[], &[]);
    let mut version = None;
    if is_16 {
        label = root_label(place.reader, &boot);
        let mark = record.u8(0x26);
        if mark == 0x29 {
            boot_label = record.bytes(0x2b, 11);
        }
        if matches!(mark, 0x28 | 0x29) {
            serial = record.bytes(0x27, 4);
        }
        tags.push("SEC_TYPE", "msdos");
        version = match boot.clusters {
            clusters if clusters < CLUSTERS[0] => Some("FAT12"),
            clusters if clusters < CLUSTERS[1] => Some("FAT16"),
            _ => None,
        };
    } else if is_32 {
        label = chain_label(place.reader, &boot, record.le32(44));
        if record.u8(0x42) == 0x29 {
            boot_label = record.bytes(0x47, 11);
        }
        serial = record.bytes(0x43, 4);
        version = Some("FAT32");
        has_right_info(place.reader, &boot, record.le16(48))?;
    }
    if boot_label != b"NO NAME    " {
        tags.trimmed("LABEL_FATBOOT", boot_label);
    }
    if let Some(label) = label {
        tags.label(&label);
    }
    if let [a, b, c, d] = serial
        && serial != [0; 4]
    {
        tags.push("UUID", format_args!("{d:02X}{c:02X}-{b:02X}{a:02X}"));
    }
    if let Some(version) = version {
        tags.push("VERSION", version);
    }
    tags.push("FSBLOCKSIZE", u32::from(boot.cluster) * u32::from(boot.sector));
    tags.push("BLOCK_SIZE", boot.sector);
    tags.push("FSSIZE", u64::from(boot.sectors) * u64::from(boot.sector));
    Some(())
}

/// The sector of free counts has its signatures, or none yet.
fn has_right_info(reader: &Reader<'_>, boot: &Boot, sector: u16) -> Option<()> {
    if sector == 0 {
        return Some(());
    }
    let info = reader.record(u64::from(sector) * u64::from(boot.sector), 512)?;
    let first = info.bytes(0, 4);
    let first = [&b"RRaA"[..], b"RRdA", b"\0\0\0\0"].contains(&first);
    (first && [&b"rrAa"[..], b"\0\0\0\0"].contains(&info.bytes(484, 4))).then_some(())
}

/// The label in the root directory of FAT12 and FAT16.
fn root_label(reader: &Reader<'_>, boot: &Boot) -> Option<Vec<u8>> {
    let start = (u64::from(boot.reserved) + u64::from(boot.tables)) * u64::from(boot.sector);
    let length = u64::from(boot.root) * 32;
    if is_tiny(reader) {
        // The image of a floppy disk may end within the directory.
        let rest = reader.size().checked_sub(start)?;
        return find_label(&reader.record(start, length.min(rest & !31))?);
    }
    find_label(&reader.record(start, length)?)
}

/// The label in the clusters of FAT32's root directory.
fn chain_label(reader: &Reader<'_>, boot: &Boot, mut cluster: u32) -> Option<Vec<u8>> {
    const MOST: usize = 99;
    let sector = u64::from(boot.sector);
    let data = boot.tables.wrapping_add(u32::from(boot.reserved));
    let size = u64::from(boot.cluster) * sector;
    let entries = (u64::from(boot.length_32) * sector / 4) as u32;
    for _ in 0..MOST {
        if cluster == 0 || cluster >= entries {
            return None;
        }
        let first = cluster.wrapping_sub(2).wrapping_mul(u32::from(boot.cluster));
        let found = reader.record((u64::from(data) + u64::from(first)) * sector, size);
        if let Some(label) = found.and_then(|directory| find_label(&directory)) {
            return Some(label);
        }
        let entry = u64::from(boot.reserved) * sector + u64::from(cluster) * 4;
        cluster = reader.record(entry, size)?.le32(0) & 0x0fff_ffff;
    }
    None
}

fn find_label(directory: &Record) -> Option<Vec<u8>> {
    const FREE: u8 = 0xe5;
    let entries = directory.all().chunks_exact(32).take_while(|entry| entry[0] != 0);
    let mut labels = entries.filter(|entry| {
        let kind = entry[11] & 0x3f;
        let has_cluster = [20, 21, 26, 27].iter().any(|at| entry[*at] != 0);
        entry[0] != FREE && !has_cluster && kind != 0x0f && kind & 0x18 == 0x08
    });
    let mut label = labels.next()?.get(..11)?.to_vec();
    // 0x05 stands for a first letter that is the mark of a free entry.
    if label[0] == 0x05 {
        label[0] = FREE;
    }
    Some(label)
}
