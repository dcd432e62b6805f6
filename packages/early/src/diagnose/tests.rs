// SPDX-License-Identifier: MIT OR Apache-2.0
//! Failures, and the message about each.

use super::*;
use crate::devices::tests::{block, locked_laptop};
use crate::plan::{Action, Progress, View, next};
use std::time::Duration;

fn modules(alias: &str) -> String {
    format!("[{alias}]")
}

/// The message when nothing happens any more.
fn check(line: &str, devices: &[Block], undriven: &[&str], expect: &[&str]) {
    let options = Options::new(&crate::cmdline::parse(line));
    let long = Duration::from_secs(1000);
    let Action::Fail(cause) =
        next(&options, &Progress::default(), View { devices, unchanged: long, uptime: long })
    else {
        panic!("{line}: no failure");
    };
    let undriven: Vec<String> = undriven.iter().map(|text| (*text).to_owned()).collect();
    let mut found = vec![headline(&cause, &options)];
    found.extend(hints(&cause, &options, devices, &undriven, &modules));
    assert_eq!(found, expect, "{line}");
}

#[test]
fn no_file_system_is_recognized() {
    let part = Block { part_uuid: "01-02".into(), partition: Some(("vda".into(), 2)), ..block("vda2", "") };
    let headline = |name: &str| {
        format!("the root device, PARTUUID=01-02, is /dev/{name}, on which no file system is recognized")
    };
    let typed = "if its type is known, rootfstype=TYPE mounts it";
    let (line, is_part) = ("root=PARTUUID=01-02", headline("vda2"));
    check(line, &[block("vda", ""), part.clone()], &[], &[&is_part, typed]);
    let failing = Block { fault: Some("Input/output error".into()), ..part };
    check(
        line,
        &[failing],
        &[],
        &["the root device, PARTUUID=01-02, is /dev/vda2, which cannot be read: Input/output error"],
    );
    let whole = "the root device, /dev/vda, is /dev/vda, on which no file system is recognized";
    check(
        "root=/dev/vda",
        &[block("vda", "")],
        &[],
        &[whole, "it may be a whole disk whose partitions are meant", typed],
    );
}

#[test]
fn containers() {
    let devices = locked_laptop();
    let container = "f44121b1-5be9-47d8-a206-72c52309e7dd";
    check(
        &format!("root=UUID={container}"),
        &devices,
        &[],
        &[
            &format!(
                "the root device, UUID={container}, is /dev/vda3, which has no file system but crypto_LUKS"
            ),
            &format!(
                "that is the LUKS container itself, its file system is inside: unlock it by \
                 rd.luks.uuid={container}, and give root= the UUID of the file system"
            ),
        ],
    );
    check(
        "root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f rd.luks.uuid=ffff",
        &devices,
        &[],
        &[
            "the root device, UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f, did not appear",
            "the container of rd.luks.uuid=ffff is not there either",
            &format!(
                "/dev/vda3 is a locked container: if the root is inside, rd.luks.uuid={container} unlocks it"
            ),
        ],
    );
}

#[test]
fn other_names() {
    let mut devices = locked_laptop();
    devices.truncate(3);
    for (line, hint) in [
        ("root=UUID=0000-2", "that is the PARTUUID of /dev/vda2: use root=PARTUUID=0000-2"),
        ("root=PARTUUID=abcd-1234", "that is the UUID of /dev/vda1: use root=UUID=abcd-1234"),
        (
            "root=LABEL=\"EFI System\"",
            "that is the PARTLABEL of /dev/vda1: use root=PARTLABEL=EFI\\x20System",
        ),
        ("root=PARTLABEL=boot", "that is the LABEL of /dev/vda2: use root=LABEL=boot"),
        ("root=LABEL=Boots", "/dev/vda2 is similar: it has LABEL=boot"),
        ("root=UUID=ABCD-1243", "/dev/vda1 is similar: it has UUID=ABCD-1234"),
        (
            "root=/dev/sda2",
            "names of disks change with the driver and the order of the devices: use root=UUID=…",
        ),
    ] {
        let options = Options::new(&crate::cmdline::parse(line));
        assert_eq!(hints(&Cause::Missing, &options, &devices, &[], &modules), [hint], "{line}");
    }
    let options = Options::new(&crate::cmdline::parse("root=UUID=99999999"));
    assert_eq!(hints(&Cause::Missing, &options, &devices, &[], &modules), [""; 0]);
}

