// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fuzz targets for everything that reads bytes from outside, and a short deterministic run of them.
//!
//! A [`Target`] takes any bytes. It panics when a parser breaks one of its properties; [`Target::check`] also bounds its
//! time and memory. `tests/short.rs` runs each target on its seeds and on mutations of them, in every `cargo test`.
//! `run.sh` builds the same targets for libFuzzer, which is guided by coverage.

mod archives;
mod boot;
mod debian;
mod early;
mod guest;
mod inspect;
mod kernel;
mod memory;
pub mod mutate;
mod text;

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a parser may allocate at a time, beside 1000 times its input: the window of a compressed stream.
const MEMORY: usize = 256 << 20;

/// How long one execution may take. The largest input has some kilobytes, and the host may be busy.
const TIME: Duration = Duration::from_secs(5);

/// A parser under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of its directory of seeds.
    pub name: &'static str,
    /// What it reads.
    pub reads: &'static str,
    run: fn(&[u8]),
    /// How many executions the short run has.
    pub short: u32,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    target("accounts", "passwd, shadow, group, gshadow, login.defs", guest::accounts, 2_000),
    target(
        "advisories",
        "changelogs, RustSec advisories, Debian's tracker, cargo's index",
        debian::advisories,
        3_000,
    ),
    target("argv", "fw_cfg file with a command", guest::argv, 10_000),
    target("bootlog", "boot log: lines, phases, costs, normal form", boot::log, 150),
    target("cmdline", "command line of the kernel, as the runner checks it", kernel::cmdline, 5_000),
    target("codecs", "gzip, xz and zstd data", archives::codecs, 30),
    target("control", "Debian control files: Packages and Sources", debian::index, 3_000),
    target("cpio", "initramfs: segments, archives, entries, programs", archives::cpio, 3_000),
    target("dhcp", "messages of DHCP servers", guest::dhcp, 1_000),
    target("diff", "two texts, whose difference patches one to the other", text::diff, 200),
    target("early", "command line of early userspace, superblock of dm-verity", early::early, 1_000),
    target("elf", "ELF programs and kernel modules", archives::elf, 10_000),
    target("escape", "bytes shown as text", boot::escape, 10_000),
    target("image", "initramfs, bzImage, UKI, ELF file or text of any origin", inspect::image, 1_000),
    target("kconfig", "kernel configuration and what Kconfig says of it", kernel::kconfig, 10_000),
    target("ktap", "KTAP results in a boot log", boot::ktap, 500),
    target("libtest", "output of cargo test", boot::libtest, 500),
    target("listing", "listing of an initramfs", boot::listing, 10_000),
    target("lock", "toolchain.lock and toolchain.toml", debian::lock, 2_000),
    target("log", "segments of the log", guest::log, 1_000),
    target("logins", "sessions, log of logins, /etc/issue", guest::logins, 2_000),
    target("luks", "headers of LUKS1, metadata of LUKS2", early::luks, 200),
    target("manager", "sd_notify messages, state of the service manager", guest::manager, 10_000),
    target("manifest", "image manifest", archives::manifest, 1_000),
    target("messages", "syslog, native protocol, streams of output, /dev/kmsg", guest::messages, 2_000),
    target("modules", "modules.dep, modules.alias, modprobe.d, /proc/cmdline", guest::modules, 2_000),
    target("mounts", "mountinfo, mounts, fstab, mount options", guest::mounts, 1_000),
    target("netlink", "messages of rtnetlink", guest::netlink, 10_000),
    target("network", "files *.network of systemd", guest::network, 1_000),
    target("patch", "patches, and the file that they are for", text::patch, 10_000),
    target("process", "/proc/PID/stat and status", guest::process, 10_000),
    target("qmp", "messages of QEMU's monitor", boot::qmp, 10_000),
    target("regex", "regular expressions of POSIX", text::regex, 100),
    target("release", "Release files, gpgv's status, armoured keys", debian::release, 10_000),
    target("rules", "files of rules of udev", guest::rules, 2_000),
    target("sed", "scripts of sed", text::sed, 500),
    target("symbols", "System.map and Module.symvers", inspect::symbols, 3_000),
    target("tar", "tar archives, compressed or not", archives::tar, 400),
    target("udevdb", "files of udev's database of devices", guest::udevdb, 5_000),
    target("uevent", "packets of the kernel and of udev about devices", guest::uevent, 10_000),
    target("unified", "headers of a unified kernel image, for kexec", guest::unified, 10_000),
    target("unit", "unit files of systemd and files of variables", guest::unit, 400),
    target("verdict", "console and verdict channel of a guest", boot::verdict, 1_000),
    target("version", "Debian version numbers", debian::version, 3_000),
    target(
        "vmlinux",
        "kernel: banner, configuration, vermagic; a module's signature",
        inspect::vmlinux,
        3_000,
    ),
    target("volume", "partition tables and superblocks", inspect::volume, 200),
    target("winsize", "fw_cfg file with a terminal's size", guest::winsize, 10_000),
    target("xxd", "dumps that xxd -r reverts", guest::xxd, 400),
];

const fn target(name: &'static str, reads: &'static str, run: fn(&[u8]), short: u32) -> Target {
    Target { name, reads, run, short }
}

impl Target {
    /// The target of that name.
    #[must_use]
    pub const fn named(name: &str) -> Option<Target> {
        let mut at = 0;
        while at < TARGETS.len() {
            if is_same(TARGETS[at].name.as_bytes(), name.as_bytes()) {
                return Some(TARGETS[at]);
            }
            at += 1;
        }
        None
    }

    /// Executes it once.
    ///
    /// # Panics
    /// When the parser breaks a property, takes too long, or takes too much memory.
    pub fn check(&self, data: &[u8]) {
        let start = Instant::now();
        let peak = memory::peak_of(|| (self.run)(data));
        let bound = MEMORY + 1000 * data.len();
        assert!(peak <= bound, "{}: {} bytes of input took {peak} bytes of memory", self.name, data.len());
        let time = start.elapsed();
        assert!(time <= TIME, "{}: {} bytes of input took {time:?}", self.name, data.len());
    }

    /// Executes it on its seeds and on `count` mutations of them, the same ones every time.
    ///
    /// # Panics
    /// As [`Target::check`], after a line with the input; when there are no seeds.
    pub fn check_mutations(&self, count: u32) {
        let seeds = self.seeds();
        let mut mutator = mutate::Mutator::new(1);
        let mutations = (0..count).map(|_| mutator.input(&seeds));
        for input in seeds.iter().cloned().chain(mutations) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.check(&input))) {
                eprintln!("{} fails on \"{}\"", self.name, input.escape_ascii());
                resume_unwind(panic);
            }
        }
    }

    /// The inputs that it begins with.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(self.name);
        let failed = |error: io::Error| -> ! { panic!("{}: {error}", directory.display()) };
        let entries = fs::read_dir(&directory).unwrap_or_else(|error| failed(error));
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        files.iter().map(|file| fs::read(file).unwrap_or_else(|error| failed(error))).collect()
    }
}

/// `==` of slices is not for constants.
const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Bytes as text: a parser of text gets what its callers make of bytes that are not UTF-8.
fn lossy(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Two inputs in one, with a NUL between them.
fn two(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}
