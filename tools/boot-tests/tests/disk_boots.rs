// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boots from the disks of qos.toml: early userspace finds the root, unlocks it, and starts its init.

use qos_boot_tests::{Boot, Console, Environment, Initramfs, boot, golden};

/// The disk that the variable names, with its own kernel, initramfs and command line.
fn of_disk(variable: &str) -> Boot {
    let environment = Environment::of_disk(variable);
    let disk = environment.image.join("disk.raw");
    boot().environment(environment).system_disk(&disk).append("console=ttyS0")
}

fn plain() -> Boot {
    of_disk("QOS_DISK")
}

fn laptop() -> Boot {
    of_disk("QOS_DISK_LAPTOP")
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
    // Which of two inputs is read first is not known, so Escape gets the time of a wrong passphrase.
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
    console.expect("/dev/vda2").expect("a shell to look into it").quit().expect_verdict("quit");
}

/// An NVDIMM is read and written by instructions, so the time stamps are the same too.
#[test]
fn a_golden_boot_from_a_disk_is_the_reviewed_one() {
    let script = "echo hello >/root/file; sync; cat /root/file; echo $?\n";
    golden_boots("disk-timeline", "/dev/pmem0p2 (ext4, read-write)", || plain().golden().script(script));
}

#[test]
fn a_golden_boot_of_the_laptop_is_the_reviewed_one() {
    let boot = || laptop().overlay(key()).append("rd.luks.key=/etc/luks.key").golden().command(["true"]);
    golden_boots(
        "disk-laptop-timeline",
        "/dev/mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd (btrfs, read-only)",
        boot,
    );
}

/// Boots twice, compares the logs, and the costs with a snapshot.
#[track_caller]
fn golden_boots(name: &str, root: &str, boot: impl Fn() -> Boot) {
    let run = || {
        let ended = boot().run().console_has(&format!("early: the root is {root}")).expect_status(0);
        ended.outcome.console.raw().to_vec()
    };
    let first = run();
    assert!(first == run(), "two golden boots from a disk differ");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, golden::disk_timeline(&first));
    });
}
