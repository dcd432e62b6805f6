// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boots from the disks of qos.toml: early userspace finds the root, unlocks it, and starts its init.

use qos_boot_tests::budget::Budgeted;
use qos_boot_tests::{Boot, Console, DiskImage, Environment, Initramfs, boot, boot_from, golden};

fn plain() -> Boot {
    boot_from("QOS_DISK")
}

fn laptop() -> Boot {
    boot_from("QOS_DISK_LAPTOP")
}

/// An initramfs with the laptop's passphrase as a file.
fn key() -> Initramfs {
    Initramfs::new().file("/etc/luks.key", 0o400, "qos")
}

const MOUNTS: [&str; 3] = [
    "sh",
    "-c",
    "while read -r device on type options rest; do [ \"$on\" = / ] && root=\"$type ${options%%,*}\"; done </proc/mounts; echo $root",
];

#[test]
fn every_form_of_root_finds_the_disk() {
    for form in [
        "/dev/vda2",
        "UUID=1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d04",
        "LABEL=qos",
        "PARTUUID=1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d03",
        "PARTUUID=1F0C1A6C-6A5E-4B0E-9D3C-2F6A4B1C7D02/PARTNROFF=1",
        "PARTLABEL=root",
        "/dev/disk/by-uuid/1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d04",
        "/dev/disk/by-label/qos",
        "/dev/disk/by-partuuid/1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d03",
        "/dev/disk/by-partlabel/root",
        "/dev/disk/by-path/virtio-pci-0000:00:05.0-part2",
        "/dev/disk/by-id/virtio-disk0-part2",
        "ID=virtio-disk0-part2",
        "254:2",
        "fe02",
    ] {
        let ended = plain().append(&format!("root={form}")).command(MOUNTS).run();
        ended
            .console_has("early: the root is /dev/vda2 (ext4, read-write)")
            .expect_status(0)
            .stdout_is("ext4 rw\n");
    }
}

#[test]
fn ro_and_init() {
    plain().append("ro").command(MOUNTS).run().expect_status(0).stdout_is("ext4 ro\n");
    let ended = plain().append("init=/bin/init").command(["true"]).run();
    ended.console_has("early: run /bin/init").expect_status(0);
}

#[test]
fn the_laptop_is_unlocked_by_its_passphrase() {
    let console = laptop().console();
    let console = console.expect("Passphrase for /dev/vda3").send("wrong\n");
    let console = console.expect("Wrong passphrase, 2 more tries.").send("qos\n");
    let console = console.expect("# ").send("cat /proc/cmdline\n").expect("rd.luks.uuid=luks-f44121b1");
    let console = console
        .send("while read -r l; do case $l in *' / btrfs '*) echo \"[$l]\";; esac; done </proc/mounts\n");
    console.expect("subvol=/root").send("exit 0\n").end().expect_status(0);
}

#[test]
fn the_laptop_is_unlocked_by_a_key_file() {
    let ended = laptop().overlay(key()).append("rd.luks.key=/etc/luks.key").command(MOUNTS).run();
    ended.expect_status(0).stdout_is("btrfs ro\n");
}

/// The laptop with a display and a keyboard, when its boot screen asks for the passphrase.
fn boot_screen() -> Console {
    laptop().device("VGA").console().expect("Passphrase for /dev/vda3")
}

fn type_keys(console: Console, keys: &[&str]) -> Console {
    keys.iter().fold(console, |console, key| console.monitor(&format!("sendkey {key}")))
}

#[test]
fn the_boot_screen_takes_the_passphrase() {
    let console = type_keys(boot_screen(), &["q", "p", "backspace", "o", "s", "ret"]).expect("# ");
    // The screen is clean for what comes next.
    let console = console.send("grep -q Linux /dev/vcs1 || echo cle''an\n").expect("clean");
    console.send("exit 0\n").end().expect_status(0);
}

#[test]
fn escape_shows_the_log_in_place_of_the_boot_screen() {
    // The key and the line arrive in any order, so Escape gets the time of a wrong passphrase.
    let console = type_keys(boot_screen(), &["esc"]).send("wrong\n").expect("2 more tries");
    let console = console.send("qos\n").expect("# ");
    let console = console.send("grep -q 'early: ' /dev/vcs1 && echo lo''g\n").expect("log");
    console.send("exit 0\n").end().expect_status(0);
}

