// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arguments of `qos-vm run`, and the machine that they describe.

use crate::accel::Choice;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::firmware::Firmware;
use crate::image::Files;
use crate::machine::{Config, FwCfg, Machine, Network, PASSWORD, Session};
use crate::memory_disk;
use crate::program::{Program, ROOT_VARIABLE};
use crate::terminal;
use clap::Args;
use qos_protocol::{argv, fw_cfg};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) files: Files,

    /// Added to the end of the kernel's command line (repeatable).
    #[arg(long, value_name = "WORDS")]
    pub(crate) append: Vec<String>,

    /// Memory, as 256M or 2G.
    #[arg(long, value_name = "SIZE", default_value = "512M", value_parser = parse_memory)]
    pub(crate) memory: u32,

    /// Number of CPUs.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    pub(crate) cpus: u32,

    /// Machine type.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) machine: Machine,

    /// What executes the guest; auto takes KVM if it turns out to work.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) accel: Choice,

    /// CPU model and features, as QEMU names them (default: the host's under KVM, qemu64 in a golden run, else everything
    /// that TCG has).
    #[arg(long, value_name = "MODEL")]
    pub(crate) cpu_model: Option<String>,

    /// Deterministic machine: the same console, time stamps included, on every run. Nothing can be typed; a
    /// nanosecond of the guest is an instruction.
    #[arg(long)]
    pub(crate) golden: bool,

    /// Shell script that the guest runs in place of a shell (text, passed through fw_cfg).
    #[arg(long, value_name = "FILE", conflicts_with = "argv")]
    pub(crate) script: Option<PathBuf>,

    /// Make a password of root for the guest's console, print it, and pass it to the guest, whose console asks for a login.
    #[arg(long)]
    pub(crate) login: bool,

    /// Wait at this UNIX socket for gdb before the first instruction (in gdb: target remote SOCKET; a kernel that
    /// randomises its addresses needs --append nokaslr). A guest that stops or stays silent is then not in trouble.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) gdb: Option<PathBuf>,

    /// No network device.
    #[arg(long)]
    pub(crate) no_network: bool,

    /// Let the guest reach what this host reaches, and the services on the host's own loopback (at 10.0.2.2). Without it the
    /// guest's network ends at QEMU.
    #[arg(long, conflicts_with_all = ["no_network", "golden"])]
    pub(crate) open_network: bool,

    /// Do not confine QEMU by seccomp, on a host that does not let it, or for a device that starts a program.
    #[arg(long)]
    pub(crate) no_sandbox: bool,

    /// A file that the guest has as a disk, the first as /dev/vda, with the serial number disk0: byte for byte, or qcow2 if its name ends in .qcow2. With
    /// ,ro behind it the guest can only read; with ,bad=SECTOR a read of that sector of 512 bytes fails (repeatable). In a golden run it
    /// is memory that keeps nothing: /dev/pmem0.
    #[arg(long, value_name = "FILE[,ro|,bad=SECTOR]")]
    pub(crate) disk: Vec<OsString>,

    /// The disk that is booted, as /dev/vda, before those of --disk. The guest writes to a copy, which is dropped when it ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) system_disk: Option<PathBuf>,

    /// Keep what the guest writes to the disk that is booted in this file: a copy, made if it is not there.
    #[arg(long, value_name = "FILE", requires = "system_disk", conflicts_with = "golden")]
    pub(crate) keep_disk: Option<PathBuf>,

    /// Boot the first disk with UEFI firmware (OVMF), instead of loading kernel and initramfs. --append then adds to
    /// the command line of the disk's unified kernel image.
    #[arg(long, conflicts_with_all = ["golden", "kernel", "initramfs"])]
    pub(crate) uefi: bool,

    /// A further device, as QEMU's -device takes it: edu, or edu,dma_mask=0xffffffff (repeatable).
    #[arg(long, value_name = "ARG")]
    pub(crate) device: Vec<OsString>,

    /// Print QEMU's command line to paste, and do not run it.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// End the guest after this many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: Option<Duration>,

    /// End the guest when nothing comes from it for this many seconds while it boots (default: by the speed of the
    /// host, 60 s or more under TCG; at a terminal no limit).
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) inactivity: Option<Duration>,

    /// Accept warnings of the kernel that contain this text; * matches any text (repeatable).
    #[arg(long, value_name = "PATTERN")]
    pub(crate) allow_warning: Vec<String>,

    /// Fail, with exit code 111, on a warning of the kernel that has this text in it; '*' is any warning. Those of lockdep and
    /// UBSAN fail anyway. --allow-warning outweighs it (repeatable).
    #[arg(long, value_name = "PATTERN")]
    pub(crate) deny_warning: Vec<String>,

    /// Write the console's raw bytes to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,

    /// Write how the run ended to this file, in JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Write how the run ended to this file, as JUnit XML: the run is a test case, and so is each test that reported in
    /// KTAP on the console.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,

    /// Save what the display shows to this file when the runner ends the guest: after a panic, at a limit, on Ctrl-A x. It
    /// is a PNG, or a PPM if the file's name ends in .ppm. The display is a device: --device VGA.
    #[arg(long, value_name = "FILE")]
    pub(crate) screenshot: Option<PathBuf>,

    /// Show the console on standard error where it is not shown anyway.
    #[arg(long)]
    pub(crate) console: bool,

    /// Show QEMU's command line and the facts found out about the host.
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// QEMU's sysroot; without it qemu-system-x86_64 on PATH.
    #[arg(long, value_name = "DIR", env = ROOT_VARIABLE)]
    pub(crate) qemu_root: Option<PathBuf>,

    /// Command to run in the guest; its status is the exit status.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) argv: Vec<OsString>,
}