#[test]
fn no_devices() {
    let head = "the root device, UUID=1, did not appear";
    check("root=UUID=1", &[], &[], &[head, "there is no block device at all"]);
    check(
        "root=UUID=1",
        &[],
        &["the NVMe controller at PCI 0000:00:04.0 has no driver: its module is not in the initramfs"],
        &[head, "the NVMe controller at PCI 0000:00:04.0 has no driver: its module is not in the initramfs"],
    );
    check(
        "root=UUID=1",
        &[block("sda1", "LVM2_member"), block("sda2", "linux_raid_member")],
        &[],
        &[
            head,
            "/dev/sda1 belongs to a volume group of LVM: if the root is in it, it cannot be found, as LVM is not supported",
            "/dev/sda2 belongs to an array of md: if the root is in it, it cannot be found, as md is not supported",
        ],
    );
}

#[test]
fn dm_verity() {
    let hash = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    let mut devices = vec![block("vda2", "erofs"), block("vda3", "DM_verity_hash")];
    devices[1].part_uuid = "01234567-89ab-cdef-0123-456789abcdef".into();
    check(
        &format!("roothash={hash}"),
        &devices,
        &[],
        &[
            "the device with the data of roothash=, PARTUUID=00112233-4455-6677-8899-aabbccddeeff, did not appear",
            "this PARTUUID is the first 128 bits of roothash=: that is of another image, or systemd.verity_root_data= is needed",
        ],
    );
    check(
        &format!("roothash={hash} systemd.verity_root_data=/dev/vda2 systemd.verity_root_hash=LABEL=x"),
        &devices,
        &[],
        &["the device with the hash tree of roothash=, LABEL=x, did not appear"],
    );
    check(
        "root=/dev/mapper/root",
        &devices,
        &[],
        &[
            "the root device, /dev/mapper/root, did not appear",
            "/dev/vda3 is a hash tree of dm-verity: if the root is protected by it, roothash= is missing",
        ],
    );
    let volume = Block { node: NODE.into(), ..block("dm-0", "erofs") };
    devices[0].part_uuid = "00112233-4455-6677-8899-aabbccddeeff".into();
    devices.push(volume);
    check(
        &format!("roothash={hash} root=/dev/vda2"),
        &devices,
        &[],
        &[
            "the root device, /dev/vda2, is /dev/vda2, which has the data of dm-verity without its protection",
            "leave root= out, or use root=/dev/mapper/root",
        ],
    );
    let options = Options::new(&crate::cmdline::parse(&format!("roothash={hash}")));
    let cause = Cause::Mount(NODE.into(), "erofs".into(), Errno::IO, "Input/output error".into());
    assert_eq!(
        hints(&cause, &options, &devices, &[], &modules),
        ["dm-verity refuses a block that does not match: the kernel's log has its number"]
    );
    let cause = Cause::Unprotected("/dev/vda2".into(), "read /dev/vda3: Input/output error".into());
    assert_eq!(
        headline(&cause, &options),
        "dm-verity cannot protect /dev/vda2: read /dev/vda3: Input/output error"
    );
}

#[test]
fn mounts() {
    for (kind, error, flags, expect) in [
        ("btrfs", Errno::NODEV, "", "the kernel has no btrfs: [fs-btrfs]"),
        ("btrfs", Errno::NOENT, "noatime,subvol=x", "there is no such subvolume: rootflags=subvol=x"),
        (
            "ext4",
            Errno::INVAL,
            "subvol=x",
            "an option of rootflags=subvol=x is not one of ext4, or the superblock is damaged",
        ),
        ("ext4", Errno::UCLEAN, "", "the superblock is damaged, or the type is another one"),
        ("ext4", Errno::ROFS, "", "the device is read-only: boot with ro"),
    ] {
        assert_eq!(mount(kind, error, flags, &modules), [expect]);
    }
    assert_eq!(mount("ext4", Errno::IO, "", &modules), [""; 0]);
}

#[test]
fn distances() {
    for (a, b, expect) in [("", "", 0), ("", "ab", 2), ("abc", "abd", 1), ("abc", "ab", 1), ("ab", "ba", 2)] {
        assert_eq!(distance(a, b), expect, "{a} {b}");
    }
}
