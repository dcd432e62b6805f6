// SPDX-License-Identifier: MIT OR Apache-2.0
//! Valid and invalid manifests.

use qos_disk::load;
use qos_disk::manifest::{Content, Key, Kind, Pbkdf, Size};
use qos_manifest::{CostLimit, SizeLimit};
use std::path::Path;

const DISK: &str =
    "[disk]\nuuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d01\"\nroot = \"r.toml\"\ncmdline = \"a\"\n";
const EXT4: &str = "type = \"root\"\nsize = \"fit\"\n\
    filesystem = { type = \"ext4\", uuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d04\" }";

/// A partition with these lines behind its name, number `n` of the disk.
fn partition(n: u8, lines: &str) -> String {
    format!(
        "[[partitions]]\nname = \"p{n}\"\nuuid = \"00000000-0000-0000-0000-0000000000{n:02x}\"\n{lines}\n"
    )
}

#[test]
fn keys_have_their_values() {
    let luks = "type = \"0fc63daf-8483-4772-8e79-3d69d8477de4\"\nsize = \"64 MiB\"\n\
        luks = { uuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d05\", key-file = \"k\", pbkdf = \"argon2id\", memory = \"64 MiB\" }";
    let verity = "type = \"root-verity\"\nsize = \"fit\"\n\
        verity = { of = \"p1\", uuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d06\", salt = \"00ff\" }";
    let text = format!("{DISK}{}{}{}", partition(1, EXT4), partition(2, luks), partition(3, verity));
    let disk = load::parse(&text, Path::new("/base/d.toml")).unwrap();
    assert_eq!((disk.root.to_str(), disk.uki_cmdline.as_str()), (Some("/base/r.toml"), "a"));
    let [root, container, tree] = disk.partitions.as_slice() else { panic!("{disk:?}") };
    assert_eq!(root.kind.to_string(), "4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
    assert!(matches!(&root.content, Content::Filesystem(fs) if matches!(fs.kind, Kind::Ext4(_))));
    let luks = container.luks.as_ref().unwrap();
    assert_eq!((&luks.key, luks.pbkdf), (&Key::File("/base/k".into()), Pbkdf::Argon2id(4, 64 << 10)));
    assert_eq!((root.size, container.size), (Size::Fit, Size::Bytes(64 << 20)));
    assert_eq!(container.content, Content::Empty);
    assert!(matches!(&tree.content, Content::Verity(tree) if tree.of == 0 && tree.salt == [0, 255]));
    assert_eq!(tree.uuid.unwrap().to_string(), "00000000-0000-0000-0000-000000000003");
}

#[test]
fn budgets_have_their_lines() {
    let text =
        format!("{DISK}{}[max-sizes]\ndisk = \"1 KiB\"\n[max-cost]\nto-init = 5\n", partition(1, EXT4));
    let budgets = load::parse(&text, Path::new("r/d.toml")).unwrap().budgets;
    let place = |line: &str| text.lines().position(|one| one == line).unwrap() + 1;
    let disk = &budgets.sizes[&SizeLimit::Disk];
    assert_eq!((disk.value, disk.place.line()), (1024, place("disk = \"1 KiB\"")));
    let cost = &budgets.costs[&CostLimit::ToInit];
    assert_eq!((cost.value, cost.place.to_string()), (5, format!("r/d.toml:{}", place("to-init = 5"))));
}

#[test]
fn partitions_are_named_by_their_root_hash() {
    let verity = "type = \"root-verity\"\nsize = \"fit\"\n\
        verity = { of = \"p1\", uuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d06\", salt = \"\" }";
    let named =
        |text: String| text.replace("uuid = \"00000000-0000-0000-0000-0000000000", "uuid = \"roothash\" #");
    let text = format!("{DISK}{}{}", named(partition(1, EXT4)), named(partition(2, verity)));
    let disk = load::parse(&text, Path::new("d.toml")).unwrap();
    assert!(disk.partitions.iter().all(|partition| partition.uuid.is_none()));
    let error = "uuid = \"roothash\" is for a hash tree and its data";
    let alone =
        load::parse(&format!("{DISK}{}", named(partition(1, EXT4))), Path::new("d.toml")).unwrap_err();
    assert!(alone.to_string().contains(error), "{alone}");
    let two = format!("{text}{}", partition(3, verity));
    let two = load::parse(&two, Path::new("d.toml")).unwrap_err();
    assert!(two.to_string().contains(error), "{two}");
}

#[test]
fn what_is_wrong_is_said() {
    let plain = |lines: &str| partition(1, &format!("type = \"root\"\nsize = \"fit\"\n{lines}"));
    let fs = |lines: &str| plain(&format!("filesystem = {{ {lines} }}"));
    let uuid = "uuid = \"1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d05\"";
    let luks = |lines: &str| plain(&format!("luks = {{ {uuid}, pbkdf = \"pbkdf2\"{lines} }}"));
    let verity =
        |of: &str, salt: &str| plain(&format!("verity = {{ of = \"{of}\", {uuid}, salt = \"{salt}\" }}"));
    for (text, expect) in [
        (String::new(), "missing field `partitions`"),
        ("[[partitions]]\nname = 1".to_owned(), "line 6: "),
        (plain("colour = 1"), "unknown field `colour`"),
        (format!("{}[max-size]\n", partition(1, EXT4)), "unknown field `max-size`"),
        (
            format!("{}[max-sizes]\nroot = 1\n", partition(1, EXT4)),
            "d.toml:12: unknown budget `root`; there are",
        ),
        (partition(1, "type = \"root\"\nsize = \"1.5 GiB\""), "the partition p1: \"1.5 GiB\" is not a size"),
        (partition(1, "type = \"swop\"\nsize = \"fit\""), "unknown type \"swop\"; there are esp, boot"),
        (fs("type = \"ext3\""), "unknown variant `ext3`"),
        (fs("type = \"ext4\""), "its file system needs `uuid`"),
        (fs("type = \"ext4\", uuid = \"1\""), "\"1\" is not a UUID"),
        (fs(&format!("type = \"squashfs\", {uuid}")), "this kind of file system has no `uuid`"),
        (fs("type = \"vfat\", id = \"1234\""), "is not like 4a1f-0b2c"),
        (fs("type = \"vfat\", id = \"1234-5678\", holds = \"root\""), "it cannot hold the root"),
        (fs(&format!("type = \"ext4\", {uuid}, holds = \"uki\"")), "firmware reads vfat only"),
        (
            fs(&format!("type = \"btrfs\", {uuid}, root-subvolume = \"r\"")),
            "\"r\" is not among its subvolumes",
        ),
        (fs(&format!("type = \"btrfs\", {uuid}, subvolumes = [\"a/b\"]")), "\"a/b\" is not the name"),
        (luks(""), "it has `passphrase` or `key-file`"),
        (luks(", passphrase = \"a\", memory = \"1 MiB\""), "pbkdf2 takes no memory"),
        (verity("p9", ""), "there is no partition p9"),
        (verity("p1", "0"), "not an even number"),
        (verity("p1", ""), "a file system without LUKS"),
        (partition(1, EXT4) + &partition(1, EXT4), "two partitions have the name or the uuid of p1"),
    ] {
        let error = load::parse(&format!("{DISK}{text}"), Path::new("d.toml")).unwrap_err().to_string();
        assert!(error.contains(expect), "{text}\n{error}");
    }
}
