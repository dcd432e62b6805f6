// SPDX-License-Identifier: MIT OR Apache-2.0
//! Derives the verdict from the evidence of a run. Pure.

use crate::accel::Accel;
use crate::machine::Session;
use crate::qmp::Registers;
use crate::signs::{PanicKind, Sign, is_orderly_end, kernel_part, panic_kind, recognise};
use crate::verdict::Verdict;
use crate::warning::{Warning, WarningPolicy};
use qos_bootlog::Line;
use qos_protocol::verdict as protocol;

/// Bytes of the verdict channel kept.
const VERDICT_LIMIT: usize = 64 << 10;

/// Signs kept.
const MOST_SIGNS: usize = 1000;

/// Lines of several CPUs can be out of order by this much.
const CLOCK_TOLERANCE_NS: u64 = 1_000_000_000;

/// Why the runner ended the machine, when it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The kernel panicked: nothing follows.
    Panic,
    /// The accelerator is broken; how that showed.
    Broken(String),
    /// QEMU stopped the CPUs; its `RunState`.
    Stopped(String),
    /// Nothing came for this many seconds.
    Inactivity(u64),
    /// The time given was over, in seconds.
    Timeout(u64),
    /// A signal to the runner.
    Signal(u8),
    /// The user at the console quit.
    Quit,
    /// The reader of the output went away.
    OutputClosed,
}

/// How QEMU's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// Everything that was seen of a run.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// How the guest was talked to.
    pub session: Session,
    /// A status is expected from the guest.
    pub wants_status: bool,
    /// What executed the guest.
    pub accel: Accel,
    /// The guest was given an initramfs.
    pub has_initramfs: bool,
    /// Which warnings of the kernel count.
    pub warnings: WarningPolicy,
    /// Signs on the console, in their order.
    pub signs: Vec<Sign>,
    /// Something came from the console.
    pub console_began: bool,
    /// The kernel has printed a line.
    pub kernel_began: bool,
    /// The latest time stamp of the kernel, in nanoseconds.
    pub last_ns: Option<u64>,
    /// The guest opened its standard streams.
    pub streams_open: bool,
    /// The pvpanic device reported a panic.
    pub panicked: bool,
    /// QEMU's reason for the end of the machine.
    pub shutdown: Option<String>,
    /// The state of CPU 0 before the runner ended the machine for inactivity.
    pub registers: Option<Registers>,
    /// Bytes of the verdict channel.
    pub verdict: Vec<u8>,
    /// What QEMU wrote on standard error.
    pub stderr: String,
    /// Why the runner ended the machine, when it did.
    pub stop: Option<Stop>,
    /// How QEMU's process ended.
    pub exit: Exit,
}

impl Evidence {
    /// Evidence of a run of which nothing has been seen yet, and whose QEMU ended well.
    #[must_use]
    pub fn new(session: Session, wants_status: bool, accel: Accel) -> Self {
        Self {
            session,
            wants_status,
            accel,
            has_initramfs: true,
            warnings: WarningPolicy::default(),
            signs: Vec::new(),
            console_began: false,
            kernel_began: false,
            last_ns: None,
            streams_open: false,
            panicked: false,
            shutdown: None,
            registers: None,
            verdict: Vec::new(),
            stderr: String::new(),
            stop: None,
            exit: Exit::Code(0),
        }
    }

    /// Records a line of the console, and returns its meaning.
    pub fn line(&mut self, line: &Line) -> Option<Sign> {
        if is_orderly_end(line) {
            self.refute_panic();
        }
        let sign = recognise(line);
        self.kernel_began |= line.time_ns.is_some();
        self.last_ns = self.last_ns.max(line.time_ns);
        let sign = sign?;
        // A guest in trouble repeats itself for ever. A panic is the end of that.
        let is_panic = matches!(sign, Sign::Panic(_) | Sign::PanicEnd(_));
        if self.signs.len() < MOST_SIGNS || (is_panic && self.panic_reason().is_none()) {
            self.signs.push(sign.clone());
        }
        Some(sign)
    }

    /// Whether this line could be a panic of the kernel, according to its time stamp: the kernel stamps all of its lines or none, and
    /// its time does not go backwards. The line of a program that prints a stored log can satisfy both.
    #[must_use]
    pub fn has_plausible_stamp(&self, line: &Line) -> bool {
        let stamp = kernel_part(line).map_or(line.time_ns, |inner| inner.time_ns);
        match (stamp, self.last_ns) {
            (Some(now), Some(last)) => now.saturating_add(CLOCK_TOLERANCE_NS) >= last,
            (None, Some(_)) => false,
            (_, None) => true,
        }
    }

    /// Takes bytes of the verdict channel. The last line counts, so that of a flood only the end is kept.
    pub fn verdict_bytes(&mut self, bytes: &[u8]) {
        self.verdict.extend_from_slice(bytes);
        let surplus = self.verdict.len().saturating_sub(VERDICT_LIMIT);
        self.verdict.drain(..surplus);
    }

