// SPDX-License-Identifier: MIT OR Apache-2.0
//! The present block devices, and the table of them for the user.

use qos_probe::Error;
use qos_probe::device::{self, Device};
use qos_probe::size::human;
use qos_uevent::Event;
use std::path::Path;

/// A block device and its contents. An unknown value is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Name in `/sys/class/block`.
    pub name: String,
    /// Path of its node; `/dev/mapper/NAME` for a volume of device-mapper.
    pub node: String,
    /// Major and minor number.
    pub number: (u32, u32),
    /// Bytes.
    pub size: u64,
    /// The kernel refuses to write to it.
    pub read_only: bool,
    /// Type of its contents: `ext4`, `crypto_LUKS` …
    pub kind: String,
    /// What that is for: `filesystem`, `crypto`, `raid`, `other`.
    pub usage: String,
    /// Label.
    pub label: String,
    /// UUID.
    pub uuid: String,
    /// Name in the partition table.
    pub part_label: String,
    /// UUID in the partition table.
    pub part_uuid: String,
    /// Its other paths: those in `/dev/disk`.
    pub links: Vec<String>,
    /// Of a partition: its disk, and its number there.
    pub partition: Option<(String, u64)>,
    /// Why it could not be read.
    pub fault: Option<String>,
}

/// The block devices below `root`, which is `/` but in tests; those without a medium are left out. Those in `known` are not
/// probed again.
#[must_use]
pub fn all(root: &Path, known: &[Block]) -> Vec<Block> {
    let devices = device::all(root).unwrap_or_default();
    let there = devices.iter().filter(|device| device.size() != 0);
    let of = |device: &Device| known.iter().find(|block| block.name == device.name).cloned();
    there.map(|device| of(device).unwrap_or_else(|| block(device))).collect()
}

/// Takes the device of an event of the kernel out of `known`; all devices if the event is not understood.
pub fn forget(known: &mut Vec<Block>, packet: &[u8]) {
    match Event::parse(packet) {
        Ok(event) if event.get("SUBSYSTEM") == Some("block") => {
            known.retain(|block| !event.devpath.ends_with(&format!("/{}", block.name)));
        }
        Ok(_) => {}
        Err(_) => known.clear(),
    }
}

