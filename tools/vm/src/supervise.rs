// SPDX-License-Identifier: MIT OR Apache-2.0
//! One run of QEMU from start to end: every channel has a thread that reads it, and one loop decides.

use crate::classify::{Evidence, Stop};
use crate::conditions;
use crate::console::Console;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::escape::{Action, HELP};
use crate::events::{Event, read_bytes, read_messages, wait_for_exit};
use crate::host::{self, Qemu};
use crate::limits::Limits;
use crate::machine::{Accel, Config, Session};
use crate::outcome::Outcome;
use crate::program::Program;
use crate::qmp::{self, Message};
use crate::relay::{Input, Output, Sink};
use crate::signs::Sign;
use qos_protocol::port;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// After a panic's first line the rest of its message may follow.
const PANIC_GRACE: Duration = Duration::from_secs(2);
/// QEMU has this long to end in its own way before it is killed.
const QUIT_GRACE: Duration = Duration::from_secs(2);
/// QEMU has this long to say where the processor is before it is ended for inactivity.
const ANSWER_GRACE: Duration = Duration::from_secs(10);
/// A processor that was found at work is looked at again after this.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// The outside of a run, which stays the same when the run is repeated under another accelerator.
pub struct Front {
    /// Input for the console or for the main program.
    pub input: Option<Input>,
    /// Live copy of the console.
    pub console: Option<Sink>,
    /// Output of the main program.
    pub stdout: Sink,
    /// Error output of the main program.
    pub stderr: Sink,
}

/// What one run of QEMU needs.
pub(crate) struct Run<'a> {
    pub config: &'a Config,
    pub program: &'a Program,
    pub accel: Accel,
    pub limits: &'a Limits,
    pub wants_status: bool,
    pub screenshot: Option<&'a Path>,
    pub front: &'a Front,
    pub control: &'a Control,
}

impl Run<'_> {
    /// Runs it until it ends; `announce` is told QEMU's command line.
    pub(crate) fn execute(&self, announce: &mut dyn FnMut(&[OsString])) -> Result<Outcome> {
        let (sender, receiver) = &mpsc::channel();
        let started = Instant::now();
        let (qemu, channels) = host::start(self.config, self.program, self.accel)?;
        announce(&qemu.command_line);
        let failed = |error: io::Error| Error::io("cannot use QEMU's control channel", &error);
        let qmp = channels.qmp.try_clone().map_err(failed)?;
        read_bytes(channels.serial, sender.clone(), Event::Console);
        read_bytes(channels.verdict, sender.clone(), Event::Verdict);
        read_bytes(channels.stderr, sender.clone(), Event::Stderr);
        read_messages(channels.qmp, sender.clone());
        wait_for_exit(&qemu, sender.clone());

        let mut outputs = Vec::new();
        let mut stdin = None;
        if let Some([input, output, error]) = channels.streams {
            stdin = Some(input);
            for (source, target) in [(output, &self.front.stdout), (error, &self.front.stderr)] {
                let closed = sender.clone();
                // The loop can be over already; then nobody needs to know.
                let on_closed = move || drop(closed.send(Event::OutputClosed));
                outputs.push(Output::start(source, Sink::clone(target), on_closed));
            }
        }
        if let (Some(input), Some(keyboard)) = (&self.front.input, channels.keyboard) {
            input.connect(keyboard);
        }
        self.control.connect(sender.clone());

        let mut supervisor = Supervisor {
            evidence: Evidence {
                has_initramfs: !self.config.initramfs.is_empty(),
                ..Evidence::new(self.config.session, self.wants_status, self.accel)
            },
            console: Console::default(),
            qemu,
            qmp,
            limits: self.limits,
            debugged: self.config.gdb.is_some(),
            front: self.front,
            screenshot: self.screenshot,
            saved: None,
            stdin,
            stdin_open: false,
            outputs: &outputs,
            started,
            first_byte: None,
            streams_open: None,
            qemu_version: None,
            last_sign_of_life: started,
            asked: None,
            answered: None,
            previous_rip: None,
            ending: None,
            killing: None,
            open_channels: 4,
            exited: false,
        };
        supervisor.supervise(receiver);
        self.control.disconnect();
        let Supervisor { evidence, console, first_byte, streams_open, qemu_version, saved, .. } = supervisor;
        let duration = started.elapsed();
        if let Some(input) = &self.front.input {
            input.disconnect();
        }
        if evidence.stop == Some(Stop::OutputClosed) {
            drop(outputs);
        } else {
            outputs.into_iter().for_each(Output::finish);
        }
        Ok(Outcome {
            verdict: evidence.verdict(),
            accel: self.accel,
            conditions: conditions::of(self.config, self.accel, qemu_version.as_deref(), &console),
            console,
            duration,
            first_byte,
            streams_open,
            verdict_channel: evidence.verdict,
            qemu_stderr: evidence.stderr,
            screenshot: saved,
        })
    }
}

