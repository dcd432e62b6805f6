// SPDX-License-Identifier: MIT OR Apache-2.0
//! The event loop of a run: it receives events from the channels, and ends QEMU when there is a reason.

use crate::accel::Accel;
use crate::classify::{Evidence, Stop};
use crate::console::Console;
use crate::escape::{Action, HELP};
use crate::events::Event;
use crate::front::Front;
use crate::host::Qemu;
use crate::limits::Limits;
use crate::machine::Session;
use crate::qmp::{self, Message};
use crate::relay::Output;
use crate::signs::Sign;
use crate::suspicion::{Step, Suspicion};
use qos_protocol::port;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How much of QEMU's standard error is kept.
const STDERR_LIMIT: usize = 1 << 20;
/// QEMU has this long to end in its own way before it is killed.
const QUIT_GRACE: Duration = Duration::from_secs(2);
/// Time limit of QEMU's answer about the CPU, before QEMU is ended for inactivity.
const ANSWER_GRACE: Duration = Duration::from_secs(10);
/// Interval until the next sample of a CPU that was busy.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// A run under way.
pub(crate) struct Supervisor<'a> {
    pub(crate) evidence: Evidence,
    pub(crate) console: Console,
    pub(crate) qemu: Qemu,
    pub(crate) qmp: UnixStream,
    pub(crate) limits: &'a Limits,
    /// A user with gdb stops the guest and examines it for any time, also at a panic.
    pub(crate) debugged: bool,
    pub(crate) front: &'a Front,
    /// Where the display is saved before the runner ends the machine.
    pub(crate) screenshot: Option<&'a Path>,
    pub(crate) saved: Option<std::result::Result<(), String>>,
    /// The main program's input, until the guest has opened it and its output.
    pub(crate) stdin: Option<UnixStream>,
    pub(crate) stdin_open: bool,
    /// UEFI firmware may have the ports open, as terminals of its own. It closes them before the kernel starts.
    pub(crate) in_firmware: bool,
    pub(crate) outputs: &'a [Output],
    pub(crate) started: Instant,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) streams_open: Option<Duration>,
    pub(crate) qemu_version: Option<String>,
    pub(crate) last_sign_of_life: Instant,
    /// The time of the query about the CPU.
    pub(crate) asked: Option<Instant>,
    /// When it answered last.
    pub(crate) answered: Option<Instant>,
    pub(crate) previous_rip: Option<u64>,
    /// A panic is on the console that may be a program's text.
    pub(crate) suspicion: Option<Suspicion>,
    /// When QEMU is to be killed.
    pub(crate) killing: Option<Instant>,
    pub(crate) open_channels: u32,
    pub(crate) exited: bool,
}

