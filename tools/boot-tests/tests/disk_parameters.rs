// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parameters of the kernel's command line that early userspace reads, each with a real disk.

use qos_boot_tests::{Boot, Environment, Initramfs, boot, boot_from};

fn plain(parameters: &str) -> Boot {
    boot_from("QOS_DISK").append(parameters)
}

/// The laptop, with its passphrase as a file in the initramfs.
fn laptop(parameters: &str) -> Boot {
    let key = Initramfs::new().file("/etc/luks.key", 0o400, "qos");
    boot_from("QOS_DISK_LAPTOP").append(parameters).overlay(key).append("rd.luks.key=/etc/luks.key")
}

/// The file system in the laptop's container.
const FEDORA: &str = "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f";

/// The boot comes up, the console has `console`, and the script prints `expect`.
#[track_caller]
fn comes_up(boot: Boot, console: &str, script: &str, expect: &str) {
    boot.stdin(script).run().expect_status(0).console_has(console).stdout_is(expect);
}

const OPTIONS: &str = "while read -r device on type options rest; do if [ $on = / ]; then echo $type $options; fi; done </proc/mounts\n";

#[test]
fn how_the_root_is_mounted() {
    comes_up(plain("rootflags=noatime"), "ext4, read-write, noatime)", OPTIONS, "ext4 rw,noatime\n");
    comes_up(
        plain("rootfstype=xfs,ext4"),
        "early: the root is /dev/vda2 (ext4, ",
        OPTIONS,
        "ext4 rw,relatime\n",
    );
    let uptime = "read -r up rest </proc/uptime; [ ${up%.*} -ge 12 ] && echo late\n";
    comes_up(plain("rootdelay=12"), "early: the root is", uptime, "late\n");
    let wrong = plain("rootfstype=xfs").console().expect("mounting /dev/vda2 as xfs failed");
    wrong.expect("a shell to look into it").quit().expect_verdict("quit");
}

#[test]
fn what_runs_first_and_what_it_says() {
    let first = Initramfs::new().file("/bin/first", 0o755, "#!/bin/sh\necho I am $0\nexec /init\n");
    let boot = plain("rdinit=/bin/first").overlay(first).command(["true"]).run().expect_status(0);
    let boot = boot.console_has("I am /bin/first").console_has("early: the root is /dev/vda2");
    boot.console_has("early: microcode for Intel CPUs: kernel/x86/microcode/GenuineIntel.bin, 1024 bytes");
    let quiet = plain("quiet").command(["dmesg"]).run().expect_status(0);
    quiet.console_has_not("early: ").stdout_has("early: the root is /dev/vda2");
}

/// The disk is added when early userspace waits for an event.
#[test]
fn a_disk_that_comes_later() {
    let environment = Environment::of_disk("QOS_DISK");
    let disk = environment.image.join("disk.raw");
    let boot = boot().environment(environment).append("console=ttyS0 rootwait rd.debug");
    let console = boot.console().expect("early: next: wait");
    let console =
        console.monitor(&format!("drive_add 0 if=none,id=d,format=raw,snapshot=on,file={}", disk.display()));
    let console = console.monitor("device_add virtio-blk-pci,id=x,drive=d");
    console.expect("early: the root is /dev/vda2").expect("# ").quit().expect_verdict("quit");
}

/// The files of the initramfs are in memory that cannot be swapped.
#[test]
fn the_initramfs_is_freed() {
    let script = "while read -r name size unit; do if [ $name = Unevictable: ]; then [ $size -lt 4096 ] && echo fr''eed || echo ke''pt; fi; done </proc/meminfo\n";
    let console = plain("rd.break").console().expect("early# ").send(script).expect("kept");
    let console = console.send("exit\n").expect("early: run /sbin/init").expect("# ");
    console.send(script).expect("freed").quit().expect_verdict("quit");
}

#[test]
fn what_is_left_to_others() {
    let parameters = "rd.lvm.lv=a/b systemd.unit=rescue.target hello=world";
    let script = "cat /proc/cmdline | tr ' ' '\\n' | grep -e systemd.unit -e hello\n";
    let expect = "systemd.unit=rescue.target\nhello=world\n";
    comes_up(plain(parameters), "early: rd.lvm.lv=a/b: ignored", script, expect);
}

#[test]
fn stops_and_shells() {
    let console = plain("rd.break=mount").console().expect("early# ");
    let console =
        console.send("grep sysroot /proc/mounts; echo he''re\n").expect("/sysroot ext4").expect("here");
    console.send("exit\n").expect("early: run /sbin/init").quit().expect_verdict("quit");
    let console = plain("rd.break=pre-mount").console().expect("early# ");
    let console = console.send("grep sysroot /proc/mounts || echo not he''re\n").expect("not here");
    console.send("exit\n").expect("early: run /sbin/init").quit().expect_verdict("quit");
    let console = plain("root=LABEL=nothing rootwait=1 rd.shell=0").console().expect("did not appear");
    console.expect("tried again when a device appears").quit().expect_verdict("quit");
    comes_up(plain("rd.debug"), "early: next: ", "echo up\n", "up\n");
}

#[test]
fn containers() {
    let uuid = "f44121b1-5be9-47d8-a206-72c52309e7dd";
    let named = format!("rd.luks.name={uuid}=secret root=/dev/mapper/secret");
    let node = "while read -r device on rest; do if [ $on = / ]; then echo $device; fi; done </proc/mounts\n";
    laptop(&named).stdin(node).run().expect_status(0).stdout_is("/dev/mapper/secret\n");
    let luks = |parameters: &str| boot_from("QOS_DISK_LAPTOP").append(parameters).console();
    let once = luks("rd.luks.options=tries=1").expect("Passphrase for /dev/vda3").send("wrong\n");
    once.expect("the container /dev/vda3 stays locked").quit().expect_verdict("quit");
    let thrice = luks("").expect("Passphrase for /dev/vda3").send("wrong\n").expect("2 more tries");
    let thrice = thrice.send("wrong\n").expect("1 more try").send("wrong\n");
    let thrice = thrice.expect("the container /dev/vda3 stays locked: wrong passphrase");
    thrice.expect("a shell to look into it").quit().expect_verdict("quit");
    let elsewhere = plain(&format!("root=UUID={FEDORA} rd.luks.uuid=ffff rootwait=1")).console();
    let elsewhere =
        elsewhere.expect("did not appear").expect("the container of rd.luks.uuid=ffff is not there");
    elsewhere.quit().expect_verdict("quit");
}

#[test]
fn discards() {
    let script = "for disk in vda dm-0; do [ $(cat /sys/block/$disk/queue/discard_max_bytes) -gt 0 ] && echo $disk; done; true\n";
    for (parameters, expect) in
        [("", "vda\n"), ("rd.luks.allow-discards", "vda\ndm-0\n"), ("rd.luks.options=discard", "vda\ndm-0\n")]
    {
        laptop(parameters).stdin(script).run().expect_status(0).stdout_is(expect);
    }
}
