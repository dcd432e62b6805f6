// SPDX-License-Identifier: MIT OR Apache-2.0
//! Command lines and devices, and the steps that follow.

use super::*;
use crate::devices::tests::{block, laptop, locked_laptop};

const ARTICLE: &str = "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.6.8-200.fc39.x86_64 root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f ro \
     rootflags=subvol=root rd.luks.uuid=luks-f44121b1-5be9-47d8-a206-72c52309e7dd rhgb quiet";
const VOLUME: &str = "luks-f44121b1-5be9-47d8-a206-72c52309e7dd";

/// One step at a time in seconds since the last change of the devices and since the boot.
fn check_at(line: &str, devices: &[Block], unchanged: u64, uptime: u64, expect: &str) {
    let options = Options::new(&crate::cmdline::parse(line));
    let (unchanged, uptime) = (Duration::from_secs(unchanged), Duration::from_secs(uptime));
    let view = View { devices, unchanged, uptime };
    assert_eq!(next(&options, &Progress::default(), view).to_string(), expect, "{line}");
}

fn check(line: &str, devices: &[Block], expect: &str) {
    check_at(line, devices, 0, 0, expect);
}

/// All steps, if each succeeds: an unlocked container exists at once.
fn run(line: &str, steps: &[&str]) {
    let options = Options::new(&crate::cmdline::parse(line));
    let mut progress = Progress::default();
    let (mut devices, mut found) = (locked_laptop(), Vec::new());
    for _ in 0..10 {
        let view = View { devices: &devices, unchanged: Duration::ZERO, uptime: Duration::ZERO };
        let action = next(&options, &progress, view);
        found.push(action.to_string());
        match action {
            Action::Stop(stop) => progress.stops.push(stop),
            Action::Unlock { name, .. } => {
                let mut all = laptop();
                all[4].node = format!("/dev/mapper/{name}");
                devices = all;
            }
            Action::Check(..) => progress.checked = true,
            Action::Mount(..) => progress.mounted = true,
            _ => break,
        }
    }
    assert_eq!(found, steps, "{line}");
}

#[test]
fn the_laptop_of_the_article() {
    run(ARTICLE, &[&format!("unlock vda3 as {VOLUME}"), "check dm-0 btrfs", "mount dm-0 btrfs", "switch"]);
}

#[test]
fn whole_boots() {
    run("root=/dev/vda2 rw", &["check vda2 ext4", "mount vda2 ext4", "switch"]);
    run("root=PARTUUID=0000-2 rootfstype=ext2,ext3", &["check vda2 ext2", "mount vda2 ext2,ext3", "switch"]);
    run(
        &format!("{ARTICLE} rd.luks.name=f44121b1=root root=/dev/mapper/root"),
        &["unlock vda3 as root", "check dm-0 btrfs", "mount dm-0 btrfs", "switch"],
    );
    run(
        "root=/dev/mapper/root rd.luks.name=f44121b1=root",
        &["unlock vda3 as root", "check dm-0 btrfs", "mount dm-0 btrfs", "switch"],
    );
    run(
        "root=/dev/vda2 rd.break=pre-mount rd.break=mount rd.break",
        &["stop PreMount", "check vda2 ext4", "mount vda2 ext4", "stop Mount", "stop Switch", "switch"],
    );
    // A container that is not there holds up nothing.
    run("root=/dev/vda2 rd.luks.uuid=aa", &["check vda2 ext4", "mount vda2 ext4", "switch"]);
}

#[test]
fn waiting() {
    let none: &[Block] = &[];
    check("root=/dev/vda9", none, "wait 30");
    check_at("root=/dev/vda9", none, 29, 40, "wait 1");
    check_at("root=/dev/vda9", none, 30, 40, "fail Missing");
    check("root=/dev/vda9 rootwait", none, "wait");
    check_at("root=/dev/vda9 rootwait", none, 4000, 4000, "wait");
    check_at("root=/dev/vda9 rootwait=60", none, 59, 59, "wait 1");
    check_at("root=/dev/vda9 rootwait=60", none, 60, 60, "fail Missing");
    check_at("root=/dev/vda9 rootdelay=60", none, 30, 30, "wait 30");
    check_at("root=/dev/vda9 rootdelay=5", none, 20, 30, "wait 10");
    check_at("root=/dev/vda2 rootdelay=5", &laptop(), 2, 2, "wait 3");
    check_at("root=/dev/vda2 rootdelay=5", &laptop(), 2, 5, "check vda2 ext4");
}

