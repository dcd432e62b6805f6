// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disk images: the partition table, and the contents of each partition. `packages/volume` parses both.

use crate::error::Error;
use crate::facts::Facts;
use crate::list::printable;
use crate::table;
use qos_volume::{Image, Kind, Options, Partition, Tags, Window, partitions, probe};
use serde_json::Value;
use std::fs::File;
use std::path::Path;

/// Types of GPT partitions (UEFI specification and the Discoverable Partitions Specification), and of MBR ones.
const TYPES: [(&str, &str); 18] = [
    ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system"),
    ("21686148-6449-6e6f-744e-656564454649", "BIOS boot"),
    ("0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux data"),
    ("4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root x86-64"),
    ("2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", "Linux root x86-64 verity"),
    ("8484680c-9521-48c6-9c11-b0720656f69e", "Linux /usr x86-64"),
    ("b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root arm64"),
    ("933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux /home"),
    ("bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux boot loader (XBOOTLDR)"),
    ("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"),
    ("e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM"),
    ("ca7d7ccb-63ed-4c53-861c-1742536059cc", "Linux LUKS"),
    ("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft basic data"),
    ("0x83", "Linux"),
    ("0x82", "Linux swap"),
    ("0xef", "EFI system"),
    ("0xc", "FAT32"),
    ("0x7", "NTFS or exFAT"),
];

/// Whether the first bytes of a file are those of a disk: a boot sector or a partition table.
#[must_use]
pub fn is_disk(head: &[u8]) -> bool {
    head.get(510..512) == Some(&[0x55, 0xaa]) || head.get(512..520) == Some(b"EFI PART") || is_qcow2(head)
}

fn is_qcow2(head: &[u8]) -> bool {
    head.starts_with(b"QFI\xfb")
}

/// Whether a file system, a container or a partition table is in a file.
pub(crate) fn is_volume(file: &File) -> bool {
    let image = file.try_clone().and_then(Image::new);
    image.is_ok_and(|image| !matches!(probe(&image, &Options::default()), Ok(tags) if tags.is_empty()))
}

/// Adds the facts of a disk image: its table, and for each partition its type, names and UUIDs, and what is on it.
///
/// # Errors
///
/// It cannot be read; it is an image of qcow2.
pub(crate) fn facts(path: &Path, facts: &mut Facts) -> Result<(), Error> {
    let cannot = |e| Error::io("read", path, &e);
    let file = File::open(path).map_err(cannot)?;
    let image = Image::new(file).map_err(cannot)?;
    let size = qos_volume::Source::size(&image);
    facts.add("kind", "disk image");
    facts.add("size", size);
    let mut magic = [0; 4];
    if size >= 4 && qos_volume::Source::read_at(&image, 0, &mut magic).is_ok() && is_qcow2(&magic) {
        return Err(Error::new("a qcow2 image: convert it with `qemu-img convert -O raw` first"));
    }
    let options = Options { kind: Kind::Disk, ..Options::default() };
    add_tags(&image, &options, facts)?;
    // The table of a disk with sectors of 4096 bytes is elsewhere.
    let table = [512, 4096].into_iter().find_map(|sector| {
        let options = Options { sector, ..options };
        partitions(&image, &options).filter(|table| !table.partitions.is_empty()).map(|table| (table, sector))
    });
    let Some((found, sector)) = table else { return Ok(()) };
    if sector != 512 {
        facts.add("sector", sector);
    }
    let names = ["number", "offset", "size", "type", "name", "PARTUUID", "file system", "LABEL", "UUID"];
    let mut rows = vec![names.map(String::from)];
    for partition in &found.partitions {
        rows.push(row(&image, partition));
    }
    let json = |row: &[String; 9]| -> Value {
        let pairs = names.iter().zip(row).filter(|(_, value)| *value != "-");
        Value::Object(pairs.map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect())
    };
    facts.table = Some((table::columns(&rows), rows[1..].iter().map(json).collect()));
    Ok(())
}

fn row(image: &Image, partition: &Partition) -> [String; 9] {
    let known = TYPES.iter().find(|(kind, _)| *kind == partition.kind);
    let bytes = |sectors: u64| sectors.saturating_mul(512);
    let (start, size) = (bytes(partition.start), bytes(partition.size));
    let options = Options { kind: Kind::Partition, ..Options::default() };
    let tags = match Window::new(image, start, Some(size)) {
        // Of a container the table has a boot record only.
        Some(window) if !partition.is_extended() => probe(&window, &options).map_err(|e| e.to_string()),
        Some(_) => Ok(Tags::default()),
        None => Err("beyond the end of the image".to_owned()),
    };
    let tag = |name: &str| match &tags {
        Ok(tags) => tags.get(name).map(printable),
        Err(_) => None,
    };
    let missing = || "-".to_owned();
    let error = tags.as_ref().err().cloned();
    [
        partition.number.to_string(),
        start.to_string(),
        size.to_string(),
        known.map_or(partition.kind.clone(), |(_, name)| (*name).to_owned()),
        partition.label.as_deref().map_or_else(missing, printable),
        partition.uuid.clone().unwrap_or_else(missing),
        error.or_else(|| tag("TYPE")).unwrap_or_else(missing),
        tag("LABEL").unwrap_or_else(missing),
        tag("UUID").unwrap_or_else(missing),
    ]
}

/// Adds the output of blkid(8) for the whole image.
fn add_tags(image: &Image, options: &Options, facts: &mut Facts) -> Result<(), Error> {
    let tags = probe(image, options).map_err(|e| Error::new(e.to_string()))?;
    for (name, value) in tags.iter() {
        facts.add(name, printable(value));
    }
    Ok(())
}
