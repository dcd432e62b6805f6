// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boots from disks that fail: sectors that cannot be read, a damaged file system, a disk that is full or cannot be written.

use qos_boot_tests::{Boot, DiskImage, Environment, boot};

/// Where the root file system begins on the disk `disk`, in bytes: behind the ESP.
const ROOT: usize = 49 << 20;
/// The superblock of ext4 in its file system, in bytes.
const SUPERBLOCK: usize = 1024;
const SECTOR: usize = 512;

fn environment() -> Environment {
    Environment::of_disk("QOS_DISK")
}

fn bytes() -> Vec<u8> {
    std::fs::read(environment().image.join("disk.raw")).unwrap()
}

/// A boot of the disk's files; the disk is still to be added.
fn plain() -> Boot {
    boot().environment(environment()).append("console=ttyS0")
}

#[test]
fn a_file_with_a_bad_sector() {
    let disk = bytes();
    let in_a_file = b"description=exFAT filesystem support";
    let place = disk[ROOT..].windows(in_a_file.len()).position(|window| window == in_a_file).unwrap();
    let boot = plain().disk_with_bad_sector(&DiskImage::new(0, &disk), ((ROOT + place) / SECTOR) as u64);
    let script = "cd /lib/modules/*/kernel/fs; cat exfat/exfat.ko >/dev/null; echo $?; cat xfs/xfs.ko >/dev/null; echo $?\n";
    let ended = boot.stdin(script).run().expect_status(0).stdout_is("1\n0\n");
    ended.stderr_has("exfat.ko: Input/output error").console_has("I/O error, dev vda, sector");
}

#[test]
fn a_superblock_in_a_bad_sector() {
    let disk = DiskImage::new(0, &bytes());
    let console = plain().disk_with_bad_sector(&disk, ((ROOT + SUPERBLOCK) / SECTOR) as u64).console();
    let console = console.expect("is /dev/vda2, which cannot be read: Input/output error");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
}

#[test]
fn a_broken_superblock() {
    let mut disk = bytes();
    disk[ROOT + SUPERBLOCK..][..1024].fill(0);
    let console = plain().disk(&DiskImage::new(0, &disk)).console();
    let console = console.expect("is /dev/vda2, on which no file system is recognized");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
}

#[test]
fn a_disk_that_cannot_be_written() {
    let disk = DiskImage::new(0, &bytes());
    let console = plain().read_only_disk(&disk).console();
    let console =
        console.expect("mounting /dev/vda2 as ext4 failed").expect("the device is read-only: boot with ro");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
    plain()
        .append("ro")
        .read_only_disk(&disk)
        .stdin("echo >/file\n")
        .run()
        .expect_status(2)
        .stderr_has("Read-only");
}

#[test]
fn a_full_disk() {
    let disk = DiskImage::new(0, &bytes());
    let fill = "dd if=/dev/zero of=/root/fill bs=4k 2>/dev/null; sync; cat /bin/qos >/root/more; echo $?\n";
    let ended = plain().disk(&disk).stdin(fill).run().expect_status(0).stdout_is("1\n");
    ended.stderr_has("No space left on device");
    let remove = "rm /root/fill /root/more; echo x >/root/more; echo $?\n";
    plain().disk(&disk).stdin(remove).run().expect_status(0).stdout_is("0\n");
}

#[test]
fn uefi_boots_the_unified_kernel_image() {
    let disk = environment().image.join("disk.raw");
    let script = "cat /proc/cmdline; ls -d /sys/firmware/efi\n";
    let ended = plain().uefi().append("hello=uefi").system_disk(&disk).stdin(script).run().expect_status(0);
    ended
        .stdout_has("root=PARTUUID=1f0c1a6c-6a5e-4b0e-9d3c-2f6a4b1c7d03 rw")
        .stdout_has("hello=uefi")
        .stdout_has("/sys/firmware/efi\n");
}
