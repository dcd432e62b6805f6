// SPDX-License-Identifier: MIT OR Apache-2.0
//! The disks of the repository: their manifests are valid, and no CPU loads the microcode file.

use qos_disk::load;
use qos_disk::manifest::{Content, Holds, Kind};
use std::path::{Path, PathBuf};

fn rootfs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rootfs")
}

#[test]
fn every_manifest_is_read_and_its_root_too() {
    let mut found = 0;
    for entry in std::fs::read_dir(rootfs().join("disks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        found += 1;
        let disk = load::load(&path).unwrap_or_else(|error| panic!("{error}"));
        qos_manifest::load(&disk.root).unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(found >= 2, "{found} manifests");
}

/// The line and the UUIDs that the article starts with.
#[test]
fn the_laptop_is_the_articles() {
    let disk = load::load(&rootfs().join("disks/disk-laptop.toml")).unwrap();
    assert_eq!(
        disk.cmdline,
        "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.6.8-200.fc39.x86_64 root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f ro \
         rootflags=subvol=root rd.luks.uuid=luks-f44121b1-5be9-47d8-a206-72c52309e7dd rhgb quiet"
    );
    let root = &disk.partitions[2];
    assert_eq!(root.luks.as_ref().unwrap().uuid.to_string(), "f44121b1-5be9-47d8-a206-72c52309e7dd");
    let Content::Filesystem(filesystem) = &root.content else { panic!("no file system") };
    let Kind::Btrfs { uuid, root_subvolume, .. } = &filesystem.kind else { panic!("no btrfs") };
    assert_eq!(uuid.to_string(), "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f");
    assert_eq!((root_subvolume.as_deref(), filesystem.holds), (Some("root"), Holds::Root));
}

/// The header of an update (Intel's manual, volume 3, "Microcode Update Facilities"; `intel_microcode_sanity_check()` of the kernel): the
/// sum of its words is 0. Its CPU signature is 0, which none has: the kernel finds the file, walks it, and loads nothing.
#[test]
fn the_microcode_is_valid_and_for_no_processor() {
    let file = rootfs().join("disks/early/kernel/x86/microcode/GenuineIntel.bin");
    let bytes = std::fs::read(file).unwrap();
    let words: Vec<u32> = bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!(bytes.len(), 1024);
    // Header version, revision, date, signature, (checksum,) loader revision, platforms, sizes of data and of all.
    assert_eq!(words[..4], [1, 1, 0x0101_2026, 0]);
    assert_eq!(words[5..9], [1, 0, 976, 1024]);
    assert_eq!(words.iter().fold(0_u32, |sum, word| sum.wrapping_add(*word)), 0);
    assert!(words[12..].iter().all(|word| *word == 0));
}

/// A disk with a golden boot has budgets: of its files and of each mark of the boot.
#[test]
fn golden_disks_have_budgets() {
    let table = std::fs::read_to_string(rootfs().join("../qos.toml")).unwrap();
    let table: toml::Table = toml::from_str(&table).unwrap();
    let disks = table["disks"].as_array().unwrap();
    let golden: Vec<_> = disks.iter().filter(|disk| disk.get("script").is_some()).collect();
    assert!(!golden.is_empty());
    for disk in golden {
        let name = disk["name"].as_str().unwrap();
        let budgets = load::load(&rootfs().join(format!("disks/{name}.toml"))).unwrap().budgets;
        assert_eq!((budgets.sizes.len(), budgets.costs.len()), (3, 3), "{name}");
        assert!(budgets.memory_mib.is_some(), "{name}");
    }
}
