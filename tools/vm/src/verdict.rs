// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a guest ended: one value, one exit code, one message that names the likely cause and the next step. Pure.
//! `README.md` beside `src` has all of them in a table, which a test compares.
//!
//! A guest's own status can be any of these numbers; the report (`--report`) distinguishes them.

use std::fmt;

/// Exit code when the guest was not started.
pub const EXIT_NOT_STARTED: u8 = 125;

/// How a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The guest's main program ended with status 0, which the guest sent on the verdict channel.
    Passed,
    /// The guest's main program ended with this status, which is not 0.
    Failed {
        /// 1 to 255.
        status: u8,
    },
    /// The guest switched the machine off in a run that requires no status.
    PoweredOff,
    /// The guest ended well (status 0, or powered off in a run that requires no status), but the kernel warned.
    Warned {
        /// The first complaint, or the first that fails the run.
        message: String,
        /// Number of warnings.
        count: usize,
        /// It fails the run.
        denied: bool,
    },
    /// The user at the console quit.
    Quit,
    /// The guest switched the machine off without a status in a run that requires one.
    NoVerdict,
    /// The kernel panicked; its reason.
    KernelPanic(String),
    /// The kernel had an oops or a similar error; its message.
    Oops(String),
    /// Process 1 ended, and so the kernel panicked.
    InitExited {
        /// Its wait status, as in wait(2).
        wait_status: u32,
    },
    /// There is no program that can be process 1; the kernel's message.
    NoInit(String),
    /// There is no root file system; the kernel's message.
    NoRoot(String),
    /// The guest ran out of memory; the kernel's message.
    OutOfMemory(String),
    /// A CPU or a task of the guest makes no progress; the kernel's message.
    Lockup(String),
    /// Nothing came from the guest for too long.
    Inactivity {
        /// The limit.
        seconds: u64,
        /// The state of CPU 0.
        state: Option<String>,
        /// Something had come before.
        began: bool,
        /// The guest was to open its standard streams, and did not.
        waiting_for_streams: bool,
    },
    /// The machine was reset: a reboot, or a triple fault.
    Reset {
        /// Something had come from the guest before.
        began: bool,
    },
    /// QEMU failed.
    VmError {
        /// How, and its message.
        message: String,
        /// The signal that ended its process, if one did: QEMU crashed, or something on the host killed it.
        signal: Option<i32>,
    },
    /// The accelerator does not work on this host; how that showed.
    BrokenAccelerator(String),
    /// The time given with `--timeout` was over.
    Timeout {
        /// That time.
        seconds: u64,
    },
    /// A signal to the runner.
    Interrupted {
        /// Its number.
        signal: u8,
    },
    /// The reader of the guest's output went away.
    OutputClosed,
}

