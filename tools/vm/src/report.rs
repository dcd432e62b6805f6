// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report on a run: text for a person, and JSON for a program.

use crate::machine::Session;
use crate::outcome::Outcome;
use crate::verdict::Verdict;
use qos_bootlog::{ktap, parse};
use qos_results::{Case, Outcome as TestOutcome, Results, Suite};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Number of console lines that are shown after a failure.
const TAIL: usize = 15;

/// The report in JSON.
pub(crate) fn json(outcome: &Outcome, session: Session) -> Value {
    let (init_ns, last_ns) = outcome.console.times_ns();
    let seconds = |duration: Duration| (duration.as_secs_f64() * 1000.0).round() / 1000.0;
    let golden = session == Session::Golden;
    json!({
        "verdict": outcome.verdict.name(),
        "message": outcome.verdict.to_string(),
        "advice": outcome.verdict.advice(),
        "exit_code": outcome.verdict.exit_code(),
        "guest_status": qos_protocol::verdict::parse(&outcome.verdict_channel),
        "accelerator": outcome.accel.name(),
        "golden": golden,
        "conditions": outcome.conditions.entries().collect::<BTreeMap<_, _>>(),
        "seconds": seconds(outcome.duration),
        "seconds_to_first_byte": outcome.first_byte.map(seconds),
        "seconds_to_streams": outcome.streams_open.map(seconds),
        "init_time_ns": init_ns,
        "last_time_ns": last_ns,
        // With `-icount shift=0` the guest's clock advances a nanosecond with every instruction.
        "instructions_to_init": init_ns.filter(|_| golden),
        "instructions_to_last_line": last_ns.filter(|_| golden),
        "console_bytes": outcome.console.raw().len() as u64 + outcome.console.dropped(),
        "qemu_stderr": outcome.qemu_stderr,
        "console_tail": outcome.console.tail(40),
    })
}

/// The run as the test `name`, and the tests that reported in KTAP on the console, for JUnit.
pub(crate) fn results(outcome: &Outcome, name: &str) -> Results {
    let lines = parse(outcome.console.raw());
    let case = Case {
        time: Some(outcome.duration),
        output: match outcome.verdict.exit_code() {
            0 => String::new(),
            _ => lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"),
        },
        ..Case::new(name, test_outcome(&outcome.verdict))
    };
    let boot = Suite { time: case.time, cases: vec![case], ..Suite::new("boot") };
    let reports = ktap::reports(&lines);
    let numbered = reports.iter().enumerate();
    let reports = numbered.map(|(at, report)| Suite::of_ktap(format!("ktap {}", at + 1), report));
    Results { suites: std::iter::once(boot).chain(reports).collect() }
}

/// A run that did not start, for JUnit.
pub(crate) fn not_started(name: &str, why: &str) -> Results {
    let case = Case::new(name, TestOutcome::Error(why.to_owned()));
    Results { suites: vec![Suite { cases: vec![case], ..Suite::new("boot") }] }
}

/// A failure is the guest's, an error the host's or the runner's.
fn test_outcome(verdict: &Verdict) -> TestOutcome {
    let message =
        [Some(verdict.to_string()), verdict.advice()].into_iter().flatten().collect::<Vec<_>>().join("; ");
    match verdict {
        Verdict::Passed | Verdict::PoweredOff | Verdict::Quit | Verdict::Warned { denied: false, .. } => {
            TestOutcome::Passed
        }
        verdict if verdict.is_infrastructure() => TestOutcome::Error(message),
        _ => TestOutcome::Failed(message),
    }
}

/// The lines for a person; none if the guest's own output is sufficient.
pub(crate) fn lines(
    outcome: &Outcome,
    session: Session,
    console_shown: bool,
    log: Option<&Path>,
) -> Vec<String> {
    let verdict = &outcome.verdict;
    let silent = match verdict {
        Verdict::Passed | Verdict::Failed { .. } => session != Session::Golden,
        Verdict::PoweredOff => session == Session::Streams,
        Verdict::OutputClosed => true,
        _ => false,
    };
    if silent {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if verdict.is_trouble() && !console_shown {
        let tail = outcome.console.tail(TAIL);
        if tail.is_empty() {
            lines.push("the console is empty".to_owned());
        } else {
            lines.push("the last lines of the console:".to_owned());
            lines.extend(tail.into_iter().map(|line| format!("  | {line}")));
        }
        if let Some(log) = log.filter(|_| !outcome.console.raw().is_empty()) {
            lines.push(format!("the whole console is in {}", log.display()));
        }
    }
    lines.push(verdict.to_string());
    lines.extend(verdict.advice());
    lines
}