#[test]
fn the_container_is_not_the_root() {
    let console = laptop().append("root=UUID=f44121b1-5be9-47d8-a206-72c52309e7dd rd.luks=0").console();
    console
        .expect("that is the LUKS container itself, its file system is inside")
        .quit()
        .expect_verdict("quit");
}

#[test]
fn a_root_that_is_not_there() {
    let console = plain().append("root=LABEL=nothing rootwait=1 resume=/dev/vda2").console();
    let console = console.expect("early: resume=").expect("the root device, LABEL=nothing, did not appear");
    let console = console.expect("PARTUUID\r").expect("/dev/vda2").expect("ext4  qos");
    let console = console.expect("1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d04").expect("a shell to look into it");
    let console = console.send("mount -o ro /dev/vda2 /mnt; ls /mnt/sbin/in''it\n").expect("/mnt/sbin/init");
    console.send("exit\n").expect("LABEL=nothing, did not appear").quit().expect_verdict("quit");
}

/// `rd.luks.uuid=` without `luks-`, a passphrase stretched by PBKDF2, a root on squashfs, and the disk as a qcow2 image.
#[test]
fn squashfs_in_a_container_with_pbkdf2_on_a_qcow2_image() {
    let environment = Environment::of_disk("QOS_DISK_SQUASHFS");
    let disk = environment.image.join("disk.qcow2");
    let console = boot().environment(environment).system_disk(&disk).append("console=ttyS0").console();
    let console = console.expect("Passphrase for /dev/vda2").send("qos\n");
    let console = console.expect(
        "early: the root is /dev/mapper/luks-7c0e5a19-84d3-4b6f-a2e7-59f1c8d04b04 (squashfs, read-only",
    );
    let console = console.expect("# ").send("grep ' / ' /proc/mounts\n").expect(" / squashfs ro");
    console.send("exit 0\n").end().expect_status(0);
}

fn verity() -> Boot {
    boot_from("QOS_DISK_VERITY")
}

#[test]
fn a_root_hash_is_enough_to_find_a_protected_root() {
    let ended = verity().command(MOUNTS).run().expect_status(0).stdout_is("erofs ro\n");
    ended
        .console_has("early: dm-verity protects /dev/mapper/root: data on /dev/vda2, hash tree on /dev/vda3")
        .console_has("early: the root is /dev/mapper/root (erofs, read-only)");
}

#[test]
fn the_devices_of_dm_verity_by_their_parameters() {
    let devices = "systemd.verity_root_data=UUID=b3a9c4f2-71d6-4e0a-9c58-2d7e1f60a803 \
         systemd.verity_root_hash=UUID=b3a9c4f2-71d6-4e0a-9c58-2d7e1f60a804 \
         systemd.verity_root_options=check-at-most-once,fec-roots=2 root=/dev/mapper/root";
    let script = "cat /sys/block/dm-0/dm/uuid; grep ' / ' /proc/mounts\n";
    let ended = verity().append(devices).stdin(script).run().expect_status(0);
    ended
        .console_has("early: systemd.verity_root_options=fec-roots=2: ignored")
        .stdout_has("CRYPT-VERITY-b3a9c4f271d64e0a9c582d7e1f60a804-root\n/dev/mapper/root / erofs ro");
}

/// The root hash is of no partition, and then not of the given ones.
#[test]
fn another_root_hash() {
    let wrong =
        |words: &str| verity().append(&format!("roothash={} rootwait=1 {words}", "5a".repeat(32))).console();
    let console = wrong("").expect("the device with the data of roothash=, PARTUUID=5a5a5a5a-5a5a-");
    let console = console.expect("this PARTUUID is the first 128 bits of roothash=").expect("/dev/vda3");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
    let console = wrong("systemd.verity_root_data=PARTLABEL=root systemd.verity_root_hash=/dev/vda3");
    let console = console.expect("dm-verity cannot protect /dev/vda2: roothash= does not match /dev/vda3");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
}

#[test]
fn the_data_of_dm_verity_is_not_mounted_behind_its_back() {
    let console = verity().append("root=PARTLABEL=root").console();
    let console = console.expect("is /dev/vda2, which has the data of dm-verity without its protection");
    console.expect("use root=/dev/mapper/root").quit().expect_verdict("quit");
}

