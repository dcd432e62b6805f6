// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events reach the machine of the unit that they are about.

use super::Manager;
use crate::event::{Action, Event, Level};
use crate::job::{JobKind, JobResult};
use crate::machine::Machine;
use crate::world::World;
use qos_unit::Name;
use std::time::Duration;

/// How many units act at one [`Event::Time`]: hundreds of services that crash must not keep requests waiting while they are started.
const MOST_AT_ONCE: usize = 16;

impl<W: World> Manager<W> {
    pub(super) fn dispatch(&mut self, event: Event) {
        match event {
            Event::Spawned(name, pid) => {
                self.pids.insert(pid, name.clone());
                self.with_service(&name, |machine, context| machine.spawned(context, pid));
                self.simple_spawned(&name, pid);
            }
            Event::SpawnFailed(name, reason) => {
                self.with_service(&name, |machine, context| machine.spawn_failed(context, &reason));
                self.simple_ended(&name, Some(reason));
            }
            Event::Executed(pid) => {
                if let Some(name) = self.pids.get(&pid).cloned() {
                    self.with_service(&name, |machine, context| machine.executed(context, pid));
                }
            }
            Event::Ended(pid, ended, reason) => {
                let Some(name) = self.pids.remove(&pid) else { return };
                if let Some(reason) = reason {
                    self.log(Level::Error, format!("{name}: {reason}"));
                }
                self.with_service(&name, |machine, context| machine.ended(context, pid, ended));
                let good = ended == crate::event::Ended::Exited(0);
                self.simple_ended(&name, (!good).then(|| crate::machine::service::describe(ended)));
            }
            Event::Notify(name, pid, message) => {
                let old = self.main_of(&name);
                self.with_service(&name, |machine, context| machine.notify(context, pid, &message));
                self.track_main(&name, old);
            }
            Event::GroupEmpty(name) => {
                self.with_service(&name, |machine, context| machine.group_empty(context))
            }
            Event::MainFound(name, pid) => {
                self.with_service(&name, |machine, context| machine.main_found(context, pid));
                self.track_main(&name, None);
            }
            Event::Listening(name, result) => self.listening(&name, result),
            Event::Incoming(name) => self.incoming(&name),
            Event::Accepted(name, instance) => self.accepted(&name, &instance),
            Event::PathChanged(name, holds) => self.path_changed(&name, holds),
            Event::Mounted(name, mounted) => self.mounted(&name, mounted),
            Event::Time => self.time(),
        }
    }

    fn main_of(&self, name: &Name) -> Option<i32> {
        match self.unit(name).map(|entry| &entry.machine) {
            Some(Machine::Service(machine)) => machine.main,
            _ => None,
        }
    }

    /// A main process that the manager did not start is the unit's from now on.
    fn track_main(&mut self, name: &Name, old: Option<i32>) {
        if let Some(pid) = self.main_of(name).filter(|pid| Some(*pid) != old) {
            self.pids.insert(pid, name.clone());
        }
    }

    /// When [`Event::Time`] is due next, in time since boot.
    #[must_use]
    pub fn next_time(&self) -> Option<Duration> {
        let jobs = self.jobs.values().filter_map(|job| job.deadline);
        let units = self.units.values().filter_map(|entry| match &entry.machine {
            Machine::Service(machine) => machine.next(),
            Machine::Simple(_) => entry.elapses.map(|(at, _)| at),
        });
        jobs.chain(units).min()
    }

    fn time(&mut self) {
        let now = self.now.mono;
        let late: Vec<Name> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.deadline.is_some_and(|at| at <= now))
            .map(|(name, _)| name.clone())
            .collect();
        for name in late {
            self.log(
                Level::Error,
                format!("{name}: its job was not done within its JobTimeoutSec= or JobRunningTimeoutSec="),
            );
            self.finish_job(&name, JobResult::Timeout);
        }
        let mut due: Vec<(Duration, Name)> = self
            .units
            .iter()
            .filter_map(|(name, entry)| {
                let at = match &entry.machine {
                    Machine::Service(machine) => machine.next(),
                    Machine::Simple(_) => entry.elapses.map(|(at, _)| at),
                };
                at.filter(|at| *at <= now).map(|at| (at, name.clone()))
            })
            .collect();
        due.sort();
        // The others come when requests and ends of processes had their turn.
        for (_, name) in due.into_iter().take(MOST_AT_ONCE) {
            let restart = self.with_service(&name, |machine, context| {
                machine.time(context);
                machine.wants_restart()
            });
            if restart {
                self.restart(&name);
            }
            self.simple_time(&name);
        }
    }

    /// The delay before a restart is over.
    fn restart(&mut self, name: &Name) {
        if self.exit.is_some() || self.jobs.contains_key(name) {
            // What ends the system, or someone's own request, decides.
            return;
        }
        self.request_quietly(name, JobKind::Start, super::Mode::Replace);
        if !self.jobs.contains_key(name)
            && self.unit(name).is_some_and(|entry| entry.machine.sub() == "auto-restart")
        {
            // What it needs cannot be had: it must not wait for ever.
            self.with_service(name, |machine, context| machine.stop(context));
        }
    }

    /// Stops a unit; `again`: to start it again.
    pub(super) fn stop(&mut self, name: &Name, again: bool) {
        self.with_service(name, |machine, context| match again {
            true => machine.stop_to_restart(context),
            false => machine.stop(context),
        });
        self.stop_simple(name);
    }

    pub(super) fn start(&mut self, name: &Name, again: bool) {
        self.with_service(name, |machine, context| machine.start(context, again));
        self.start_simple(name);
    }

    /// Tells the edge to keep an eye on a socket.
    pub(super) fn poll(&mut self, name: &Name, on: bool) {
        self.actions.push(Action::Poll(name.clone(), on));
    }
}