/// The halves of the root hash, as the laptop's partitions 1 and 2 have them.
const ROOT_HASH: &str = "roothash=00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

/// A disk with data and hash tree, before and with the volume.
fn protected_disk(with_volume: bool) -> Vec<Block> {
    let mut devices = vec![
        block("vda", ""),
        block("vda1", "vfat"),
        block("vda2", "erofs"),
        block("vda3", "DM_verity_hash"),
    ];
    devices[2].part_uuid = "00112233-4455-6677-8899-aabbccddeeff".into();
    devices[2].uuid = "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f".into();
    devices[3].part_uuid = "01234567-89AB-CDEF-0123-456789ABCDEF".into();
    devices[3].usage = "crypto".into();
    for (number, device) in (1..).zip(&mut devices[1..]) {
        device.partition = Some(("vda".into(), number));
    }
    if with_volume {
        let volume = Block { node: NODE.into(), uuid: devices[2].uuid.clone(), ..block("dm-0", "erofs") };
        devices.insert(0, volume);
    }
    devices
}

#[test]
fn a_protected_root() {
    let before =
        |more: &str, expect: &str| check(&format!("{ROOT_HASH} {more}"), &protected_disk(false), expect);
    let after =
        |more: &str, expect: &str| check(&format!("{ROOT_HASH} {more}"), &protected_disk(true), expect);
    before("", "protect vda2 by vda3");
    before("root=/dev/vda1", "protect vda2 by vda3");
    before("systemd.verity_root_data=/dev/vda systemd.verity_root_hash=/dev/vda1", "protect vda by vda1");
    before("systemd.verity_root_hash=/dev/vdb1", "wait 30");
    before("root=/dev/vda2 systemd.verity=no", "check vda2 erofs");
    before("rd.break=pre-mount", "stop PreMount");
    after("", "check dm-0 erofs");
    after("root=/dev/mapper/root", "check dm-0 erofs");
    // The data has this UUID too.
    after("root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f", "check dm-0 erofs");
    after("root=/dev/vda1", "check vda1 vfat");
    for root in ["/dev/vda2", "PARTUUID=00112233-4455-6677-8899-aabbccddeeff"] {
        after(&format!("root={root}"), "fail Bypass(\"/dev/vda2\")");
    }
    let by_uuid = "systemd.verity_root_data=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f";
    after(by_uuid, "check dm-0 erofs");
    after(&format!("root=/dev/vda2 {by_uuid}"), "fail Bypass(\"/dev/vda2\")");
    let next_one = "systemd.verity_root_data=PARTUUID=01234567-89ab-cdef-0123-456789abcdef/PARTNROFF=-1";
    after(&format!("root=/dev/vda2 {next_one}"), "fail Bypass(\"/dev/vda2\")");
    after(&format!("root=/dev/vda3 rootfstype=erofs {next_one}"), "check vda3 erofs");
    let mut last = protected_disk(true);
    last.rotate_left(1);
    let copy = Block { uuid: last[2].uuid.clone(), ..block("sda1", "ext4") };
    last.insert(0, copy);
    check(&format!("{ROOT_HASH} root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f"), &last, "check dm-0 erofs");
    check(
        "roothash=1",
        &protected_disk(false),
        "fail BadRoot(\"roothash=1: not an even number of hexadecimal digits\")",
    );
    // A container with the data in it is opened first.
    let line = format!("{ROOT_HASH} systemd.verity_root_data=/dev/mapper/data rd.luks.name=f44121b1=data");
    check(&line, &locked_laptop(), "unlock vda3 as data");
}

#[test]
fn failures() {
    let mut devices = laptop();
    check("quiet", &devices, "fail NoRoot");
    check(
        "root=x rd.break=pre-mount",
        &devices,
        "fail BadRoot(\"root=x: not a block device; use UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a path in /dev\")",
    );
    check(
        "root=UUID=f44121b1-5be9-47d8-a206-72c52309e7dd",
        &devices,
        "fail NoFileSystem(\"/dev/vda3\", \"crypto_LUKS\", \"crypto\")",
    );
    check("root=/dev/vda", &devices, "fail NoFileSystem(\"/dev/vda\", \"\", \"\")");
    check("root=/dev/vda rootfstype=xfs", &devices, "check vda xfs");
    devices.push(block("vdb", "swsuspend"));
    check("root=/dev/vda2 resume=/dev/vdb", &devices, "fail Hibernated(\"/dev/vdb\")");
    check("root=/dev/vda2 resume=/dev/vdb noresume", &devices, "check vda2 ext4");
    check("root=/dev/vda2", &devices, "check vda2 ext4");
}
