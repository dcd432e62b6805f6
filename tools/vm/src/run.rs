// SPDX-License-Identifier: MIT OR Apache-2.0
//! A run with the user's options, under an accelerator that works.

use crate::accel::Accel;
use crate::accel::{self, Choice};
use crate::cmdline;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::execute;
use crate::front::Front;
use crate::inputs;
use crate::limits::Limits;
use crate::machine::{Config, Machine, Session};
use crate::memory;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::verdict::Verdict;
use crate::warning::WarningPolicy;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What to run, and how long it may take.
pub struct Request {
    /// The machine.
    pub config: Config,
    /// QEMU.
    pub program: Program,
    /// The requested accelerator; [`Config::accel`] makes the final choice.
    pub accel: Choice,
    /// Limit for the whole run.
    pub timeout: Option<Duration>,
    /// Limit for silence, in place of the one that follows from the host's speed.
    pub inactivity: Option<Duration>,
    /// Which warnings of the kernel count.
    pub warnings: WarningPolicy,
    /// Only a status on the verdict channel counts as a success.
    pub wants_status: bool,
    /// Where to save the display before the runner ends the machine: at a panic, a limit, a signal. A guest that ends by
    /// itself leaves no picture. It is a PNG, or a PPM if the file's name ends in `.ppm`.
    pub screenshot: Option<PathBuf>,
    /// Input and output.
    pub front: Front,
}

/// A message for the user during the run.
pub enum Note<'a> {
    /// One line.
    Line(&'a str),
    /// QEMU was started with this command line.
    Started(&'a [OsString]),
}

/// Runs it.
///
/// # Errors
/// When the guest cannot be started. How a started guest ended is the outcome's verdict.
pub fn run(request: &Request, control: &Control, note: &mut dyn FnMut(Note)) -> Result<Outcome> {
    memory::check(&request.config)?;
    check_cmdline(&request.config)?;
    let choice = request.config.accel(request.accel);
    let plan = accel::plan(choice, &request.program)?;
    if let Some(text) = &plan.note {
        note(Note::Line(text));
    }
    let outcome = attempt(request, plan.accel, control, note)?;
    match &outcome.verdict {
        Verdict::BrokenAccelerator(how) if plan.fallback => {
            note(Note::Line(&format!(
                "KVM does not work on this host ({how}); starting again under TCG, which is slower"
            )));
            accel::remember_broken(&request.program, how);
            attempt(request, Accel::Tcg, control, note)
        }
        verdict => {
            let works =
                outcome.console.times_ns().1.is_some() && !matches!(verdict, Verdict::BrokenAccelerator(_));
            if choice == Choice::Kvm && works {
                accel::forget_broken();
            }
            Ok(outcome)
        }
    }
}

/// The longer of the two command lines that the accelerators lead to.
fn check_cmdline(config: &Config) -> Result<()> {
    let size = inputs::cmdline_size(&config.kernel)?;
    cmdline::check(&config.cmdline_under(Accel::Tcg), size).map_err(Error::new)
}

fn attempt(
    request: &Request,
    accel: Accel,
    control: &Control,
    note: &mut dyn FnMut(Note),
) -> Result<Outcome> {
    let Config { machine, session, .. } = &request.config;
    if *machine == Machine::Microvm && accel == Accel::Tcg && *session != Session::Golden {
        note(Note::Line(
            "a microvm under TCG has no clock that Linux can calibrate by, and may wait for ever: --machine pc boots",
        ));
    }
    let mut limits = Limits::on_this_host(accel);
    limits.timeout = request.timeout;
    if let Some(inactivity) = request.inactivity {
        limits.inactivity = inactivity;
        limits.console_inactivity = true;
    }
    let run = execute::Run {
        config: &request.config,
        program: &request.program,
        accel,
        limits: &limits,
        warnings: &request.warnings,
        wants_status: request.wants_status,
        screenshot: request.screenshot.as_deref(),
        front: &request.front,
        control,
    };
    run.execute(&mut |command_line| note(Note::Started(command_line)))
}
