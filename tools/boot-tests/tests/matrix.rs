// SPDX-License-Identifier: MIT OR Apache-2.0
//! The golden machine in the variants that people boot: each boots, the guest sees the requested machine, and two runs give the
//! same bytes.
//!
//! Of the 48 combinations of memory, machine, CPUs, `quiet` and files these are six, in which any two values of two factors occur
//! together once (a test proves it): this finds a fault that depends on one value or on two, but maybe not one that depends on
//! three. `microvm` is a seventh.

use qos_boot_tests::{Boot, Environment, boot};
use qos_bootlog::{Line, parse};
use qos_vm::Machine::{self, Microvm, Pc, Q35};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// What the kernel prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernel {
    Full,
    Quiet,
}

/// Which image. The usual one has next to nothing to spare in 64 MiB, where a change of it would fail half of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Image {
    Minimal,
    Usual,
}

/// In which form it is booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    /// `vmlinux` (on `microvm` the bzImage) and the bare cpio archive.
    Unpacked,
    /// What ships: bzImage and the compressed initramfs.
    Shipped,
}
use Files::{Shipped, Unpacked};
use Image::{Minimal, Usual};
use Kernel::{Full, Quiet};

#[derive(Clone, Copy, Debug)]
struct Case {
    image: Image,
    memory_mib: u32,
    machine: Machine,
    cpus: u32,
    kernel: Kernel,
    files: Files,
}

/// A line is a case and the test of it.
macro_rules! cases {
    ($($name:ident: $image:ident, $memory_mib:literal, $machine:ident, $cpus:literal, $kernel:ident, $files:ident;)*) => {
        $(#[test]
        fn $name() {
            case($image, $memory_mib, $machine, $cpus, $kernel, $files).check();
        })*

        const CASES: &[Case] = &[$(case($image, $memory_mib, $machine, $cpus, $kernel, $files)),*];
    };
}

cases! {
    // name     image    MiB   machine  cpus  kernel  files
    small_pc:   Minimal,   64, Pc,      1,    Full,   Unpacked;
    small_q35:  Minimal,   64, Q35,     4,    Quiet,  Shipped;
    usual_pc:   Usual,    512, Pc,      4,    Quiet,  Unpacked;
    usual_q35:  Usual,    512, Q35,     1,    Full,   Shipped;
    big_pc:     Usual,   4096, Pc,      1,    Quiet,  Shipped;
    big_q35:    Usual,   4096, Q35,     4,    Full,   Unpacked;
    microvm:    Usual,    512, Microvm, 1,    Full,   Unpacked;
}

const fn case(
    image: Image,
    memory_mib: u32,
    machine: Machine,
    cpus: u32,
    kernel: Kernel,
    files: Files,
) -> Case {
    Case { image, memory_mib, machine, cpus, kernel, files }
}

/// The guest's own description of its machine.
const SCRIPT: &str = "grep MemTotal /proc/meminfo\necho processors: $(grep -c '^processor' /proc/cpuinfo)\n\
                      echo host bridge: $(grep . /sys/bus/pci/devices/0000:00:00.0/device)\n\
                      grep -o quiet /proc/cmdline\necho came through\n";

impl Case {
    #[track_caller]
    fn check(self) {
        let one = self.log();
        assert!(one == self.log(), "two boots of {self:?} differ");
    }

    /// Boots it, checks the requested machine, and returns the console's bytes.
    #[track_caller]
    fn log(self) -> Vec<u8> {
        let ended = self.boot().run().expect_status(0).console_has("came through");
        let ended = ended.console_has(&format!("processors: {}", self.cpus));
        // Device numbers of Intel's 82441FX and 82G33; microvm has no PCI at all.
        let bridge = match self.machine {
            Pc => "host bridge: 0x1237",
            Q35 => "host bridge: 0x29c0",
            Microvm => "0000:00:00.0/device: No such file",
        };
        let ended = ended.console_has(bridge);
        let ended = if self.kernel == Quiet { ended.console_has("quiet") } else { ended };
        let log = ended.outcome.console.raw().to_vec();
        if self.kernel == Quiet {
            // The one message of a good boot that is an emergency to the kernel.
            let lines = parse(&log);
            let stamped = lines.iter().filter(|line| line.time_ns.is_some()).map(Line::message);
            assert_eq!(stamped.collect::<Vec<_>>(), ["reboot: Power down"], "{self:?}:\n{ended}");
        }
        let total = memory_kib(&log).unwrap_or_else(|| panic!("no MemTotal in:\n{ended}"));
        let range = self.least_total_kib()..u64::from(self.memory_mib) * 1024;
        assert!(range.contains(&total), "{self:?}: MemTotal is {total} KiB, not in {range:?}:\n{ended}");
        log
    }

    /// What the kernel has to leave to programs: all but itself, 1/64 for its table of pages, and, where memory goes past 4 GiB,
    /// 64 MiB for devices that do not reach so far (swiotlb).
    fn least_total_kib(self) -> u64 {
        let all = u64::from(self.memory_mib) * 1024;
        let past_4_gib = self.memory_mib >= 4096;
        all - all / 64 - (if past_4_gib { 88 } else { 24 }) * 1024
    }

    fn boot(self) -> Boot {
        let mut environment = match self.image {
            Minimal => Environment::minimal(),
            Usual => Environment::from_process().unwrap_or_else(|error| panic!("{error}")),
        };
        let compressed = environment.image.join("initramfs.cpio.zst");
        match self.files {
            Unpacked => expect_magic(environment.cpio.as_deref().expect("QOS_CPIO"), b"070701"),
            // RFC 8878, 3.1.1.
            Shipped => expect_magic(&compressed, &0xFD2F_B528_u32.to_le_bytes()),
        }
        if self.files == Shipped {
            environment = Environment { vmlinux: None, cpio: None, ..environment };
        }
        let boot = boot().environment(environment).golden().script(SCRIPT).timeout(Duration::from_secs(120));
        let boot = boot.memory_mib(self.memory_mib).machine(self.machine).cpus(self.cpus);
        if self.kernel == Quiet { boot.append("quiet") } else { boot }
    }
}

/// The memory that the guest reports, in KiB.
fn memory_kib(log: &[u8]) -> Option<u64> {
    let lines = parse(log);
    let line = lines.iter().find_map(|line| line.text.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[track_caller]
fn expect_magic(file: &Path, magic: &[u8]) {
    let mut start = vec![0; magic.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(start, magic, "{} begins with something else", file.display());
}

#[test]
fn every_pair_is_in_a_case() {
    let factors = |case: &Case| {
        [
            case.memory_mib.to_string(),
            format!("{:?}", case.machine),
            case.cpus.to_string(),
            format!("{:?}", case.kernel),
            format!("{:?}", case.files),
        ]
    };
    let cases: Vec<_> = CASES.iter().filter(|case| case.machine != Microvm).map(factors).collect();
    for one in 0..5 {
        for other in one + 1..5 {
            for (a, b) in cases.iter().flat_map(|a| cases.iter().map(move |b| (&a[one], &b[other]))) {
                let met = cases.iter().any(|case| (&case[one], &case[other]) == (a, b));
                assert!(met, "no case has both {a} and {b}");
            }
        }
    }
}
