// SPDX-License-Identifier: MIT OR Apache-2.0
//! The server on a disk: its state outlives a boot, and devices come and go while it runs.

use qos_boot_tests::{Boot, Console, DiskImage, Environment, boot};
use std::sync::LazyLock;

/// The disk with its own kernel, initramfs and command line.
fn on(disk: &DiskImage) -> Boot {
    boot().environment(Environment::of_disk("QOS_DISK_SERVER")).disk(disk).append("console=ttyS0")
}

fn new_disk() -> DiskImage {
    DiskImage::copy_of(&Environment::of_disk("QOS_DISK_SERVER").image.join("disk.raw"))
}

fn run(disk: &DiskImage, script: &str) -> qos_boot_tests::Ended {
    on(disk).stdin(script).run().expect_status(0)
}

#[test]
fn accounts_units_and_the_log_are_there_after_a_reboot() {
    let disk = new_disk();
    let ended = run(
        &disk,
        "useradd -m ann && echo 'ann:a password' | chpasswd && echo hello >/home/ann/letter
         printf '[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/x.service
         svc daemon-reload && svc enable x && logger -t note 'of the first boot'
         until logctl -b -t note -o cat | grep -q first; do :; done
         mount | while read -r d on at rest; do [ \"$at\" = / ] && echo $d $rest; done; true\n",
    );
    ended.stdout_has("/dev/vda2 type ext4 (rw");
    let ended = run(
        &disk,
        "cat /home/ann/letter; id -un ann; svc is-active x; logctl -b -1 -t note -o cat; logctl --list-boots | wc -l\n",
    );
    ended.stdout_is("hello\nann\nactive\nof the first boot\n2\n");
}

/// A disk that is plugged in.
static LATER: LazyLock<DiskImage> = LazyLock::new(|| DiskImage::new(1, b""));

fn logged_in(disk: &DiskImage, devices: &[&str]) -> Console {
    let boot = devices.iter().fold(on(disk).password("a password"), |boot, device| boot.device(device));
    let console = boot.console().expect("login: ").send("root\n").expect("assword: ").send("a password\n");
    console.expect("qos# ")
}

/// `add` plugs a device with the id `x` in; then `there` prints a line with `sign`, and `gone` succeeds after it is unplugged.
fn plugged(devices: &[&str], add: &[&str], there: &str, sign: &str, gone: &str) {
    let disk = new_disk();
    let console = add.iter().fold(logged_in(&disk, devices), |console, command| console.monitor(command));
    let console = console.send(&format!("until {there}; do sleep 0.1; done\n")).expect(sign).expect("qos# ");
    let console = console.monitor("device_del x");
    let console = console.send(&format!("until {gone}; do sleep 0.1; done; echo go''ne\n")).expect("gone");
    console.send("poweroff\n").end().expect_status(0);
}

/// A disk at this controller is plugged in by the monitor's command `add`.
fn plugged_disk(controller: &str, add: &str, there: &str, sign: &str) {
    let drive = format!("drive_add 0 if=none,id=d,format=raw,file={}", LATER.path().display());
    plugged(&[controller], &[&drive, add], there, sign, "! test -e /dev/sda");
}

#[test]
fn the_next_kernel_starts_without_the_firmware() {
    // A start by the firmware would end QEMU (-no-reboot).
    let console =
        logged_in(&new_disk(), &[]).send("systemctl kexec\n").expect("no kernel is loaded").expect("qos# ");
    let load = "mount -r UUID=$(blkid -s UUID -o value /dev/vda1) /mnt && kexec -l /mnt/EFI/BOOT/BOOTX64.EFI --reuse-cmdline --append=again && echo lo''aded\n";
    let console = console.send(load).expect("loaded").expect("qos# ").send("systemctl kexec\n");
    let console = console.expect("kexec.target: reached").expect("qos-init: end: kexec");
    let console =
        console.expect("login: ").send("root\n").expect("assword: ").send("a password\n").expect("qos# ");
    let console = console
        .send("grep -q ' again' /proc/cmdline && echo has the wo''rd; echo boots: $(logctl --list-boots | wc -l)\n")
        .expect("has the word")
        .expect("boots: 2")
        .expect("qos# ");
    let console =
        console.send("logctl -b -1 -o cat | grep networkd.service\n").expect("networkd.service: ended");
    // A file system that was not unmounted has a journal to recover.
    let clean = "dmesg | grep -q 'EXT4.* mounted' && ! dmesg | grep 'EXT4.*recover' && echo cl''ean\n";
    console.send(clean).expect("clean").send("poweroff\n").end().expect_status(0);
}

#[test]
fn a_usb_disk_comes_and_goes() {
    let there = "udevadm info /dev/sda 2>/dev/null | grep ID_BUS";
    plugged_disk("qemu-xhci", "device_add usb-storage,id=x,drive=d", there, "ID_BUS=usb");
}

#[test]
fn a_scsi_disk_comes_and_goes() {
    let there = "ls /dev/disk/by-path | grep scsi";
    plugged_disk("virtio-scsi-pci", "device_add scsi-hd,id=x,drive=d", there, "-scsi-0:0:");
}

#[test]
fn a_network_card_comes_and_goes() {
    plugged(
        &[],
        &[
            "netdev_add user,id=n,restrict=on",
            "device_add virtio-net-pci,id=x,netdev=n,mac=52:54:00:12:34:99",
        ],
        "networkctl list 2>/dev/null | grep 'eth1.*configured'",
        "eth1",
        "! test -e /sys/class/net/eth1",
    );
}
