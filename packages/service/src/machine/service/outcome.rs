// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a service ended, and whether it is started again.

use crate::event::Ended;
use qos_unit::value::{Statuses, signal_name};
use qos_unit::{Restart, Service};
use std::time::Duration;

/// The result of a service, by systemd's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.exec(5), $SERVICE_RESULT")]
pub enum Outcome {
    Success,
    Resources,
    Protocol,
    Timeout,
    ExitCode,
    Signal,
    CoreDump,
    Watchdog,
    StartLimitHit,
    ExecCondition,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 10] = [
        Outcome::Success,
        Outcome::Resources,
        Outcome::Protocol,
        Outcome::Timeout,
        Outcome::ExitCode,
        Outcome::Signal,
        Outcome::CoreDump,
        Outcome::Watchdog,
        Outcome::StartLimitHit,
        Outcome::ExecCondition,
    ];

    /// The name for people and for `$SERVICE_RESULT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::Resources => "resources",
            Outcome::Protocol => "protocol",
            Outcome::Timeout => "timeout",
            Outcome::ExitCode => "exit-code",
            Outcome::Signal => "signal",
            Outcome::CoreDump => "core-dump",
            Outcome::Watchdog => "watchdog",
            Outcome::StartLimitHit => "start-limit-hit",
            Outcome::ExecCondition => "exec-condition",
        }
    }

    /// This, or `later` if this is a success: the first failure is the reason.
    #[must_use]
    pub fn first(self, later: Outcome) -> Outcome {
        if self == Outcome::Success { later } else { self }
    }
}

/// Signals after which a core may have been dumped.
const CORE: [u8; 8] = [3, 4, 5, 6, 7, 8, 11, 31];

/// Signals by which daemons end on request: SIGHUP, SIGINT, SIGTERM, SIGPIPE.
const CLEAN: [u8; 4] = [1, 2, 15, 13];

/// What the end of a process means. `daemon`: a clean signal is a success.
#[must_use]
pub fn outcome(ended: Ended, success: &Statuses, daemon: bool) -> Outcome {
    match ended {
        Ended::Exited(0) => Outcome::Success,
        Ended::Exited(status) if success.statuses.contains(&status) => Outcome::Success,
        Ended::Exited(_) => Outcome::ExitCode,
        Ended::Killed(signal) if success.signals.contains(&i32::from(signal)) => Outcome::Success,
        Ended::Killed(signal) if daemon && CLEAN.contains(&signal) => Outcome::Success,
        Ended::Killed(signal) if CORE.contains(&signal) => Outcome::CoreDump,
        Ended::Killed(_) => Outcome::Signal,
    }
}

/// How a process ended, for people.
#[must_use]
pub fn describe(ended: Ended) -> String {
    match ended {
        Ended::Exited(status) => format!("exited with status {status}"),
        Ended::Killed(signal) => format!("was killed by SIG{}", signal_name(signal.into())),
    }
}

/// Whether the service is started again after its end (the table of systemd.service(5)).
#[must_use]
pub fn should_restart(service: &Service, outcome: Outcome, ended: Option<Ended>) -> bool {
    let listed = |list: &Statuses| match ended {
        Some(Ended::Exited(status)) => list.statuses.contains(&status),
        Some(Ended::Killed(signal)) => list.signals.contains(&i32::from(signal)),
        None => false,
    };
    if listed(&service.prevent_restart) || outcome == Outcome::ExecCondition {
        return false;
    }
    if listed(&service.force_restart) {
        return true;
    }
    let clean = outcome == Outcome::Success;
    match service.restart {
        Restart::No => false,
        Restart::Always => true,
        Restart::OnSuccess => clean,
        Restart::OnFailure => !clean,
        Restart::OnAbnormal => !clean && outcome != Outcome::ExitCode,
        Restart::OnWatchdog => outcome == Outcome::Watchdog,
        Restart::OnAbort => matches!(outcome, Outcome::Signal | Outcome::CoreDump),
    }
}

/// How long to wait before restart number `restarts` (from 0): with `RestartSteps=` it grows to `RestartMaxDelaySec=` by a constant
/// factor.
#[must_use]
pub fn delay(service: &Service, restarts: u32) -> Duration {
    let (first, last, steps) = (service.restart_delay, service.restart_max_delay, service.restart_steps);
    if steps == 0 || first.is_zero() || last <= first || last == qos_unit::span::INFINITY {
        return first;
    }
    if restarts >= steps {
        return last;
    }
    let factor = (last.as_secs_f64() / first.as_secs_f64()).powf(f64::from(restarts) / f64::from(steps));
    Duration::try_from_secs_f64(first.as_secs_f64() * factor).unwrap_or(last).min(last)
}