impl Verdict {
    /// Short name, for reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed { .. } => "failed",
            Verdict::PoweredOff => "powered-off",
            Verdict::Warned { .. } => "warned",
            Verdict::Quit => "quit",
            Verdict::NoVerdict => "no-verdict",
            Verdict::KernelPanic(_) => "kernel-panic",
            Verdict::Oops(_) => "oops",
            Verdict::InitExited { .. } => "init-exited",
            Verdict::NoInit(_) => "no-init",
            Verdict::NoRoot(_) => "no-root",
            Verdict::OutOfMemory(_) => "out-of-memory",
            Verdict::Lockup(_) => "lockup",
            Verdict::Inactivity { .. } => "inactivity",
            Verdict::Reset { .. } => "reset",
            Verdict::VmError { .. } => "vm-error",
            Verdict::BrokenAccelerator(_) => "broken-accelerator",
            Verdict::Timeout { .. } => "timeout",
            Verdict::Interrupted { .. } => "interrupted",
            Verdict::OutputClosed => "output-closed",
        }
    }

    /// The runner's exit code: 111 to 124 are the runner's own, 128 + N is signal N.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Passed | Verdict::PoweredOff | Verdict::Quit | Verdict::Warned { denied: false, .. } => {
                0
            }
            Verdict::Warned { denied: true, .. } => 111,
            Verdict::Failed { status } => *status,
            Verdict::Oops(_) => 112,
            Verdict::NoVerdict => 113,
            Verdict::KernelPanic(_) => 114,
            Verdict::NoInit(_) => 115,
            Verdict::NoRoot(_) => 116,
            Verdict::OutOfMemory(_) => 117,
            Verdict::InitExited { .. } => 118,
            Verdict::Lockup(_) => 119,
            Verdict::Inactivity { .. } => 120,
            Verdict::Reset { .. } => 121,
            Verdict::VmError { .. } => 122,
            Verdict::BrokenAccelerator(_) => 123,
            Verdict::Timeout { .. } => 124,
            Verdict::Interrupted { signal } => 128_u8.saturating_add(*signal),
            Verdict::OutputClosed => 141,
        }
    }

    /// Whether the guest or the run failed in a way that the console explains. A status of the main program is not such a
    /// failure: the program has printed its own message.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        !matches!(
            self,
            Verdict::Passed
                | Verdict::Failed { .. }
                | Verdict::PoweredOff
                | Verdict::Warned { denied: false, .. }
                | Verdict::Quit
                | Verdict::OutputClosed
                | Verdict::Interrupted { .. }
        )
    }

    /// Whether the run ended for a reason outside of the guest, so that it gives no information about the guest.
    #[must_use]
    pub fn is_infrastructure(&self) -> bool {
        matches!(
            self,
            Verdict::VmError { .. }
                | Verdict::BrokenAccelerator(_)
                | Verdict::Interrupted { .. }
                | Verdict::OutputClosed
        )
    }

    /// The likely cause and the next step, if known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let text = match self {
            Verdict::Passed
            | Verdict::Failed { .. }
            | Verdict::PoweredOff
            | Verdict::Quit
            | Verdict::Interrupted { .. }
            | Verdict::OutputClosed => return None,
            Verdict::Warned { denied: true, .. } => {
                "warnings of lockdep and UBSAN, and those that match --deny-warning, fail a run; --allow-warning PATTERN accepts them. --log FILE saves the lines after the warning"
            }
            Verdict::Warned { denied: false, .. } => {
                "--allow-warning PATTERN accepts it silently, --deny-warning PATTERN makes it a failure. --log FILE saves the lines after the warning"
            }
            Verdict::NoVerdict => {
                "the status comes from qos's init, through /dev/qos-exit (kernel module qos_exit) or I/O port 0xe9: is this another initramfs, or did a program power off by itself (poweroff -f)? Others can be used at the console: run from a terminal, without a command"
            }
            Verdict::KernelPanic(_) => {
                "the reason is in the lines before the panic; --console shows all of them"
            }
            Verdict::Oops(_) => {
                "the main program's status does not count after a kernel error; read the first oops in the console"
            }
            Verdict::InitExited { wait_status } => return Some(init_exit_advice(*wait_status)),
            Verdict::NoInit(message) => no_init_advice(message),
            Verdict::NoRoot(_) => {
                "the kernel found no initramfs with /init and no root= that it can mount: give --initramfs FILE, or root= with --append, and check that the kernel has the disk's and the file system's driver"
            }
            Verdict::OutOfMemory(_) => {
                "give the guest more with --memory (the initramfs is unpacked into memory)"
            }
            Verdict::Lockup(_) => {
                "a CPU or task stopped making progress; the call trace in the console names the function"
            }
            Verdict::Inactivity { began: false, .. } => {
                "nothing came from the kernel at all: is console=ttyS0 on its command line, and does it have a driver for the serial port (CONFIG_SERIAL_8250_CONSOLE)?"
            }
            Verdict::Inactivity { waiting_for_streams: true, .. } => {
                "the guest's init never opened its standard streams: it is not qos's init, or it hangs before that. Run from a terminal, without a command, to use its console"
            }
            Verdict::Inactivity { .. } => {
                "the guest hangs; the last lines of the console show how far it came. A slow host or guest: --inactivity SECONDS"
            }
            Verdict::Reset { began: false } => {
                "too little memory for the kernel (--memory), or a kernel for another machine or CPU"
            }
            Verdict::Reset { began: true } => {
                "the guest rebooted (poweroff ends it), or a triple fault: the last lines of the console show how far it came"
            }
            Verdict::VmError { message, .. } => vm_error_advice(message),
            Verdict::BrokenAccelerator(_) => {
                "use --accel tcg, which works on every host, or --accel auto, which tests KVM first"
            }
            Verdict::Timeout { .. } => "--timeout ended the guest; the console shows how far it came",
        };
        Some(text.to_owned())
    }
}

