// SPDX-License-Identifier: MIT OR Apache-2.0
//! The units that the manager of services started during a boot: state, order, time to start.
//!
//! `qos-init`, where it is the manager (`packages/service`), writes these lines to the kernel's log:
//!
//! ```text
//! [    0.083264] qos-init: a.service: starting
//! [    0.086924] qos-init: a.service: started
//! [    0.086935] qos-init: b.target: reached
//! [    0.086940] qos-init: c.service: not started: ConditionPathExists=/dev/tty0 does not hold
//! [    0.087100] qos-init: d.service: failed: exit-code
//! [    0.135766] qos-init: a.service: ended
//! ```
//!
//! It writes `starting` only for a service whose start takes time: not for one that counts as started as soon as its process exists.

use crate::lcs;
use crate::{Line, Source};
use std::collections::BTreeSet;

/// How each line of the manager begins.
const MANAGER: &str = "qos-init: ";

/// Suffixes of the names of units: systemd.unit(5).
const KINDS: [&str; 11] = [
    ".service",
    ".socket",
    ".target",
    ".device",
    ".mount",
    ".automount",
    ".swap",
    ".timer",
    ".path",
    ".slice",
    ".scope",
];

/// The targets with which the end of the system begins. What is said of the end of a unit after them was asked for.
const END: [&str; 8] = [
    "umount.target",
    "shutdown.target",
    "final.target",
    "poweroff.target",
    "reboot.target",
    "halt.target",
    "kexec.target",
    "exit.target",
];

/// What became of a unit, by the last line about it before the end of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its start did not end.
    Starting,
    /// It runs, or is reached.
    Started,
    /// It has done its work, or stopped.
    Ended,
    /// A condition did not hold, or what it needs failed.
    NotStarted,
    /// It failed.
    Failed,
}

impl State {
    /// The name, in the words of the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Ended => "ended",
            Self::NotStarted => "not started",
            Self::Failed => "failed",
        }
    }
}

/// A unit of a boot: a service, a target, a mount and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name, with its suffix.
    pub name: String,
    /// What became of it.
    pub state: State,
    /// Why it failed or was not started, if the log has a reason.
    pub reason: Option<String>,
    /// Instructions from the log's first time stamp to the beginning of its first start; `None` if its start takes no time.
    pub start: Option<u64>,
    /// Instructions to the end of its first start, good or bad; `None` if that did not come.
    pub end: Option<u64>,
    /// How often it was started: more than once if it was restarted.
    pub starts: usize,
}

impl Service {
    /// Instructions that its first start took, if the log has its beginning and its end.
    #[must_use]
    pub fn instructions(&self) -> Option<u64> {
        self.end?.checked_sub(self.start?)
    }

    /// Whether it has a place in the order in which the units started.
    fn has_place(&self) -> bool {
        self.end.is_some() && self.state != State::NotStarted
    }
}

/// The units of a boot in the order in which their first starts ended; those whose start did not end come last. The targets of
/// the end of the system are not among them.
#[must_use]
pub fn of(lines: &[Line]) -> Vec<Service> {
    let origin = lines.iter().find_map(|line| line.time_ns).unwrap_or(0);
    let mut units: Vec<Service> = Vec::new();
    let mut order = Vec::new();
    let mut is_end = false;
    for line in lines {
        let Some((name, said)) = said(line) else { continue };
        is_end |= END.contains(&name);
        if END.contains(&name) {
            continue;
        }
        let (state, reason) = match said.split_once(": ") {
            None if said == "starting" => (State::Starting, None),
            None if matches!(said, "started" | "reached") => (State::Started, None),
            None if said == "ended" => (State::Ended, None),
            None if said == "failed" => (State::Failed, None),
            Some(("failed", reason)) => (State::Failed, Some(reason)),
            Some(("not started", reason)) => (State::NotStarted, Some(reason)),
            _ => continue,
        };
        let at = units.iter().position(|unit| unit.name == name);
        // To be stopped at the end is no news of a unit; to fail then is.
        if is_end && (state != State::Failed || at.is_none()) {
            continue;
        }
        let at = at.unwrap_or_else(|| {
            units.push(Service {
                name: name.to_owned(),
                state,
                reason: None,
                start: None,
                end: None,
                starts: 0,
            });
            units.len() - 1
        });
        let unit = &mut units[at];
        let time = line.time_ns.map(|time| time.saturating_sub(origin));
        (unit.state, unit.reason) = (state, reason.map(str::to_owned));
        match state {
            State::Starting if unit.end.is_none() => unit.start = time,
            State::Starting => {}
            _ if unit.end.is_none() => {
                unit.end = time;
                order.push(at);
            }
            _ => {}
        }
        unit.starts += usize::from(state == State::Started);
    }
    order.extend(
        (0..units.len()).filter(|at| units[*at].end.is_none() && !order.contains(at)).collect::<Vec<_>>(),
    );
    order.into_iter().map(|at| units[at].clone()).collect()
}

