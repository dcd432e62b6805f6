// SPDX-License-Identifier: MIT OR Apache-2.0
//! The description of a built disk, in the form of an image's: `manifest.json` with versions, files and partitions, and the listing of its
//! root file system. Compares the sizes with their budgets.

use crate::error::Error;
use crate::layout::Place;
use crate::manifest::{Content, Disk, Kind, Partition};
use crate::pieces::Pieces;
use crate::uuid::Uuid;
use qos_image::Manifest;
use qos_inspect::list;
use qos_manifest::SizeLimit;
use qos_tree::Tree;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the listing of the root file system in the result: a line for each file, as `qos-inspect list --hash` prints it.
pub const LISTING: &str = "root.listing";

/// What was built.
pub(crate) struct Built {
    /// The tree of the root file system.
    pub root: Tree,
    /// The kernel's command line.
    pub cmdline: String,
    /// The partitions.
    pub partitions: Vec<qos_image::Partition>,
    /// The raw image.
    pub raw: PathBuf,
}

/// Writes the description into `out`, which has the disk, and the files that boot it if they were copied there.
///
/// # Errors
/// A size is over its budget in the manifest; a file cannot be read or written.
pub(crate) fn write(
    disk: &Disk,
    pieces: &Pieces,
    versions: BTreeMap<String, String>,
    built: Built,
    out: &Path,
) -> Result<(), Error> {
    let Built { root, cmdline, partitions, raw } = built;
    let files = [
        (SizeLimit::BzImage, pieces.kernel.as_ref()),
        (SizeLimit::Initramfs, pieces.initramfs.as_ref()),
        (SizeLimit::Disk, Some(&raw)),
    ];
    for (limit, file) in files {
        let Some(file) = file else { continue };
        let meta = fs::metadata(file).map_err(|error| Error::io("read", file, &error))?;
        disk.budgets.check_size(limit, meta.len()).map_err(Error::new)?;
    }
    let name = disk.name.clone();
    let about = Manifest { name, cmdline, versions, partitions, files: BTreeMap::new() };
    qos_image::record(out, about).map_err(Error::new)?;
    // After the manifest, which is about what boots: whatever changes the listing changes disk.raw.
    let listing = list::list_tree(&root)
        .map_err(|error| Error::new(format!("cannot read a file of the root: {error}")))?;
    let file = out.join(LISTING);
    fs::write(&file, listing).map_err(|error| Error::io("write", &file, &error))
}

/// The partitions of the disk: partition `i` has the GUID `uuids[i]`, and the bytes of `parts[i]` at `places[i]`.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn partitions(
    disk: &Disk,
    uuids: &[Option<Uuid>],
    parts: &[PathBuf],
    places: &[Place],
) -> Result<Vec<qos_image::Partition>, Error> {
    let all = disk.partitions.iter().zip(uuids).zip(parts).zip(places);
    all.map(|(((partition, uuid), part), place)| {
        Ok(qos_image::Partition {
            content: content(disk, partition),
            label: match &partition.content {
                Content::Filesystem(filesystem) => filesystem.label.clone(),
                Content::Empty | Content::Verity(_) => None,
            },
            name: partition.name.clone(),
            sha256: qos_image::hash(part).map_err(Error::new)?.sha256,
            size: place.size,
            start: place.start,
            kind: partition.kind.to_string(),
            uuid: uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
        })
    })
    .collect()
}

/// The kind of a partition's content in words.
fn content(disk: &Disk, partition: &Partition) -> String {
    let inner = match &partition.content {
        Content::Empty => "zeros".to_owned(),
        Content::Filesystem(filesystem) => match filesystem.kind {
            Kind::Vfat(_) => "vfat",
            Kind::Ext4(_) => "ext4",
            Kind::Btrfs { .. } => "btrfs",
            Kind::Erofs(..) => "erofs",
            Kind::Squashfs(_) => "squashfs",
        }
        .to_owned(),
        Content::Verity(tree) => format!("hash tree of {}", disk.partitions[tree.of].name),
    };
    match partition.luks {
        Some(_) => format!("{inner} in LUKS2"),
        None => inner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;
    use crate::size::MIB;

    /// The disks of the repository have partitions of every kind but one.
    #[test]
    fn partitions_are_described() {
        let disks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rootfs/disks");
        let directory = tempfile::tempdir().unwrap();
        let part = directory.path().join("part");
        fs::write(&part, "abc").unwrap();
        let of = |name: &str| {
            let disk = load::load(&disks.join(format!("{name}.toml"))).unwrap();
            let count = disk.partitions.len();
            let uuids = vec![Some(Uuid::new([0x11; 16])); count];
            let places = vec![Place { start: MIB, size: 2 * MIB }; count];
            (disk.name.clone(), partitions(&disk, &uuids, &vec![part.clone(); count], &places).unwrap())
        };
        let (name, plain) = of("disk");
        let root = qos_image::Partition {
            content: "ext4".into(),
            label: Some("qos".into()),
            name: "root".into(),
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
            size: 2 * MIB,
            start: MIB,
            kind: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709".into(),
            uuid: "11111111-1111-1111-1111-111111111111".into(),
        };
        assert_eq!((name.as_str(), &plain[1]), ("disk", &root));
        let contents = |name: &str| of(name).1.into_iter().map(|one| one.content).collect::<Vec<_>>();
        assert_eq!(contents("disk-laptop"), ["vfat", "ext4", "btrfs in LUKS2"]);
        assert_eq!(contents("disk-verity"), ["vfat", "erofs", "hash tree of root"]);
    }
}
