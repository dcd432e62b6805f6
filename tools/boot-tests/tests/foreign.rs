// SPDX-License-Identifier: MIT OR Apache-2.0
//! qos with Debian: qos's kernel and early userspace boot Debian's root, with systemd, to its login prompt; Debian's kernel boots qos.

use qos_boot_tests::built::{bytes_of, folder_of, text_of};
use qos_boot_tests::{Boot, Console, Environment, Initramfs, boot, boot_from};
use std::time::Duration;

/// `QOS_DEBIAN_BOOT`: `vmlinuz`, `kernel.release`, and the initramfs images `initrd-*`.
const DEBIAN_BOOT: &str = "QOS_DEBIAN_BOOT";

fn of_disk(variable: &str) -> Boot {
    let environment = Environment::of_disk(variable);
    let disk = environment.image.join("disk.raw");
    boot().environment(environment).system_disk(&disk).memory_mib(1024)
}

/// Waits for the root's type and for the prompt, both of which are on the console in any case. No unit has failed before that.
#[track_caller]
fn reaches_its_login_prompt(console: Console, root: &str) {
    let console = console.expect(&format!(" ({root}, read-")).expect("early: run /sbin/init");
    let console = console.expect("Welcome to").expect("debian login:");
    let failed: Vec<String> =
        console.lines().into_iter().filter(|line| line.contains("Failed to start")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    console.quit().expect_verdict("quit");
}

#[test]
fn debian_on_ext4() {
    reaches_its_login_prompt(of_disk("QOS_DISK_DEBIAN").console(), "ext4");
}

#[test]
fn debian_on_btrfs_in_luks() {
    let console = of_disk("QOS_DISK_DEBIAN_LAPTOP").console();
    let console = console.expect("Passphrase for /dev/vda1").send("qos\n");
    reaches_its_login_prompt(console, "btrfs");
}

/// On Debian's kernel, which is large, and is decompressed by an emulated CPU.
#[track_caller]
fn on_debian(boot: Boot) -> Boot {
    boot.kernel(folder_of(DEBIAN_BOOT).join("vmlinuz")).memory_mib(1024).timeout(Duration::from_secs(900))
}

/// The disk `disk` boots on Debian's kernel with this initramfs, which loads Debian's module for virtio disks. The verdict is sent
/// through the I/O port, because the disk has no module for this kernel.
#[track_caller]
fn the_disk_boots_with(initramfs: &str) {
    let initramfs = Initramfs::of_bytes(&bytes_of(DEBIAN_BOOT, initramfs));
    let ended = on_debian(boot_from("QOS_DISK").initramfs(initramfs))
        .stdin("uname -r; grep ' / ' /proc/mounts\n")
        .run()
        .expect_status(0);
    let release = text_of(DEBIAN_BOOT, "kernel.release");
    assert!(release.ends_with("+deb13-cloud-amd64\n"), "{release}");
    ended.stdout_has(&format!("{release}/dev/vda2 / ext4 r"));
}

#[test]
fn the_disk_on_debian_with_the_generic_initramfs() {
    the_disk_boots_with("initrd-qos");
}

#[test]
fn the_disk_on_debian_with_initramfs_tools() {
    the_disk_boots_with("initrd-initramfs-tools");
}

#[test]
fn the_disk_on_debian_with_dracut() {
    the_disk_boots_with("initrd-dracut");
}

/// The image has no module for Debian's kernel, so no device for the verdict: it is sent through the I/O port, which this kernel allows
/// (`the_verdict_without_the_module_needs_ioperm` in `image.rs` boots one that does not).
#[test]
fn the_image_on_debian_sends_its_verdict_through_the_port() {
    let prompt = || on_debian(boot()).console().expect("qos# ");
    prompt().send("exit 3\r").end().expect_status(3);
    let release = text_of(DEBIAN_BOOT, "kernel.release");
    prompt()
        .send("uname -r\r")
        .expect(&format!("\n{}", release.trim()))
        .send("exit\r")
        .end()
        .expect_status(0);
}