fn block(device: &Device) -> Block {
    let (tags, fault) = match device.probe() {
        Ok(tags) => (tags, None),
        // A device that is locked by a device on top of it, or a medium that fails.
        Err(Error::Read(error)) => (device.entry_tags(), Some(qos_sys::error_text(&error))),
        Err(error) => (device.entry_tags(), Some(error.to_string())),
    };
    let text = |name: &str| tags.text(name).unwrap_or_default();
    let number = device.attribute("dev").and_then(|text| {
        let (major, minor) = text.split_once(':')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    let disk = device.disk().map(|disk| disk.name);
    let links = qos_probe::links::links(device, &tags);
    Block {
        name: device.name.clone(),
        node: device.node().display().to_string(),
        number: number.unwrap_or_default(),
        size: device.size(),
        read_only: device.number("ro") == Some(1),
        kind: text("TYPE"),
        usage: text("USAGE"),
        label: text("LABEL"),
        uuid: text("UUID"),
        part_label: text("PART_ENTRY_NAME"),
        part_uuid: text("PART_ENTRY_UUID"),
        links: links.iter().map(|link| format!("/dev/{}", link.display())).collect(),
        partition: disk.zip(device.number("partition")),
        fault,
    }
}

/// The devices as a table, one line each, with a line of names above. There is no column without a value.
#[must_use]
pub fn table(devices: &[Block]) -> Vec<String> {
    let heads = ["DEVICE", "SIZE", "TYPE", "LABEL", "UUID", "PARTLABEL", "PARTUUID"];
    let row = |device: &Block| {
        let kind = match &device.fault {
            Some(fault) => format!("({fault})"),
            None => device.kind.clone(),
        };
        let [label, uuid, part_label, part_uuid] =
            [&device.label, &device.uuid, &device.part_label, &device.part_uuid].map(|text| shown(text));
        [device.node.clone(), human(device.size), kind, label, uuid, part_label, part_uuid]
    };
    let rows: Vec<[String; 7]> = devices.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let columns: Vec<usize> = (0..heads.len()).filter(|column| width(*column) != 0).collect();
    let line = |cells: &dyn Fn(usize) -> String| {
        let cells = columns.iter().map(|&column| {
            let width = width(column).max(heads[column].len());
            format!("{:width$}", cells(column))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = line(&|column| heads[column].to_owned());
    [head].into_iter().chain(rows.iter().map(|row| line(&|column| row[column].clone()))).collect()
}

/// Text of a disk for a terminal: what controls one becomes `?`.
fn shown(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '?' } else { char }).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::fs;

    pub fn block(name: &str, kind: &str) -> Block {
        let usage = match kind {
            "" => "",
            "crypto_LUKS" => "crypto",
            "LVM2_member" | "linux_raid_member" => "raid",
            "swap" | "swsuspend" => "other",
            _ => "filesystem",
        };
        Block {
            name: name.into(),
            node: format!("/dev/{name}"),
            size: 1 << 30,
            kind: kind.into(),
            usage: usage.into(),
            ..Block::default()
        }
    }

    /// The disk of the article, with its container locked.
    pub fn locked_laptop() -> Vec<Block> {
        let mut devices = vec![
            block("vda", ""),
            block("vda1", "vfat"),
            block("vda2", "ext4"),
            block("vda3", "crypto_LUKS"),
        ];
        let values = [
            ("", "", "", ""),
            ("", "ABCD-1234", "EFI System", "0000-1"),
            ("boot", "11111111-1111-1111-1111-111111111111", "", "0000-2"),
            ("", "f44121b1-5be9-47d8-a206-72c52309e7dd", "", "0000-3"),
        ];
        for ((n, device), (label, uuid, part_label, part_uuid)) in (0..).zip(&mut devices).zip(values) {
            device.number = (254, n);
            device.label = label.into();
            device.uuid = uuid.into();
            device.part_label = part_label.into();
            device.part_uuid = part_uuid.into();
            if n != 0 {
                device.partition = Some(("vda".into(), u64::from(n)));
                device.links = vec![
                    format!("/dev/disk/by-id/virtio-laptop-part{n}"),
                    format!("/dev/disk/by-partuuid/{part_uuid}"),
                ];
            }
        }
        devices[2].links.push("/dev/disk/by-label/boot".into());
        devices
    }

    /// The same, unlocked.
    pub fn laptop() -> Vec<Block> {
        let mut devices = locked_laptop();
        devices.push(Block {
            node: "/dev/mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd".into(),
            number: (253, 0),
            label: "fedora root".into(),
            uuid: "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f".into(),
            ..block("dm-0", "btrfs")
        });
        devices
    }

    #[test]
    fn the_device_of_an_event() {
        let packet = |action: &str, path: &str, subsystem: &str| {
            format!("{action}@{path}\0ACTION={action}\0DEVPATH={path}\0SUBSYSTEM={subsystem}\0")
        };
        for (packet, expect) in [
            (packet("change", "/devices/pci0/vda", "block"), &["vda1", "xvda"][..]),
            (packet("remove", "/devices/pci0/vda/vda1", "block"), &["vda", "xvda"]),
            (packet("add", "/devices/pci0/vdb", "block"), &["vda", "vda1", "xvda"]),
            (packet("add", "/bus/vda", "pci"), &["vda", "vda1", "xvda"]),
            ("no event".to_owned(), &[]),
        ] {
            let mut known = ["vda", "vda1", "xvda"].map(|name| block(name, "")).to_vec();
            forget(&mut known, packet.as_bytes());
            let names: Vec<&str> = known.iter().map(|block| block.name.as_str()).collect();
            assert_eq!(names, expect, "{packet}");
        }
    }

    #[test]
    fn only_unknown_devices_are_probed() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let swap = |name: &str, label: &[u8]| {
            let mut bytes = vec![0; 40 << 10];
            for (at, text) in [(1024, &[1_u8, 0, 0, 0, 9][..]), (1052, label), (4086, b"SWAPSPACE2")] {
                bytes[at..at + text.len()].copy_from_slice(text);
            }
            write(&format!("sys/class/block/{name}/size"), b"80");
            write(&format!("dev/{name}"), &bytes);
        };
        let look = |known: &[Block]| {
            let found = all(root.path(), known);
            let labels =
                found.iter().map(|block| format!("{} {}", block.name, block.label)).collect::<Vec<_>>();
            (found, labels.join(", "))
        };
        swap("sda", b"one");
        swap("sdb", b"two");
        write("sys/class/block/sr0/size", b"0");
        let (first, labels) = look(&[]);
        assert_eq!(labels, "sda one, sdb two");
        swap("sda", b"three");
        swap("sdb", b"four");
        assert_eq!(look(&first[..1]).1, "sda one, sdb four");
        assert_eq!(look(&[]).1, "sda three, sdb four");
        fs::remove_dir_all(root.path().join("sys/class/block/sda")).unwrap();
        assert_eq!(look(&first).1, "sdb two");
    }

    #[test]
    fn columns() {
        assert_eq!(table(&[]), [""]);
        let mut broken = block("sr0", "");
        broken.fault = Some("Input/output error".into());
        let mut odd = block("vda", "ext4");
        odd.label = "a\u{1b}[2J".into();
        assert_eq!(
            table(&[broken, odd]),
            [
                "DEVICE    SIZE  TYPE                  LABEL",
                "/dev/sr0  1G    (Input/output error)",
                "/dev/vda  1G    ext4                  a?[2J",
            ]
        );
    }
}
