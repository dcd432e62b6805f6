// SPDX-License-Identifier: MIT OR Apache-2.0
//! The check of the root file system before it is mounted, by the e2fsck of the toolchain in the initramfs, with a real disk.

use qos_boot_tests::{Boot, DiskImage, Environment, Initramfs, boot, boot_from};
use std::path::Path;
use std::process::Command;

/// Where the toolchain has its libraries, and the initramfs too.
const LIBRARIES: &str = "/lib/x86_64-linux-gnu";

/// e2fsck with its libraries, as an initramfs behind the disk's.
fn checker() -> Initramfs {
    let with = |made: Initramfs, path: &str| made.program(path, Path::new(path));
    let loader = with(
        Initramfs::new().program("/bin/fsck.ext4", Path::new("/usr/sbin/e2fsck")),
        "/lib64/ld-linux-x86-64.so.2",
    );
    let libraries =
        ["libext2fs.so.2", "libcom_err.so.2", "libblkid.so.1", "libuuid.so.1", "libe2p.so.2", "libc.so.6"];
    libraries.iter().fold(loader, |made, name| with(made, &format!("{LIBRARIES}/{name}")))
}

/// The disk with a file that no directory has: e2fsck does not repair that without a question, and looks for it only if it has to.
fn with_a_lost_file() -> DiskImage {
    let disk = DiskImage::copy_of(&Environment::of_disk("QOS_DISK").image.join("disk.raw"));
    let partition = format!("{}?offset={}", disk.path().display(), 49 << 20);
    let debugfs = Command::new("debugfs").args(["-w", "-R", "unlink /etc/shells", &partition]).output();
    let output = debugfs.unwrap_or_else(|error| panic!("debugfs: {error}"));
    assert!(output.status.success(), "{output:?}");
    disk
}

fn lost(disk: &DiskImage, parameters: &str) -> Boot {
    let boot = boot().environment(Environment::of_disk("QOS_DISK")).disk(disk);
    boot.append("console=ttyS0").append(parameters).overlay(checker())
}

#[test]
fn a_clean_root() {
    let plain = |parameters: &str| {
        boot_from("QOS_DISK").append(parameters).overlay(checker()).command(["true"]).run().expect_status(0)
    };
    let of_itself = plain("").console_has("early: /sbin/fsck.ext4 -a /dev/vda2");
    of_itself.console_has("qos: clean, ").console_has("early: the root is /dev/vda2 (ext4, ");
    let forced = plain("fsck.mode=force").console_has("early: /sbin/fsck.ext4 -a -f /dev/vda2");
    // What a check of the whole file system counts.
    forced.console_has("non-contiguous), ").console_has_not("qos: clean, ");
    plain("fsck.mode=skip").console_has("early: the root is").console_has_not("fsck.ext4");
}

#[test]
fn a_root_that_a_person_has_to_repair() {
    let disk = with_a_lost_file();
    let console = lost(&disk, "fsck.mode=force").console();
    let console = console.expect("RUN fsck MANUALLY").expect(
        "the root file system on /dev/vda2 is not clean: /sbin/fsck.ext4 -a -f /dev/vda2 found errors that it does not repair",
    );
    console.expect("a shell to look into it").quit().expect_verdict("quit");
    let console = lost(&disk, "fsck.mode=force fsck.repair=no").console();
    let console = console.expect("early: /sbin/fsck.ext4 -n -f /dev/vda2").expect("is not clean: ");
    console.expect("a shell to look into it").quit().expect_verdict("quit");
    let script = "ls /lost+found | wc -l; [ -e /etc/shells ] || echo unlinked\n";
    let ended = lost(&disk, "fsck.mode=force fsck.repair=yes").stdin(script).run().expect_status(0);
    let ended = ended.console_has("early: /sbin/fsck.ext4 -y -f /dev/vda2");
    ended.console_has("FILE SYSTEM WAS MODIFIED").stdout_is("1\nunlinked\n");
}
