// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads and checks the manifest of a disk.

use crate::check;
use crate::error::Error;
use crate::manifest::{Content, Disk, Filesystem, Holds, Key, Kind, Luks, Partition, Pbkdf, Size, Verity};
use crate::raw::{RawDisk, RawFilesystem, RawHolds, RawKind, RawLuks, RawManifest, RawPartition, RawPbkdf};
use crate::size;
use crate::uuid::Uuid;
use qos_manifest::Budgets;
use std::path::Path;

/// Types of partitions by name (UAPI group, Discoverable Partitions Specification; x86-64).
const TYPES: [(&str, &str); 5] = [
    ("esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
    ("boot", "bc13c2ff-59e6-4262-a352-b275fd6f7172"),
    ("root", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"),
    ("root-verity", "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5"),
    ("linux", "0fc63daf-8483-4772-8e79-3d69d8477de4"),
];

/// PBKDF2's iterations if the manifest has none: few, so that a boot under emulation is quick.
const ITERATIONS: u32 = 1000;
/// argon2id's passes and memory if the manifest has none: the least that cryptsetup takes, and 32 MiB.
const PASSES: u32 = 4;
const MEMORY: u64 = 32 << 20;

/// Reads and checks the manifest `file`. Paths in it are relative to its directory.
///
/// # Errors
/// The file and, if known, the line or the invalid partition, and the allowed values.
pub fn load(file: &Path) -> Result<Disk, Error> {
    let text = std::fs::read_to_string(file).map_err(|e| Error::io("read the manifest", file, &e))?;
    parse(&text, file)
}

/// The disk that `text`, the content of `file`, describes.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, file: &Path) -> Result<Disk, Error> {
    let base = file.parent().unwrap_or(Path::new(""));
    let disk = read(text, base).map_err(|e| e.of(file.display()))?;
    let budgets = qos_manifest::disk_budgets(file, text).map_err(|e| Error::new(e.to_string()))?;
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Disk { name, budgets, ..disk })
}

/// The disk without name and budgets, with paths relative to `base`.
fn read(text: &str, base: &Path) -> Result<Disk, Error> {
    let raw: RawManifest = toml::from_str(text).map_err(|why| {
        let line = why.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        Error::new(format!("line {line}: {}", why.message().trim_end().replace('\n', " ")))
    })?;
    let names: Vec<String> = raw.partitions.iter().map(|partition| partition.name.clone()).collect();
    let RawDisk { uuid, root, cmdline, uki_cmdline, qcow2 } = raw.disk;
    let disk = Disk {
        name: String::new(),
        uuid: uuid_of(&uuid)?,
        root: base.join(root),
        uki_cmdline: line(uki_cmdline.unwrap_or_else(|| cmdline.clone()))?,
        cmdline: line(cmdline)?,
        qcow2,
        partitions: raw
            .partitions
            .into_iter()
            .map(|raw| {
                let name = raw.name.clone();
                partition(raw, &names, base).map_err(|e| e.of(format!("the partition {name}")))
            })
            .collect::<Result<_, _>>()?,
        budgets: Budgets::default(),
    };
    check::check(&disk)?;
    Ok(disk)
}

fn uuid_of(text: &str) -> Result<Uuid, Error> {
    Uuid::parse(text).map_err(Error::new)
}

fn line(text: String) -> Result<String, Error> {
    // x86's COMMAND_LINE_SIZE is 2048 with the final NUL.
    match text.len() > 2047 || text.chars().any(char::is_control) {
        true => {
            Err(Error::new("a command line is one line of at most 2047 bytes without control characters"))
        }
        false => Ok(text),
    }
}

fn partition(raw: RawPartition, names: &[String], base: &Path) -> Result<Partition, Error> {
    let kind = TYPES.iter().find(|(name, _)| *name == raw.kind).map_or(raw.kind.as_str(), |(_, uuid)| uuid);
    let kind = Uuid::parse(kind).map_err(|_| {
        let names = TYPES.map(|(name, _)| name).join(", ");
        Error::new(format!("unknown type \"{}\"; there are {names}, and any GUID", raw.kind))
    })?;
    let content = match (raw.filesystem, raw.verity) {
        (None, None) => Content::Empty,
        (Some(raw), None) => Content::Filesystem(filesystem(raw)?),
        (None, Some(raw)) => {
            let of = names.iter().position(|name| *name == raw.of);
            let of = of.ok_or_else(|| Error::new(format!("verity: there is no partition {}", raw.of)))?;
            Content::Verity(Verity { of, uuid: uuid_of(&raw.uuid)?, salt: hex(&raw.salt)? })
        }
        (Some(_), Some(_)) => return Err(Error::new("has a file system or is a hash tree, not both")),
    };
    Ok(Partition {
        kind,
        uuid: if raw.uuid == "roothash" { None } else { Some(uuid_of(&raw.uuid)?) },
        size: match raw.size.as_str() {
            "fit" => Size::Fit,
            size => Size::Bytes(size::parse(size).map_err(Error::new)?),
        },
        content,
        luks: raw.luks.map(|raw| luks(raw, base)).transpose()?,
        name: raw.name,
    })
}

