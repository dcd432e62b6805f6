// SPDX-License-Identifier: MIT OR Apache-2.0
//! One run of QEMU from start to end: every channel has a thread that reads it, and one loop decides.

use crate::accel::Accel;
use crate::classify::{Evidence, Stop};
use crate::conditions;
use crate::console::Console;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::events::{Event, QUEUE, read_bytes, read_messages, wait_for_exit};
use crate::front::Front;
use crate::host;
use crate::limits::Limits;
use crate::machine::Config;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::relay::{Output, Sink};
use crate::supervise::Supervisor;
use crate::warning::WarningPolicy;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

/// What one run of QEMU needs.
pub(crate) struct Run<'a> {
    pub config: &'a Config,
    pub program: &'a Program,
    pub accel: Accel,
    pub limits: &'a Limits,
    pub warnings: &'a WarningPolicy,
    pub wants_status: bool,
    pub screenshot: Option<&'a Path>,
    pub front: &'a Front,
    pub control: &'a Control,
}

impl Run<'_> {
    /// Runs it until it ends; `announce` receives QEMU's command line.
    pub(crate) fn execute(&self, announce: &mut dyn FnMut(&[OsString])) -> Result<Outcome> {
        let (sender, receiver) = mpsc::sync_channel(QUEUE);
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
                // The loop can have ended; then the event is not needed.
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
                warnings: self.warnings.clone(),
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
            in_firmware: self.config.firmware.is_some(),
            outputs: &outputs,
            started,
            first_byte: None,
            streams_open: None,
            qemu_version: None,
            last_sign_of_life: started,
            asked: None,
            answered: None,
            previous_rip: None,
            suspicion: None,
            killing: None,
            open_channels: 4,
            exited: false,
        };
        supervisor.supervise(&receiver);
        // Events have no receiver from here on: their senders must not wait.
        drop(receiver);
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