struct Supervisor<'a> {
    evidence: Evidence,
    console: Console,
    qemu: Qemu,
    qmp: UnixStream,
    limits: &'a Limits,
    /// A person with gdb stops the guest and looks at it for as long as they like, at a panic too.
    debugged: bool,
    front: &'a Front,
    /// Where the display is saved before the runner ends the machine.
    screenshot: Option<&'a Path>,
    saved: Option<std::result::Result<(), String>>,
    /// The main program's input, until the guest has opened it and its output.
    stdin: Option<UnixStream>,
    stdin_open: bool,
    outputs: &'a [Output],
    started: Instant,
    first_byte: Option<Duration>,
    streams_open: Option<Duration>,
    qemu_version: Option<String>,
    last_sign_of_life: Instant,
    /// When QEMU was asked where the processor is.
    asked: Option<Instant>,
    /// When it answered last.
    answered: Option<Instant>,
    previous_rip: Option<u64>,
    /// When QEMU is to be told to end.
    ending: Option<Instant>,
    /// When QEMU is to be killed.
    killing: Option<Instant>,
    open_channels: u32,
    exited: bool,
}

impl Supervisor<'_> {
    fn supervise(&mut self, receiver: &Receiver<Event>) {
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
                self.evidence.verdict.extend_from_slice(&bytes);
                self.outputs.iter().for_each(Output::take_all);
            }
            Event::Stderr(bytes) => {
                self.evidence.stderr.push_str(&String::from_utf8_lossy(&bytes));
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
            Event::Action(Action::Quit) => self.stop(Stop::Quit),
            Event::Action(Action::Help) => self.show(format!("\r\n{HELP}\r\n").as_bytes()),
            Event::OutputClosed => self.stop(Stop::OutputClosed),
        }
    }

    fn console_bytes(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.last_sign_of_life = now;
        self.first_byte.get_or_insert(now - self.started);
        self.evidence.console_began = true;
        self.show(bytes);
        for line in self.console.push(bytes) {
            match self.evidence.line(&line).filter(|_| !self.debugged) {
                Some(Sign::Panic(_)) => {
                    self.ending.get_or_insert(now + PANIC_GRACE);
                }
                Some(Sign::PanicEnd) => self.stop(Stop::Panic),
                _ => {}
            }
        }
    }

    fn show(&self, bytes: &[u8]) {
        if let Some(console) = &self.front.console {
            let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
            // The console is a copy for a person; its loss does not end the run.
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
            Message::Port { id, open: true } => self.port_opened(&id),
            Message::Status(status) => self.status(&status),
            Message::Registers(registers) => self.registers(registers),
            Message::Screenshot(answer) => self.saved = Some(answer),
            Message::Port { .. } | Message::Other => {}
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

    /// The answer to what the processor does, which was asked because nothing has come for long.
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
                    "after {seconds} s the processor is {place}, at {:#x}",
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
        if self.ending.is_some() || self.killing.is_some() || self.debugged {
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
        [timeout, self.silence_deadline(), self.ending, self.killing]
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
        if self.ending.is_some_and(|at| now >= at) {
            self.stop(Stop::Panic);
        }
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
        self.ending = None;
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