const AFTER_HELP: &str = "\
Exit codes: the status of the guest's shell or command; 111 warned, 112 oops, 113 no verdict, 114 kernel panic, 115 no init,
116 no root, 117 out of memory, 118 init exited, 119 lockup, 120 inactivity, 121 reset, 122 QEMU failed,
123 KVM broken, 124 timeout, 125 not started, 128+N signal N. At a terminal, leave with Ctrl-A x.";

impl RunArgs {
    /// The guest's console and streams, which depend on the options and on the type of standard input.
    fn session(&self) -> Session {
        if self.golden {
            Session::Golden
        } else if self.argv.is_empty() && self.script.is_none() && io::stdin().is_terminal() {
            Session::Console
        } else {
            Session::Streams
        }
    }

    /// The machine that they describe, for this QEMU.
    ///
    /// # Errors
    /// When a file cannot be read or is invalid.
    pub(crate) fn config(&self, program: &Program) -> Result<Config> {
        let session = self.session();
        let files = self.files.resolve(self.golden, self.machine)?;
        let system = self.system_disk.as_deref();
        let system = system.map(|file| Disk::system(file, self.keep_disk.as_deref())).transpose()?;
        let disks: Vec<Disk> =
            system.into_iter().chain(self.disk.iter().map(|text| Disk::parse(text))).collect();
        for disk in &disks {
            disk.check()?;
        }
        let memory_disks = session.memory_disks(self.machine, &disks)?;
        let mut fw_cfg = Vec::new();
        if !self.argv.is_empty() {
            let words: Vec<&[u8]> = self.argv.iter().map(|word| word.as_bytes()).collect();
            let contents = argv::encode(&words).map_err(|error| Error::new(error.to_string()))?;
            fw_cfg.push(FwCfg { name: fw_cfg::COMMAND, contents });
        }
        if let Some(script) = &self.script {
            let failed = |error| Error::file("cannot read the script", script, &error);
            fw_cfg.push(FwCfg { name: fw_cfg::SCRIPT, contents: std::fs::read(script).map_err(failed)? });
        }
        if let (Session::Console, Some(size)) = (session, terminal::size()) {
            fw_cfg.push(FwCfg { name: fw_cfg::WINSIZE, contents: size.to_string().into_bytes() });
        }
        if self.login && session == Session::Console && !self.dry_run {
            fw_cfg.push(FwCfg { name: PASSWORD, contents: password()?.into_bytes() });
        }
        let firmware = self.uefi.then(|| Firmware::find(self.qemu_root.as_deref())).transpose()?;
        let mut cmdline = if firmware.is_some() { String::new() } else { files.cmdline };
        if !memory_disks.is_empty() {
            cmdline = format!("{cmdline} {}", memory_disk::CMDLINE);
        }
        for words in &self.append {
            cmdline = format!("{cmdline} {words}").trim().to_owned();
        }
        Ok(Config {
            machine: self.machine,
            cpu_model: self.cpu_model.clone(),
            memory_mib: self.memory,
            cpus: self.cpus,
            firmware,
            kernel: files.kernel,
            initramfs: files.initramfs,
            cmdline,
            network: match (self.no_network, self.open_network) {
                (true, _) => Network::None,
                (false, true) => Network::Open,
                (false, false) => Network::Restricted,
            },
            sandbox: program.can_sandbox && !self.no_sandbox,
            disks,
            memory_disks,
            devices: self.device.clone(),
            session,
            fw_cfg,
            gdb: self.gdb.clone(),
        })
    }

    /// What the guest was to do, in a few words.
    pub(crate) fn name(&self) -> String {
        let words: Vec<_> = self.argv.iter().map(|word| word.to_string_lossy()).collect();
        match &self.script {
            Some(script) => script.display().to_string(),
            None if words.is_empty() => "shell".to_owned(),
            None => words.join(" "),
        }
    }
}

/// A random password of 80 bits, in characters that nobody takes for another.
fn password() -> Result<String> {
    const CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 16];
    let path = Path::new("/dev/urandom");
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut random));
    read.map_err(|error| Error::file("cannot make a password", path, &error))?;
    Ok(random.iter().map(|byte| char::from(CHARACTERS[usize::from(byte % 32)])).collect())
}

fn parse_memory(text: &str) -> std::result::Result<u32, String> {
    let (number, factor) = match text.strip_suffix(['G', 'g']) {
        Some(number) => (number, 1024),
        None => (text.strip_suffix(['M', 'm']).unwrap_or(text), 1),
    };
    let parsed = number.parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
    parsed.filter(|&mib| mib > 0).ok_or_else(|| "expected a size such as 256M or 2G".to_owned())
}

fn parse_seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}