impl Supervisor<'_> {
    pub(crate) fn supervise(&mut self, receiver: &Receiver<Event>) {
        while !(self.exited && self.open_channels == 0) {
            let wait = self.next_deadline().saturating_duration_since(Instant::now());
            match receiver.recv_timeout(wait) {
                Ok(event) => self.handle(event),
                Err(RecvTimeoutError::Timeout) => {}
                // Not possible: the caller holds a sender.
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.check_deadlines(Instant::now());
        }
        if let Some(line) = self.console.finish() {
            self.evidence.line(&line);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Console(bytes) => self.console_bytes(&bytes),
            Event::Verdict(bytes) => {
                self.evidence.verdict_bytes(&bytes);
                self.outputs.iter().for_each(Output::take_rest);
            }
            Event::Stderr(bytes) => {
                self.qemu_said(&String::from_utf8_lossy(&bytes));
                if self.evidence.stderr.contains("KVM internal error") {
                    self.stop(Stop::Broken("QEMU reports \"KVM internal error\"".into()));
                }
            }
            Event::Qmp(message) => self.message(message),
            Event::Closed => self.open_channels = self.open_channels.saturating_sub(1),
            Event::Exited(exit) => {
                self.evidence.exit = exit;
                self.exited = true;
            }
            Event::Signal(signal) => self.stop(Stop::Signal(signal)),
            Event::Kill => {
                self.evidence.stop.get_or_insert(Stop::Quit);
                self.killing = Some(Instant::now());
            }
            Event::Monitor(command) => self.command(&qmp::monitor(&command)),
            Event::Action(Action::Quit) => self.stop(Stop::Quit),
            Event::Action(Action::Help) => self.show(format!("\r\n{HELP}\r\n").as_bytes()),
            Event::OutputClosed => self.stop(Stop::OutputClosed),
        }
    }

    fn qemu_said(&mut self, text: &str) {
        if self.evidence.stderr.len() < STDERR_LIMIT {
            self.evidence.stderr.push_str(text);
        }
    }

    fn console_bytes(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.last_sign_of_life = now;
        self.first_byte.get_or_insert(now - self.started);
        self.evidence.console_began = true;
        self.show(bytes);
        self.suspicion.iter_mut().for_each(Suspicion::output);
        for line in self.console.push(bytes) {
            let plausible = self.evidence.has_plausible_stamp(&line);
            let sign = self.evidence.line(&line).filter(|_| !self.debugged);
            self.suspect(sign.as_ref(), plausible, now);
        }
    }

    /// Begins to look into a panic on the console.
    fn suspect(&mut self, sign: Option<&Sign>, plausible: bool, now: Instant) {
        if !matches!(sign, Some(Sign::Panic(_) | Sign::PanicEnd(_))) || self.evidence.stop.is_some() {
            return;
        }
        let interval = self.limits.look;
        let suspicion = self.suspicion.get_or_insert_with(|| Suspicion::new(now, plausible, interval));
        if matches!(sign, Some(Sign::PanicEnd(_))) {
            suspicion.ended(now);
        }
    }

    /// What looking into a panic has come to.
    fn step(&mut self, step: Option<Step>) {
        match step {
            Some(Step::Look) => self.command(&qmp::query_processors()),
            Some(Step::Panicked) => self.stop(Stop::Panic),
            Some(Step::Alive) => {
                self.suspicion = None;
                self.evidence.refute_panic();
            }
            None => {}
        }
    }

    fn show(&self, bytes: &[u8]) {
        if let Some(console) = &self.front.console {
            let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
            // The console is only a copy for the user; its loss does not end the run.
            let _ = console.write_all(bytes).and_then(|()| console.flush());
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Greeting { version } => {
                self.qemu_version = version;
                self.command(&qmp::capabilities());
            }
            Message::Stop => self.command(&qmp::query_status()),
            Message::GuestPanicked => self.evidence.panicked = true,
            Message::Shutdown(reason) => self.evidence.shutdown = Some(reason),
            Message::Port { open: false, .. } => self.in_firmware = false,
            Message::Port { open: true, .. } if self.in_firmware && !self.evidence.kernel_began => {}
            Message::Port { id, open: true } => self.port_opened(&id),
            Message::Status(status) => self.status(&status),
            Message::Registers(registers) => self.registers(registers),
            Message::Processors(processors) => {
                let now = Instant::now();
                let step = self.suspicion.as_mut().and_then(|one| one.answer(now, &processors));
                self.step(step);
            }
            Message::Monitor(text) if !text.is_empty() => self.qemu_said(&format!("{text}\n")),
            Message::Screenshot(answer) => self.saved = Some(answer),
            Message::Monitor(_) | Message::Other => {}
        }
    }

    fn port_opened(&mut self, id: &str) {
        self.last_sign_of_life = Instant::now();
        if id == port::STDIN {
            self.stdin_open = true;
        }
        if id == port::STDOUT {
            self.evidence.streams_open = true;
            self.streams_open.get_or_insert(self.started.elapsed());
        }
        // The guest opens its input, waits until the host has done so too, and opens its outputs. An input that ended
        // in between would look as if the host was not there yet.
        if self.stdin_open && self.evidence.streams_open {
            if let (Some(input), Some(stdin)) = (&self.front.input, self.stdin.take()) {
                input.connect(stdin);
            }
        }
    }

    fn status(&mut self, status: &str) {
        match status {
            "internal-error" if self.evidence.accel == Accel::Kvm => {
                self.stop(Stop::Broken("QEMU stopped with KVM's internal error".into()));
            }
            "paused" if self.debugged => {}
            "internal-error" | "io-error" | "paused" => self.stop(Stop::Stopped(status.to_owned())),
            // "shutdown", "guest-panicked": QEMU ends by itself.
            _ => {}
        }
    }

    /// Handles the answer about the CPU's state, which was queried because of inactivity.
    fn registers(&mut self, registers: qmp::Registers) {
        self.evidence.registers = Some(registers);
        self.asked = None;
        self.answered = Some(Instant::now());
        let silent = self.last_sign_of_life.elapsed();
        if self.evidence.accel == Accel::Kvm && !self.evidence.console_began {
            let stuck = self.previous_rip == Some(registers.rip) && !registers.halted;
            self.previous_rip = Some(registers.rip);
            if registers.in_firmware() || stuck {
                let seconds = silent.as_secs();
                let place = if registers.in_firmware() { "still in firmware" } else { "not moving" };
                return self.stop(Stop::Broken(format!(
                    "after {seconds} s the CPU is {place}, at {:#x}",
                    registers.rip
                )));
            }
        }
        if silent >= self.limits.inactivity && self.watches_inactivity() {
            self.stop(Stop::Inactivity(self.limits.inactivity.as_secs()));
        }
    }

    /// Silence means trouble while the guest boots. After that only a golden guest, which has nothing to wait for,
    /// may not be silent: a main program may work for hours, and a person may think for as long.
    fn watches_inactivity(&self) -> bool {
        match self.evidence.session {
            Session::Console => self.limits.console_inactivity,
            Session::Streams => !self.evidence.streams_open,
            Session::Golden => true,
        }
    }

    /// When silence has to be looked into next.
    fn silence_deadline(&self) -> Option<Instant> {
        if self.suspicion.is_some() || self.killing.is_some() || self.debugged {
            return None;
        }
        let kvm_on_trial = self.evidence.accel == Accel::Kvm && !self.evidence.console_began;
        let limit = match (kvm_on_trial, self.watches_inactivity()) {
            (true, _) => self.limits.kvm_silence.min(self.limits.inactivity),
            (false, true) => self.limits.inactivity,
            (false, false) => return None,
        };
        if let Some(asked) = self.asked {
            return Some(asked + ANSWER_GRACE);
        }
        let since = self.last_sign_of_life + limit;
        Some(self.answered.map_or(since, |answered| since.max(answered + PROBE_INTERVAL)))
    }

    fn next_deadline(&self) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        let timeout =
            self.limits.timeout.filter(|_| self.killing.is_none()).map(|limit| self.started + limit);
        let suspicion = self.suspicion.as_ref().map(Suspicion::deadline);
        [timeout, self.silence_deadline(), suspicion, self.killing]
            .into_iter()
            .flatten()
            .fold(far, Instant::min)
    }

    fn check_deadlines(&mut self, now: Instant) {
        if self.killing.is_some_and(|at| now >= at) {
            self.qemu.kill();
            // Its channels end with it; if one does not (an heir of QEMU holds it), it is not waited for.
            self.killing = None;
            self.open_channels = if self.exited { 0 } else { self.open_channels };
        }
        let step = self.suspicion.as_mut().and_then(|suspicion| suspicion.due(now));
        self.step(step);
        if self.limits.timeout.is_some_and(|limit| now >= self.started + limit) {
            self.stop(Stop::Timeout(self.limits.timeout.map_or(0, |limit| limit.as_secs())));
        }
        if self.silence_deadline().is_some_and(|at| now >= at) {
            if self.asked.is_some() {
                // QEMU itself does not answer.
                self.stop(Stop::Inactivity(self.limits.inactivity.as_secs()));
            } else {
                self.asked = Some(now);
                self.command(&qmp::query_registers());
            }
        }
    }

    /// Ends QEMU; the first reason counts.
    fn stop(&mut self, why: Stop) {
        self.suspicion = None;
        if self.evidence.stop.is_some() {
            return;
        }
        self.evidence.stop = Some(why);
        if let Some(file) = self.screenshot {
            self.command(&qmp::screendump(file));
        }
        self.command(&qmp::quit());
        self.killing = Some(Instant::now() + QUIT_GRACE);
    }

    fn command(&mut self, command: &str) {
        // When QEMU has ended, that is seen elsewhere.
        let _ = self.qmp.write_all(command.as_bytes());
    }
}
