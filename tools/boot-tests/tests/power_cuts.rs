// SPDX-License-Identifier: MIT OR Apache-2.0
//! Power cuts: QEMU is killed (SIGKILL) at random moments while the guest writes. Each time the next boot comes up, and every write that
//! fsync(2) acknowledged is there.
//!
//! `QOS_POWER_CUTS` is the number of cuts for each file system, 3 by default; `QOS_POWER_CUTS_SEED` repeats the moments of a run. A disk
//! that keeps its cache loses nothing but what the guest had not yet sent to it; a disk that loses its cache is not simulated.

use qos_boot_tests::{Boot, DiskImage, Environment, Initramfs, boot};
use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::thread::sleep;
use std::time::Duration;

/// Each file is 9,000 digits, written and synced before its number is printed. What is not synced may be lost, and is not looked at.
const WRITER: &str = r"d=/root/cut; w() { rm -rf $d; mkdir $d; sync; i=0; while :; do i=$((i + 1)); printf %09000d $i | dd of=$d/$i conv=fsync status=none && echo ack $i; done; }
";
const CHECKER: &str = r"d=/root/cut; v() { i=0; while [ $i -lt $1 ]; do i=$((i + 1)); l=; read -r l <$d/$i; [ $l = $(printf %09000d $i) ] || echo lost $i; done; echo checked $1; }
";

/// Moments, the same for the same seed (xorshift64).
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let seed = std::env::var("QOS_POWER_CUTS_SEED").ok().and_then(|seed| seed.parse().ok());
        Self(seed.unwrap_or_else(|| RandomState::new().hash_one(0)) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    /// The moment itself is what is random here: there is no condition to wait for.
    fn pass(&mut self, milliseconds: u64) {
        sleep(Duration::from_millis(self.below(milliseconds)));
    }
}

/// The numbers that the guest acknowledged in whole lines. The line editor's escape sequences are in front of the first one.
fn acknowledged(console: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(console);
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let numbers = whole.lines().filter_map(|line| line.trim_end().rsplit_once("ack ")?.1.parse().ok());
    numbers.max().unwrap_or(0)
}

/// Cuts the power `QOS_POWER_CUTS` times; `boot_from` describes a boot from the copy of the disk.
fn cut(name: &str, variable: &str, boot_from: impl Fn(Boot) -> Boot) {
    let cuts: u32 =
        std::env::var("QOS_POWER_CUTS").map_or(3, |cuts| cuts.parse().expect("QOS_POWER_CUTS is a number"));
    let environment = Environment::of_disk(variable);
    let disk = DiskImage::copy_of(&environment.image.join("disk.raw"));
    let start = || {
        let boot = boot().environment(environment.clone()).disk(&disk).append("console=ttyS0");
        boot_from(boot).console().expect("early: the root is")
    };
    let mut moments = Moments::new();
    let seed = moments.0;
    let (mut writes, mut during_boot) = (0, 0);
    let mut last = None;
    for number in 1..=cuts {
        let mut report = format!("{name}, seed {seed}, cut {number}");
        if number % 4 == 0 {
            // In the start of the system that repairs what the cut before has left.
            let console = start();
            moments.pass(400);
            let ended = console.kill().expect_verdict("quit");
            undamaged(&report, ended.outcome.console.raw());
            during_boot += 1;
            continue;
        }
        let mut console = start().expect("# ");
        if let Some(count) = last {
            console = console.send(CHECKER).expect("# ").send(&format!("v {count}\n"));
            console = console.expect(&format!("checked {count}\r"));
        }
        let until = 1 + moments.below(12);
        let console = console.send(WRITER).expect("# ").send("w\n").expect(&format!("ack {until}\r\n"));
        moments.pass(200);
        let ended = console.kill().expect_verdict("quit");
        let raw = ended.outcome.console.raw();
        let count = acknowledged(raw);
        let _ = write!(report, ", {count} writes acknowledged");
        undamaged(&report, raw);
        assert!(u64::from(count) >= until, "{report}");
        (writes, last) = (writes + count, Some(count));
    }
    let count = last.unwrap_or(0);
    let console = start().expect("# ").send(CHECKER).expect("# ").send(&format!("v {count}\n"));
    let console = console.expect(&format!("checked {count}\r"));
    let ended = console.send("exit 0\n").end().expect_status(0);
    undamaged(name, ended.outcome.console.raw());
    println!(
        "{name}: {cuts} power cuts, {during_boot} of them in the boot after another; {writes} acknowledged writes, 0 lost (seed {seed})"
    );
}

#[track_caller]
fn undamaged(report: &str, console: &[u8]) {
    let text = String::from_utf8_lossy(console);
    let is_lost = |line: &str| line.strip_prefix("lost ").is_some_and(|rest| !rest.starts_with('$'));
    let signs = ["EXT4-fs error", "BTRFS error", "BTRFS critical", "I/O error", "corrupt", "No such file"];
    let bad: Vec<&str> =
        text.lines().filter(|line| is_lost(line) || signs.iter().any(|sign| line.contains(sign))).collect();
    assert!(bad.is_empty(), "{report}: {bad:#?}");
}

#[test]
fn ext4() {
    cut("ext4", "QOS_DISK", |boot| boot);
}

#[test]
fn btrfs_in_luks2() {
    let key = || Initramfs::new().file("/etc/luks.key", 0o400, "qos");
    cut("btrfs in LUKS2", "QOS_DISK_LAPTOP", |boot| {
        // `quiet` of its command line would hide what early says.
        boot.overlay(key()).append("rd.luks.key=/etc/luks.key rw loglevel=7")
    });
}