fn filesystem(raw: RawFilesystem) -> Result<Filesystem, Error> {
    let needs = |key: &str| {
        Error::new(format!("its file system needs `{key}`: a value of its own, so that it can be found"))
    };
    let uuid = || uuid_of(raw.uuid.as_deref().ok_or_else(|| needs("uuid"))?);
    // Each key with the kinds that have it.
    let keys: [(&str, bool, &[RawKind]); 6] = [
        ("uuid", raw.uuid.is_some(), &[RawKind::Ext4, RawKind::Btrfs, RawKind::Erofs]),
        ("id", raw.id.is_some(), &[RawKind::Vfat]),
        ("label", raw.label.is_some(), &[RawKind::Vfat, RawKind::Ext4, RawKind::Btrfs]),
        ("compression", raw.compression.is_some(), &[RawKind::Erofs, RawKind::Squashfs]),
        ("device-uuid", raw.device_uuid.is_some(), &[RawKind::Btrfs]),
        ("subvolumes", !raw.subvolumes.is_empty() || raw.root_subvolume.is_some(), &[RawKind::Btrfs]),
    ];
    if let Some((key, ..)) = keys.iter().find(|(_, is_set, kinds)| *is_set && !kinds.contains(&raw.kind)) {
        return Err(Error::new(format!("this kind of file system has no `{key}`")));
    }
    let kind = match raw.kind {
        RawKind::Vfat => {
            let text = raw.id.as_deref().ok_or_else(|| needs("id"))?;
            let bytes = hex(&text.replace('-', ""))?;
            let id =
                bytes.try_into().map_err(|_| Error::new(format!("id \"{text}\" is not like 4a1f-0b2c")))?;
            Kind::Vfat(u32::from_be_bytes(id))
        }
        RawKind::Ext4 => Kind::Ext4(uuid()?),
        RawKind::Btrfs => {
            if let Some(root) = raw.root_subvolume.as_ref().filter(|root| !raw.subvolumes.contains(root)) {
                return Err(Error::new(format!("root-subvolume \"{root}\" is not among its subvolumes")));
            }
            if let Some(bad) = raw
                .subvolumes
                .iter()
                .find(|name| name.is_empty() || name.contains('/') || name.starts_with('.'))
            {
                return Err(Error::new(format!("\"{bad}\" is not the name of a subvolume at the top")));
            }
            Kind::Btrfs {
                uuid: uuid()?,
                device_uuid: raw.device_uuid.as_deref().map(uuid_of).transpose()?,
                subvolumes: raw.subvolumes.clone(),
                root_subvolume: raw.root_subvolume.clone(),
            }
        }
        RawKind::Erofs => Kind::Erofs(uuid()?, raw.compression.clone()),
        RawKind::Squashfs => Kind::Squashfs(raw.compression.clone()),
    };
    let holds = match raw.holds {
        RawHolds::Nothing => Holds::Nothing,
        RawHolds::Root => Holds::Root,
        RawHolds::Boot => Holds::Boot,
        RawHolds::Uki => Holds::Uki,
    };
    match (&kind, holds) {
        (Kind::Vfat(_), Holds::Root) => {
            Err(Error::new("vfat has no owners, modes and links: it cannot hold the root"))
        }
        (Kind::Vfat(_), _) | (_, Holds::Nothing | Holds::Root | Holds::Boot) => {
            Ok(Filesystem { kind, label: raw.label, holds })
        }
        (_, Holds::Uki) => Err(Error::new("firmware reads vfat only: that holds the UKI")),
    }
}

fn luks(raw: RawLuks, base: &Path) -> Result<Luks, Error> {
    let memory = raw.memory.as_deref().map(size::parse).transpose().map_err(Error::new)?;
    let pbkdf = match (raw.pbkdf, memory) {
        (RawPbkdf::Argon2id, memory) => {
            Pbkdf::Argon2id(raw.iterations.unwrap_or(PASSES), memory.unwrap_or(MEMORY) >> 10)
        }
        (RawPbkdf::Pbkdf2, None) => Pbkdf::Pbkdf2(raw.iterations.unwrap_or(ITERATIONS)),
        (RawPbkdf::Pbkdf2, Some(_)) => {
            return Err(Error::new("luks: pbkdf2 takes no memory; leave `memory` out"));
        }
    };
    let key = match (raw.passphrase, raw.key_file) {
        (Some(passphrase), None) if !passphrase.is_empty() => Key::Passphrase(passphrase),
        (None, Some(file)) => Key::File(base.join(file)),
        _ => return Err(Error::new("luks: it has `passphrase` or `key-file`")),
    };
    Ok(Luks { uuid: uuid_of(&raw.uuid)?, label: raw.label, key, pbkdf })
}

fn hex(text: &str) -> Result<Vec<u8>, Error> {
    let wrong = || Error::new(format!("\"{text}\" is not an even number of hexadecimal digits"));
    if text.len() % 2 != 0 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong()))
        .collect()
}