/// The names of units that started at another place among those that both boots started: the fewest that explain the change.
#[must_use]
pub fn reordered<'a>(base: &'a [Service], head: &'a [Service]) -> BTreeSet<&'a str> {
    let names = |units: &'a [Service], others: &[Service]| -> Vec<&'a str> {
        let both = |unit: &&Service| {
            unit.has_place() && others.iter().any(|other| other.name == unit.name && other.has_place())
        };
        units.iter().filter(both).map(|unit| unit.name.as_str()).collect()
    };
    let (base, head) = (names(base, head), names(head, base));
    let kept: BTreeSet<usize> = lcs::pairs(&base, &head).into_iter().map(|(_, at)| at).collect();
    head.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, name)| *name).collect()
}

/// The unit that a line of the manager is about, and what it says of it.
fn said(line: &Line) -> Option<(&str, &str)> {
    // A program that prints such a text is not the manager.
    let message = (line.source == Source::Kernel).then(|| line.message())?;
    let (name, said) = message.strip_prefix(MANAGER)?.split_once(": ")?;
    let is_name = |name: &str| KINDS.iter().any(|kind| name.len() > kind.len() && name.ends_with(kind));
    (is_name(name) && !name.contains(' ')).then_some((name, said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// A log of what the manager says, with a microsecond for each line: its number from 0 on.
    fn log(said: &[&str]) -> Vec<Service> {
        let line = |(at, text): (usize, &&str)| format!("[    0.{at:06}] qos-init: {text}\n");
        of(&parse(said.iter().enumerate().map(line).collect::<String>().as_bytes()))
    }

    /// A unit a line: name, state, `(reason)`, `start-end` in microseconds, `×starts`.
    #[track_caller]
    fn check(said: &[&str], expect: &[&str]) {
        let micros = |time: Option<u64>| time.map(|time| (time / 1000).to_string()).unwrap_or_default();
        let shown: Vec<String> = log(said)
            .iter()
            .map(|unit| {
                let reason = unit.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                let (start, end) = (micros(unit.start), micros(unit.end));
                format!("{} {}{reason} {start}-{end} ×{}", unit.name, unit.state.name(), unit.starts)
            })
            .collect();
        assert_eq!(shown, expect, "{said:?}");
    }

    #[test]
    fn states_order_and_times() {
        check(&["ready", "started", "status 0", "end: power off", "a.service"], &[]);
        check(
            &["a.service: starting", "b.service: started", "t.target: reached", "a.service: started"],
            &["b.service started -1 ×1", "t.target started -2 ×1", "a.service started 0-3 ×1"],
        );
        check(
            &["a@b:c.service: not started: Condition=x: y does not hold"],
            &["a@b:c.service not started (Condition=x: y does not hold) -0 ×0"],
        );
        check(
            &[
                "x",
                "a.service: starting",
                "a.service: main process exited with status 1",
                "a.service: failed: exit-code",
            ],
            &["a.service failed (exit-code) 1-3 ×0"],
        );
        check(&["m.mount: failed"], &["m.mount failed -0 ×0"]);
        check(&["a.service: starting", "a.service: ended"], &["a.service ended 0-1 ×0"]);
        check(
            &["a.service: starting", "b.service: started"],
            &["b.service started -1 ×1", "a.service starting 0- ×0"],
        );
    }

    #[test]
    fn what_comes_after_the_first_start() {
        check(
            &["a.service: started", "a.service: main process exited with status 1", "a.service: started"],
            &["a.service started -0 ×2"],
        );
        check(
            &["a.service: started", "b.service: started", "a.service: failed: start-limit-hit"],
            &["a.service failed (start-limit-hit) -0 ×1", "b.service started -1 ×1"],
        );
        check(&["a.service: started", "a.service: ended"], &["a.service ended -0 ×1"]);
        check(
            &[
                "a.service: starting",
                "a.service: failed: timeout",
                "a.service: starting",
                "a.service: started",
            ],
            &["a.service started 0-1 ×1"],
        );
    }

    #[test]
    fn the_end_of_the_system_is_no_end_of_a_service() {
        check(
            &[
                "a.service: started",
                "b.service: started",
                "umount.target: reached",
                "a.service: ended",
                "b.service: failed: timeout",
                "poweroff.target: reached",
                "c.service: failed: x",
            ],
            &["a.service started -0 ×1", "b.service failed (timeout) -1 ×1"],
        );
    }

    #[test]
    fn only_the_manager_counts() {
        let text = "qos-init: a.service: started\n[    0.000001] other: a.service: started\n[    0.000002] qos-init: a service: started\n";
        assert_eq!(of(&parse(text.as_bytes())), []);
    }

    #[test]
    fn the_fewest_that_changed_places() {
        #[track_caller]
        fn check(base: &str, head: &str, expect: &[&str]) {
            let units = |names: &str| {
                let said: Vec<String> = names
                    .split(' ')
                    .map(|name| match name.strip_suffix('!') {
                        Some(name) => format!("{name}.service: not started: x"),
                        None => format!("{name}.service: started"),
                    })
                    .collect();
                log(&said.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let (base, head) = (units(base), units(head));
            let got: Vec<&str> = reordered(&base, &head).into_iter().collect();
            assert_eq!(got, expect, "{base:?} {head:?}");
        }
        check("a b c", "a b c", &[]);
        check("a b c", "b c a", &["a.service"]);
        check("a b c d", "x a c d b", &["b.service"]);
        // One is new, one is gone, and what was not started has no place.
        check("a b c", "b c n", &[]);
        check("a! b c", "b c a!", &[]);
        check("a b c", "b c a!", &[]);
    }
}
