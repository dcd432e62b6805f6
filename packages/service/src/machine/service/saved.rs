// SPDX-License-Identifier: MIT OR Apache-2.0
//! A service's machine as values of a record.

use super::{Machine, Outcome, State};
use crate::event::{Ended, Role};
use crate::saved::{Record, Time, named};

impl Machine {
    /// Adds its values to `record`.
    #[must_use]
    pub fn save(&self, record: Record) -> Record {
        // All fields by name: one that is added has to be saved too.
        let Machine {
            state,
            main,
            control,
            outcome,
            ended,
            status,
            restarts,
            reload_failed,
            forbid_restart,
            pending_main,
            role,
            at,
            main_at,
            main_was_known,
            starts_again,
            reload_ready,
            deadline,
            watchdog_at,
            watchdog,
            runtime_end,
        } = self;
        let (exited, killed) = match ended {
            Some(Ended::Exited(status)) => (Some(status), None),
            Some(Ended::Killed(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        record
            .set("state", state.name())
            .set_some("main", *main)
            .set_some("control", *control)
            .set("outcome", outcome.name())
            .set_some("exited", exited)
            .set_some("killed", killed)
            .set_some("status", status.as_ref())
            .set("restarts", restarts)
            .set("reload-failed", reload_failed)
            .set("forbid-restart", forbid_restart)
            .set("pending-main", pending_main)
            .set("role", role.name())
            .set("at", at)
            .set("main-at", main_at)
            .set("main-was-known", main_was_known)
            .set("starts-again", starts_again)
            .set("reload-ready", reload_ready)
            .set_some("deadline", deadline.map(Time))
            .set_some("watchdog-at", watchdog_at.map(Time))
            .set("watchdog", Time(*watchdog))
            .set_some("runtime-end", runtime_end.map(Time))
    }

    /// The machine of a record; one that is dead where the record has no state.
    #[must_use]
    pub fn restore(record: &Record) -> Self {
        let name = |key: &str| record.get::<String>(key).unwrap_or_default();
        let ended = record.get("exited").map(Ended::Exited).or(record.get("killed").map(Ended::Killed));
        Machine {
            state: named(&State::ALL, State::name, &name("state")).unwrap_or(State::Dead),
            main: record.get("main"),
            control: record.get("control"),
            outcome: named(&Outcome::ALL, Outcome::name, &name("outcome")).unwrap_or(Outcome::Success),
            ended,
            status: record.get("status"),
            restarts: record.get("restarts").unwrap_or(0),
            reload_failed: record.is("reload-failed"),
            forbid_restart: record.is("forbid-restart"),
            pending_main: record.is("pending-main"),
            role: named(&Role::ALL, Role::name, &name("role")).unwrap_or(Role::Start),
            at: record.get("at").unwrap_or(0),
            main_at: record.get("main-at").unwrap_or(0),
            main_was_known: record.is("main-was-known"),
            starts_again: record.is("starts-again"),
            reload_ready: record.is("reload-ready"),
            deadline: record.time("deadline"),
            watchdog_at: record.time("watchdog-at"),
            watchdog: record.time("watchdog").unwrap_or_default(),
            runtime_end: record.time("runtime-end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn there_and_back() {
        let time = |seconds: u64| Duration::new(seconds, 5);
        let all = Machine {
            state: State::Running,
            main: Some(7),
            control: Some(8),
            outcome: Outcome::Watchdog,
            ended: Some(Ended::Exited(3)),
            status: Some("two words".into()),
            restarts: 2,
            reload_failed: true,
            forbid_restart: true,
            pending_main: true,
            role: Role::StopPost,
            at: 4,
            main_at: 5,
            main_was_known: true,
            starts_again: true,
            reload_ready: true,
            deadline: Some(time(1)),
            watchdog_at: Some(time(2)),
            watchdog: time(3),
            runtime_end: Some(time(4)),
        };
        let back = |machine: &Machine| Machine::restore(&machine.save(Record::new("unit", "a.service")));
        assert_eq!(back(&all), all);
        assert_eq!(back(&Machine::default()), Machine::default());
        for state in State::ALL {
            let machine = Machine { state, ended: Some(Ended::Killed(9)), ..Machine::default() };
            assert_eq!(back(&machine), machine);
        }
        for outcome in Outcome::ALL {
            assert_eq!(back(&Machine { outcome, ..Machine::default() }).outcome, outcome);
        }
        for role in Role::ALL {
            assert_eq!(back(&Machine { role, ..Machine::default() }).role, role);
        }
    }
}