fn init_exit_advice(wait_status: u32) -> String {
    match (wait_status & 0x7f, (wait_status >> 8) & 0xff) {
        (0, 127) => "status 127 of a script: a command in it was not found".to_owned(),
        (0, 126) => "status 126 of a script: a command in it could not be executed".to_owned(),
        (0, _) => {
            "process 1 must not end: /init should power off (reboot(2)) or exec another program".to_owned()
        }
        (11 | 7, _) => "process 1 crashed on a memory error; is its stack or a library damaged?".to_owned(),
        (4, _) => {
            "process 1 used an instruction that the CPU lacks: was it compiled for a newer one?".to_owned()
        }
        (9, _) => "process 1 was killed: for lack of memory? Try --memory".to_owned(),
        _ => "process 1 was ended by a signal; it must handle or ignore it".to_owned(),
    }
}

fn no_init_advice(message: &str) -> &'static str {
    if message.contains("-13") || message.contains("error -13") {
        "/init is there but not executable: give it mode 0755 (the builder's manifest, or chmod before packing)"
    } else if message.contains("error -8") || message.contains(": -8") {
        "/init is not a program for this machine: neither an ELF file for x86-64 nor a script with #! in its first line"
    } else if message.contains("unpacking failed") {
        "the initramfs is damaged, or has a compression that this kernel does not support (CONFIG_RD_*)"
    } else if message.contains("rdinit=") || message.contains("has no /init") {
        "the initramfs is cut off, or has no /init (or rdinit= names a program that is not in it): list it with `cargo xtask inspect list FILE`"
    } else {
        "the program is missing, or its interpreter or dynamic loader is (error -2): a #! line or ELF interpreter that is not in the initramfs"
    }
}

fn vm_error_advice(message: &str) -> &'static str {
    if message.contains("initrd") || message.contains("cannot set up guest memory") {
        "the initramfs does not fit into the guest's memory, or the host has too little memory: try another --memory"
    } else if message.contains("seccomp") {
        "this host does not allow QEMU's sandbox; run without it: --no-sandbox"
    } else if message.contains("kernel") {
        "QEMU cannot load this kernel: it needs a bzImage, or a vmlinux with a PVH note (CONFIG_PVH)"
    } else {
        "--verbose shows QEMU's command line"
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Passed => f.write_str("passed"),
            Verdict::Failed { status } => write!(f, "failed with status {status}"),
            Verdict::PoweredOff => f.write_str("the guest powered off"),
            Verdict::Warned { message, count, denied } => {
                let how = if *denied {
                    "failed by a warning of the kernel"
                } else {
                    "ended well, but the kernel warned"
                };
                write!(f, "{how}: {message}")?;
                if *count > 1 { write!(f, " (and {} more)", count - 1) } else { Ok(()) }
            }
            Verdict::Quit => f.write_str("quit; the guest was killed"),
            Verdict::NoVerdict => f.write_str("no verdict: the guest powered off without sending a status"),
            Verdict::KernelPanic(reason) => write!(f, "kernel panic: {reason}"),
            Verdict::Oops(message) => write!(f, "kernel oops: {message}"),
            Verdict::InitExited { wait_status } => match (wait_status & 0x7f, (wait_status >> 8) & 0xff) {
                (0, status) => write!(f, "init exited with status {status}, and the kernel panicked"),
                (signal, _) => write!(f, "init was ended by signal {signal}, and the kernel panicked"),
            },
            Verdict::NoInit(message) => write!(f, "no init: {message}"),
            Verdict::NoRoot(message) => write!(f, "no root file system: {message}"),
            Verdict::OutOfMemory(message) => write!(f, "out of memory: {message}"),
            Verdict::Lockup(message) => write!(f, "lockup: {message}"),
            Verdict::Inactivity { seconds, state, began, .. } => {
                let what = if *began { "no more output from the guest" } else { "no sign of life" };
                write!(f, "{what} for {seconds} s")?;
                state.as_ref().map_or(Ok(()), |state| write!(f, " ({state})"))
            }
            Verdict::Reset { began: true } => f.write_str("the machine was reset"),
            Verdict::Reset { began: false } => {
                f.write_str("the machine was reset before the guest printed anything")
            }
            Verdict::VmError { message, .. } => write!(f, "QEMU failed: {message}"),
            Verdict::BrokenAccelerator(message) => write!(f, "KVM does not work on this host: {message}"),
            Verdict::Timeout { seconds } => write!(f, "timeout after {seconds} s"),
            Verdict::Interrupted { signal } => write!(f, "interrupted by signal {signal}"),
            Verdict::OutputClosed => f.write_str("the reader of the output closed it"),
        }
    }
}
