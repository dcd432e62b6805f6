// SPDX-License-Identifier: MIT OR Apache-2.0
//! qos's kernel and early userspace boot Debian's root, with systemd, to its login prompt.

use qos_boot_tests::{Boot, Console, Environment, boot};

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