    /// The guest was seen to live on: a text like that of a panic was a program's.
    pub fn refute_panic(&mut self) {
        self.signs.retain(|sign| !matches!(sign, Sign::Panic(_) | Sign::PanicEnd(_)));
    }

    /// The verdict.
    ///
    /// The kernel's messages before its end have priority, then the runner's own actions with their reasons, then QEMU's failures.
    /// A run passes only if there are none of these, and only by a status on the verdict channel.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if let Some(Stop::Broken(how)) = &self.stop {
            return Verdict::BrokenAccelerator(how.clone());
        }
        if let Some(reason) = self.panic_reason() {
            return self.panic_verdict(reason);
        }
        if self.panicked {
            return Verdict::KernelPanic("reported through pvpanic, without a word on the console".into());
        }
        if let Some(verdict) = self.stop_verdict() {
            return verdict;
        }
        if self.exit != Exit::Code(0) {
            return self.vm_failure();
        }
        if self.shutdown.as_deref() == Some("guest-reset") && self.status().is_none() {
            return self.reset_verdict();
        }
        self.end_verdict()
    }

    fn status(&self) -> Option<u8> {
        protocol::parse(&self.verdict)
    }

    fn first(&self, wanted: fn(&Sign) -> Option<&String>) -> Option<&String> {
        self.signs.iter().find_map(wanted)
    }

    /// What is taken for the reason of a panic. The kernel cannot power off the machine after one.
    fn panic_reason(&self) -> Option<&String> {
        if self.shutdown.as_deref() == Some("guest-shutdown") {
            return None;
        }
        self.first(|sign| match sign {
            Sign::Panic(reason) | Sign::PanicEnd(reason) => Some(reason),
            _ => None,
        })
    }

    fn no_init(&self) -> Option<&String> {
        self.first(|sign| if let Sign::NoInit(message) = sign { Some(message) } else { None })
    }

    /// The kernel's reason why a guest does not end, if it printed one: the first message, because the following ones result from it.
    fn first_trouble(&self) -> Option<Verdict> {
        self.signs.iter().find_map(|sign| match sign {
            Sign::Lockup(message) => Some(Verdict::Lockup(message.clone())),
            Sign::OutOfMemory(message) => Some(Verdict::OutOfMemory(message.clone())),
            _ => None,
        })
    }

    fn panic_verdict(&self, reason: &str) -> Verdict {
        let out_of_memory =
            self.first(|sign| if let Sign::OutOfMemory(message) = sign { Some(message) } else { None });
        match panic_kind(reason) {
            PanicKind::InitExited(wait_status) => match out_of_memory {
                Some(message) if wait_status & 0x7f == 9 => Verdict::OutOfMemory(message.clone()),
                _ => Verdict::InitExited { wait_status },
            },
            PanicKind::OutOfMemory => Verdict::OutOfMemory(reason.to_owned()),
            PanicKind::Lockup => Verdict::Lockup(reason.to_owned()),
            // The panic is about the root file system, but the cause is the kernel's earlier message about /init.
            PanicKind::NoRoot | PanicKind::NoInit => {
                if let Some(message) = out_of_memory {
                    return Verdict::OutOfMemory(message.clone());
                }
                if let Some(message) = self.bad_initramfs() {
                    return Verdict::NoInit(message.clone());
                }
                if let Some(message) = self.no_init() {
                    return Verdict::NoInit(message.clone());
                }
                let device =
                    self.first(|sign| if let Sign::NoRoot(device) = sign { Some(device) } else { None });
                match device {
                    _ if panic_kind(reason) == PanicKind::NoInit => Verdict::NoInit(reason.to_owned()),
                    // No root= was given, so /init was to come from the initramfs.
                    Some(device) if device.is_empty() && self.has_initramfs => {
                        Verdict::NoInit("the initramfs has no /init".to_owned())
                    }
                    Some(device) if !device.is_empty() => {
                        Verdict::NoRoot(format!("{reason} (root={device})"))
                    }
                    _ => Verdict::NoRoot(reason.to_owned()),
                }
            }
            // The kernel's first message is the cause: panic_on_oops, or an oops in a context that it cannot leave.
            PanicKind::Other if reason.starts_with("Fatal exception") => {
                let oops =
                    self.first(|sign| if let Sign::Oops(message) = sign { Some(message) } else { None });
                Verdict::KernelPanic(oops.map_or(reason, String::as_str).to_owned())
            }
            PanicKind::Other => Verdict::KernelPanic(reason.to_owned()),
        }
    }

    fn bad_initramfs(&self) -> Option<&String> {
        self.first(|sign| if let Sign::BadInitramfs(message) = sign { Some(message) } else { None })
    }

    fn stop_verdict(&self) -> Option<Verdict> {
        Some(match self.stop.as_ref()? {
            Stop::Panic => Verdict::KernelPanic("its reason was cut off".into()),
            Stop::Broken(how) => Verdict::BrokenAccelerator(how.clone()),
            Stop::Stopped(state) => Verdict::VmError {
                message: format!("it stopped the guest: {state}{}", self.said()),
                signal: None,
            },
            Stop::Inactivity(seconds) => match self.first_trouble() {
                Some(verdict) => verdict,
                None => Verdict::Inactivity {
                    seconds: *seconds,
                    state: self.registers.map(describe),
                    began: self.console_began,
                    waiting_for_streams: self.session == Session::Streams && !self.streams_open,
                },
            },
            Stop::Timeout(seconds) => self.first_trouble().unwrap_or(Verdict::Timeout { seconds: *seconds }),
            Stop::Signal(signal) => Verdict::Interrupted { signal: *signal },
            Stop::Quit => Verdict::Quit,
            Stop::OutputClosed => Verdict::OutputClosed,
        })
    }

    /// QEMU ended badly by itself. Under KVM, before the kernel spoke, that is KVM's doing: the machine is the same
    /// that works under TCG. QEMU's refusal of its arguments or files is not: nothing ran yet.
    fn vm_failure(&self) -> Verdict {
        let (end, signal) = match self.exit {
            Exit::Code(code) => (format!("exit status {code}"), None),
            Exit::Signal(signal) => (format!("ended by signal {signal}"), Some(signal)),
        };
        let message = end + &self.said();
        let kvm_said = self.stderr.to_ascii_lowercase().contains("kvm");
        if self.accel == Accel::Kvm && !self.kernel_began && (kvm_said || signal.is_some()) {
            return Verdict::BrokenAccelerator(format!("QEMU: {message}"));
        }
        Verdict::VmError { message, signal }
    }

    fn reset_verdict(&self) -> Verdict {
        if self.accel == Accel::Kvm && !self.kernel_began {
            return Verdict::BrokenAccelerator("the machine was reset before the kernel's first line".into());
        }
        Verdict::Reset { began: self.console_began }
    }

    fn end_verdict(&self) -> Verdict {
        let oops = self.first(|sign| if let Sign::Oops(message) = sign { Some(message) } else { None });
        match (self.status(), oops) {
            (_, Some(message)) if !self.is_watched() => Verdict::Oops(message.clone()),
            (Some(0), _) => self.warned().unwrap_or(Verdict::Passed),
            (Some(status), _) => Verdict::Failed { status },
            (None, _) if self.wants_status => Verdict::NoVerdict,
            (None, _) => self.warned().unwrap_or(Verdict::PoweredOff),
        }
    }

    /// A user at the console has seen the kernel's messages, may have continued, and may have printed some of them.
    fn is_watched(&self) -> bool {
        self.session == Session::Console && !self.wants_status
    }

    /// The verdict on a guest that ended well although the kernel warned. In a session at the console only a warning that is denied by
    /// name fails the run.
    fn warned(&self) -> Option<Verdict> {
        let warnings = self.signs.iter().filter_map(as_warning);
        let warnings =
            warnings.map(|warning| Warning { checked: warning.checked && !self.is_watched(), ..warning });
        let counted = warnings.filter(|warning| !self.warnings.allows(warning));
        let counted: Vec<Warning> = counted.collect();
        let first = counted.iter().find(|warning| self.warnings.denies(warning)).or(counted.first())?;
        Some(Verdict::Warned {
            message: first.message.clone(),
            count: counted.len(),
            denied: self.warnings.denies(first),
        })
    }

    /// QEMU's message about its end, as an appendix to another message.
    fn said(&self) -> String {
        let worth = |line: &&str| !line.trim().is_empty() && !line.contains(": warning: ");
        let lines: Vec<&str> = self.stderr.lines().filter(worth).collect();
        // The cause comes first; an assertion that fails after it is only its consequence.
        let cause = lines.iter().find(|line| line.contains("error")).or(lines.last());
        cause.map_or(String::new(), |line| {
            let text = line.trim().trim_start_matches("qemu-system-x86_64: ").trim_start_matches("error: ");
            format!(": {text}")
        })
    }
}

/// A sign as a complaint of the kernel, where it is one in a guest that ended well.
fn as_warning(sign: &Sign) -> Option<Warning> {
    match sign {
        Sign::Warning(warning) => Some(warning.clone()),
        Sign::Oops(message) | Sign::Lockup(message) | Sign::BadInitramfs(message) => {
            Some(Warning { message: message.clone(), checked: false })
        }
        Sign::OutOfMemory(message) if message.starts_with("Initramfs") => {
            Some(Warning { message: message.clone(), checked: false })
        }
        _ => None,
    }
}

fn describe(registers: Registers) -> String {
    match registers {
        Registers { halted: true, .. } => {
            "CPU 0 is idle: the guest waits for something that does not come".to_owned()
        }
        Registers { rip, .. } if registers.in_firmware() => {
            format!("CPU 0 is busy in firmware, at {rip:#x}")
        }
        Registers { rip, .. } => format!("CPU 0 is busy at {rip:#x}"),
    }
}