/// The disk with one bit changed, in the only place that has `bytes`.
fn damaged(bytes: &[u8]) -> DiskImage {
    let mut disk = std::fs::read(Environment::of_disk("QOS_DISK_VERITY").image.join("disk.raw")).unwrap();
    // The root comes after the ESP.
    let root = 49 << 20;
    let places: Vec<usize> =
        disk[root..].windows(bytes.len()).enumerate().filter(|it| it.1 == bytes).map(|it| it.0).collect();
    assert_eq!(places.len(), 1, "{:?}", String::from_utf8_lossy(bytes));
    disk[root + places[0]] ^= 1;
    DiskImage::new(0, &disk)
}

/// A boot from [`damaged`].
fn damaged_boot(disk: &DiskImage) -> Boot {
    boot().environment(Environment::of_disk("QOS_DISK_VERITY")).disk(disk).append("console=ttyS0")
}

/// In the description of a module that no device asks for.
const IN_A_FILE: &[u8] = b"description=exFAT filesystem support";

#[test]
fn a_changed_file_cannot_be_read() {
    let script = "cd /lib/modules/*/kernel/fs; cat exfat/exfat.ko >/dev/null; echo $?; cat xfs/xfs.ko >/dev/null; echo $?\n";
    let ended = damaged_boot(&damaged(IN_A_FILE)).stdin(script).run().expect_status(0).stdout_is("1\n0\n");
    ended.stderr_has("exfat.ko: Input/output error").console_has("is corrupted");
}

#[test]
fn panic_on_corruption() {
    let boot = damaged_boot(&damaged(IN_A_FILE)).append("systemd.verity_root_options=panic-on-corruption");
    let ended = boot.stdin("cat /lib/modules/*/kernel/fs/exfat/exfat.ko >/dev/null\n").run();
    ended.expect_verdict("kernel-panic").console_has("dm-verity device corrupted");
}

#[test]
fn restart_on_corruption() {
    let disk = damaged(IN_A_FILE);
    let boot = damaged_boot(&disk).append("systemd.verity_root_options=restart-on-corruption");
    let ended = boot.stdin("cat /lib/modules/*/kernel/fs/exfat/exfat.ko >/dev/null\n").run();
    ended.expect_verdict("reset").console_has("dm-verity device corrupted");
}

#[test]
fn a_changed_superblock() {
    // The UUID of the file system, which is in its first block.
    let uuid = b"\xb3\xa9\xc4\xf2\x71\xd6\x4e\x0a\x9c\x58\x2d\x7e\x1f\x60\xa8\x03";
    let console = damaged_boot(&damaged(uuid)).console();
    let console = console.expect("dm-verity cannot protect /dev/vda2: the first block cannot be read: ");
    let console = console.expect("the data on /dev/vda2 or the hash tree on /dev/vda3 is damaged");
    console.expect("/dev/vda3").expect("a shell to look into it").quit().expect_verdict("quit");
}

/// An NVDIMM is read and written by instructions, so the time stamps are the same too.
#[test]
fn a_golden_boot_from_a_disk_is_the_reviewed_one() {
    let script = "echo hello >/root/file; sync; cat /root/file; echo $?\n";
    let log = golden_boots("/dev/pmem0p2 (ext4, read-write)", || plain().golden().script(script));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("disk-timeline", golden::disk_timeline(&log));
    });
}

/// Without a snapshot: each build of this disk has other random numbers.
#[test]
fn a_golden_boot_of_the_laptop_is_the_same_bytes_each_time() {
    let root = "/dev/mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd (btrfs, read-only, subvol=root)";
    let log = golden_boots(root, || {
        // The article's line has `quiet`; the last log level counts.
        let boot = laptop().overlay(key()).append("rd.luks.key=/etc/luks.key loglevel=7");
        boot.golden().script("echo hello\n")
    });
    println!("{}", golden::disk_timeline(&log));
}

fn budgeted() -> Budgeted {
    Budgeted::disk("rootfs/disks/disk.toml", "QOS_DISK")
}

#[test]
fn the_cost_of_the_disk_is_within_its_budget() {
    budgeted().check_cost();
}

#[test]
fn the_memory_of_the_disk_is_within_its_budget() {
    budgeted().check_memory();
}

/// The log of two golden boots that have to be the same.
#[track_caller]
fn golden_boots(root: &str, boot: impl Fn() -> Boot) -> Vec<u8> {
    let run = || {
        let ended = boot().run().console_has(&format!("early: the root is {root}")).expect_status(0);
        ended.outcome.console.raw().to_vec()
    };
    let first = run();
    assert!(first == run(), "two golden boots from a disk differ");
    first
}
