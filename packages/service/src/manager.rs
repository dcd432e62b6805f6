// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manager: units, their dependencies, jobs, and state machines. Pure: events go in, actions come out.

mod defaults;
mod events;
mod finish;
mod graph;
mod jobs;
mod order;
mod plan;
mod saved;
mod simple;
#[cfg(test)]
mod tests;

pub use graph::{Edge, Entry};
pub use plan::Mode;

use crate::event::{Action, Event, Exit, Level, Now};
use crate::job::{Job, JobKind, JobResult};
use crate::machine::Active;
use crate::world::{Load, World};
use qos_unit::Name;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// The manager of services.
pub struct Manager<W> {
    /// The system.
    pub world: W,
    units: BTreeMap<Name, Entry>,
    /// Dependencies, from both sides.
    edges: BTreeMap<Name, BTreeMap<Edge, BTreeSet<Name>>>,
    /// Other names of units.
    aliases: BTreeMap<Name, Name>,
    jobs: BTreeMap<Name, Job>,
    /// Jobs that may be able to begin now.
    queue: BTreeSet<Name>,
    next_job: u32,
    now: Now,
    /// When the manager started.
    started: Duration,
    actions: Vec<Action>,
    /// Processes and their units.
    pids: BTreeMap<i32, Name>,
    /// An end that was asked for, or is under way.
    exit: Option<Exit>,
    accepted: u32,
}

impl<W: World> Manager<W> {
    /// A manager without units.
    #[must_use]
    pub fn new(world: W, now: Now) -> Self {
        Manager {
            world,
            units: BTreeMap::new(),
            edges: BTreeMap::new(),
            aliases: BTreeMap::new(),
            jobs: BTreeMap::new(),
            queue: BTreeSet::new(),
            next_job: 1,
            now,
            started: now.mono,
            actions: Vec::new(),
            pids: BTreeMap::new(),
            exit: None,
            accepted: 0,
        }
    }

    /// Asks for a job on `name` and what it needs. The number of the job; `None` when nothing was to be done.
    ///
    /// # Errors
    /// Says why it cannot be done: a unit is missing, jobs contradict each other, or wait for each other in a circle.
    pub fn request(
        &mut self,
        now: Now,
        name: &Name,
        kind: JobKind,
        mode: Mode,
    ) -> Result<Option<u32>, String> {
        self.now = now;
        let name = self.load(name);
        self.check_manual(&name, kind)?;
        let plan = self.plan(&name, kind, mode)?;
        let id = self.apply(plan, &name, mode)?;
        self.run_jobs();
        Ok(id)
    }

    fn check_manual(&self, name: &Name, kind: JobKind) -> Result<(), String> {
        let Some(entry) = self.units.get(name) else { return Ok(()) };
        let common = &entry.unit.common;
        match kind {
            JobKind::Start | JobKind::Restart if common.refuse_manual_start => {
                Err(format!("{name}: may be started only as another unit's dependency (RefuseManualStart=)"))
            }
            JobKind::Stop | JobKind::Restart if common.refuse_manual_stop => {
                Err(format!("{name}: may be stopped only as another unit's dependency (RefuseManualStop=)"))
            }
            _ => Ok(()),
        }
    }

    /// Takes an event.
    pub fn handle(&mut self, now: Now, event: Event) {
        self.now = now;
        self.dispatch(event);
        self.run_jobs();
    }

    /// What is to be done now, in order. Answers can make more of it.
    pub fn take_actions(&mut self) -> VecDeque<Action> {
        std::mem::take(&mut self.actions).into()
    }

    /// Reads units anew: those that are not found in use are forgotten and read when they are needed.
    pub fn reload_units(&mut self) {
        self.units.retain(|_, entry| entry.load != Load::NotFound || !entry.machine.active().is_down());
        let accepting = self.accepting();
        self.edges.clear();
        self.aliases.clear();
        let names: Vec<Name> = self.units.keys().cloned().collect();
        for name in &names {
            self.read_again(name);
        }
        for name in &names {
            self.link(name);
        }
        for name in &names {
            let others: Vec<Name> =
                self.edges.get(name).into_iter().flat_map(BTreeMap::values).flatten().cloned().collect();
            others.iter().for_each(|other| drop(self.load(other)));
        }
        for (socket, service) in accepting {
            self.add_edge(&socket, Edge::Triggers, &service);
        }
        self.need_mounts(&names);
        self.order_targets(names);
    }

    /// All units that are loaded.
    pub fn units(&self) -> impl Iterator<Item = (&Name, &Entry)> {
        self.units.iter()
    }

    /// The unit of that name or alias, if it is loaded.
    #[must_use]
    pub fn unit(&self, name: &Name) -> Option<&Entry> {
        self.units.get(self.aliases.get(name).unwrap_or(name))
    }

    /// Other names of a unit.
    pub fn aliases<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Name> {
        self.aliases.iter().filter(move |(_, real)| *real == name).map(|(alias, _)| alias)
    }

    /// The job of a unit.
    #[must_use]
    pub fn job(&self, name: &Name) -> Option<&Job> {
        self.jobs.get(name)
    }

    /// All jobs.
    pub fn jobs(&self) -> impl Iterator<Item = (&Name, &Job)> {
        self.jobs.iter()
    }

    /// The state of a unit.
    #[must_use]
    pub fn active(&self, name: &Name) -> Active {
        self.unit(name).map_or(Active::Inactive, |entry| entry.machine.active())
    }

    /// The unit whose process this is.
    #[must_use]
    pub fn unit_of(&self, pid: i32) -> Option<&Name> {
        self.pids.get(&pid)
    }

    /// Puts a failed unit back to inactive, and forgets how often it was started.
    pub fn reset_failed(&mut self, name: &Name) {
        let name = self.aliases.get(name).unwrap_or(name).clone();
        if let Some(entry) = self.units.get_mut(&name) {
            entry.reset_failed();
        }
    }

    /// Removes the job of a unit.
    pub fn cancel(&mut self, now: Now, name: &Name) {
        self.now = now;
        let name = self.aliases.get(name).unwrap_or(name).clone();
        self.finish_job(&name, JobResult::Canceled);
        self.run_jobs();
    }

    fn log(&mut self, level: Level, text: String) {
        self.actions.push(Action::Log(level, text));
    }

    /// Whether a start of the unit can be tried at all.
    fn loadable(&self, name: &Name) -> Result<(), String> {
        match self.units.get(name).map(|entry| &entry.load) {
            Some(Load::Loaded) => Ok(()),
            Some(Load::Masked) => Err(format!("{name} is masked")),
            Some(Load::Bad(reason)) => Err(format!("{name} {reason}")),
            Some(Load::NotFound) | None => Err(format!("{name} not found")),
        }
    }
}
