// SPDX-License-Identifier: MIT OR Apache-2.0
//! What follows from a unit's new state: its job ends, others fail, are stopped, or are started.

use super::{Edge, Entry, Manager, Mode};
use crate::event::{Action, Exit, Level, Now};
use crate::job::{JobKind, JobResult};
use crate::machine::{Active, Machine, Simple};
use crate::world::World;
use qos_unit::{Kind, Name, Specific, Type};

impl<W: World> Manager<W> {
    /// Changes a unit, and does what follows from its new state.
    pub(super) fn change<R: Default>(
        &mut self,
        name: &Name,
        act: impl FnOnce(&mut Entry, (Now, &mut Vec<Action>)) -> R,
    ) -> R {
        let Some(entry) = self.units.get_mut(name) else { return R::default() };
        let (old, old_sub) = (entry.machine.active(), entry.machine.sub());
        let result = act(entry, (self.now, &mut self.actions));
        let (new, new_sub) = (entry.machine.active(), entry.machine.sub());
        if old != new {
            let now = Some(self.now.mono);
            match (old.is_down(), new) {
                (true, new) if !new.is_down() => {
                    entry.times[0] = now;
                    if new.is_up() {
                        entry.times[1] = now;
                    }
                }
                (_, Active::Active) if !old.is_up() => entry.times[1] = now,
                (_, Active::Inactive | Active::Failed) => {
                    if old.is_up() {
                        entry.times[2] = now;
                    }
                    entry.times[3] = now;
                }
                _ if old.is_up() && !new.is_up() => entry.times[2] = now,
                _ => {}
            }
        }
        if old != new || old_sub != new_sub {
            self.after_change(name, old, new);
        }
        result
    }

    fn after_change(&mut self, name: &Name, old: Active, new: Active) {
        let restarts = self.unit(name).is_some_and(|entry| entry.machine.sub() == "auto-restart");
        let expected = self.update_job(name, new, restarts);
        if old != new {
            self.log_change(name, old, new);
            let ends = new.is_down() || restarts;
            if ends && !old.is_down() && !expected {
                for other in self.edge_list(name, &[Edge::BoundBy]) {
                    if !self.active(&other).is_down() {
                        self.request_quietly(&other, JobKind::Stop, Mode::Replace);
                    }
                }
            }
            if new == Active::Failed && old != Active::Failed {
                for other in self.edge_list(name, &[Edge::OnFailure]) {
                    self.request_quietly(&other, JobKind::Start, Mode::Replace);
                }
                let action =
                    self.unit(name).map(|entry| entry.unit.common.failure_action).unwrap_or_default();
                self.act(action, name);
            }
            if new == Active::Inactive && !old.is_down() {
                for other in self.edge_list(name, &[Edge::OnSuccess]) {
                    self.request_quietly(&other, JobKind::Start, Mode::Replace);
                }
                let action =
                    self.unit(name).map(|entry| entry.unit.common.success_action).unwrap_or_default();
                self.act(action, name);
            }
        }
        if old != new {
            self.stop_unneeded(name);
        }
        // A job that waits for this unit to be down can begin.
        if new.is_down() && self.jobs.get(name).is_some_and(|job| !job.running) {
            self.queue.insert(name.clone());
        }
        self.tell_triggers(name, new);
        if new.is_down() && name.kind() == Kind::Service && name.instance().is_some() {
            self.connection_ended(name);
        }
    }

    /// StopWhenUnneeded=: stops the unit, and what it needed, where no unit needs them that runs or is to be started.
    fn stop_unneeded(&mut self, name: &Name) {
        let mut all = self.edge_list(name, &[Edge::Requires, Edge::Requisite, Edge::Wants, Edge::BindsTo]);
        all.push(name.clone());
        all.retain(|name| {
            self.unit(name).is_some_and(|entry| entry.unit.common.stop_when_unneeded)
                && self.active(name).is_up()
                && !self.jobs.contains_key(name)
        });
        for name in all {
            let needs =
                self.edge_list(&name, &[Edge::RequiredBy, Edge::RequisiteOf, Edge::WantedBy, Edge::BoundBy]);
            let is_needed = needs.iter().any(|other| match self.jobs.get(other) {
                Some(job) => job.kind != JobKind::Stop,
                None => !self.active(other).is_down(),
            });
            if !is_needed {
                self.request_quietly(&name, JobKind::Stop, Mode::Fail);
            }
        }
    }

    /// Ends the job of the unit if its state says so; whether the state was what a job asked for.
    fn update_job(&mut self, name: &Name, new: Active, restarts: bool) -> bool {
        let Some(job) = self.jobs.get(name).filter(|job| job.running) else { return false };
        match job.kind {
            JobKind::Start | JobKind::Verify => match new {
                Active::Active | Active::Reloading => self.finish_job(name, JobResult::Done),
                Active::Failed => self.finish_job(name, JobResult::Failed),
                Active::Activating if restarts => self.finish_job(name, JobResult::Failed),
                // A oneshot service has done its work, or it was not to be started.
                Active::Inactive => self.finish_job(name, JobResult::Done),
                Active::Activating | Active::Deactivating => {}
            },
            JobKind::Reload => match new {
                Active::Active => {
                    let failed = matches!(self.unit(name).map(|entry| &entry.machine), Some(Machine::Service(m)) if m.reload_failed);
                    self.finish_job(name, if failed { JobResult::Failed } else { JobResult::Done });
                }
                Active::Reloading => {}
                _ => self.finish_job(name, JobResult::Failed),
            },
            JobKind::Stop if new.is_down() => {
                self.finish_job(name, JobResult::Done);
                return true;
            }
            JobKind::Restart if new.is_down() => {
                if let Some(job) = self.jobs.get_mut(name) {
                    (job.running, job.kind) = (false, JobKind::Start);
                }
                self.queue.insert(name.clone());
                // Those that waited for the stop can go on.
                self.wake(name);
                return true;
            }
            JobKind::Stop | JobKind::Restart => return true,
        }
        false
    }

    fn log_change(&mut self, name: &Name, old: Active, new: Active) {
        let Some(entry) = self.units.get(name) else { return };
        let (level, text) = match (&entry.machine, new) {
            // Its start takes time: the time stamps of this line and the next tell how much.
            (Machine::Service(_), Active::Activating) if old.is_down() && waits(&entry.unit.specific) => {
                (Level::Info, format!("{name}: starting"))
            }
            (Machine::Service(machine), Active::Failed) => {
                (Level::Error, format!("{name}: failed: {}", machine.outcome.name()))
            }
            (_, Active::Failed) => (Level::Error, format!("{name}: failed")),
            (Machine::Simple(_), Active::Active) if name.kind() == Kind::Target => {
                (Level::Info, format!("{name}: reached"))
            }
            (Machine::Simple(_), Active::Active) if !old.is_up() => (Level::Info, format!("{name}: started")),
            (Machine::Service(_), Active::Active) if !old.is_up() => {
                (Level::Info, format!("{name}: started"))
            }
            (Machine::Service(_), Active::Inactive) if old == Active::Deactivating => {
                (Level::Info, format!("{name}: ended"))
            }
            _ => return,
        };
        self.log(level, text);
    }

    /// A request of the manager's own: its failure is said in the log.
    pub(super) fn request_quietly(&mut self, name: &Name, kind: JobKind, mode: Mode) {
        let name = self.load(name);
        let made = self.plan(&name, kind, mode).and_then(|plan| self.apply(plan, &name, mode));
        if let Err(reason) = made {
            self.log(Level::Error, format!("{name}: no {} job: {reason}", kind.name()));
        }
    }

    /// Ends the job of `name`; starts of units that need it fail if it did.
    pub(super) fn finish_job(&mut self, name: &Name, result: JobResult) {
        let mut ended = vec![(name.clone(), result)];
        while let Some((name, result)) = ended.pop() {
            let Some(job) = self.jobs.get(&name) else { continue };
            let kind = job.kind;
            self.end_job(&name, result);
            let failed = !result.is_good() && result != JobResult::Canceled;
            if !failed || !matches!(kind, JobKind::Start | JobKind::Verify | JobKind::Restart) {
                continue;
            }
            for other in self.edge_list(&name, &[Edge::RequiredBy, Edge::BoundBy, Edge::RequisiteOf]) {
                let waits =
                    self.jobs.get(&other).is_some_and(|job| job.kind == JobKind::Start && !job.running);
                if waits {
                    self.log(
                        Level::Error,
                        format!("{other}: not started: {name}, which it needs, {}", result.name()),
                    );
                    ended.push((other, JobResult::Dependency));
                }
            }
        }
    }

    /// Removes the job of `name`, and looks at those that waited for it.
    pub(super) fn end_job(&mut self, name: &Name, result: JobResult) {
        let Some(job) = self.jobs.remove(name) else { return };
        self.actions.push(Action::JobDone { id: job.id, unit: name.clone(), result });
        self.wake(name);
        self.check_exit();
    }

    /// Looks at the jobs of units that are ordered before or after this one.
    fn wake(&mut self, name: &Name) {
        for other in self.edge_list(name, &[Edge::After, Edge::Before]) {
            if self.jobs.contains_key(&other) {
                self.queue.insert(other);
            }
        }
    }

    /// Asks for the end of the system: the target of its kind is started, which stops all else.
    pub fn begin_exit(&mut self, now: Now, exit: Exit) {
        self.now = now;
        let target = match exit {
            Exit::Halt => "halt.target",
            Exit::PowerOff => "poweroff.target",
            Exit::Reboot => "reboot.target",
            Exit::Kexec => "kexec.target",
            Exit::Exit => "exit.target",
        };
        let Ok(target) = Name::new(target) else { return };
        self.exit = Some(exit);
        self.request_quietly(&target, JobKind::Start, Mode::Irreversible);
        self.run_jobs();
        self.check_exit();
    }

    /// The end has come when its jobs are done.
    pub(super) fn check_exit(&mut self) {
        if let Some(exit) = self.exit.filter(|_| self.jobs.is_empty()) {
            self.exit = None;
            self.actions.push(Action::Exit(exit));
        }
    }

    /// Whether the end of the system is under way.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.exit.is_some()
    }

    /// Sets the state of a unit that is no service.
    pub(super) fn set_simple(&mut self, name: &Name, state: Simple) {
        self.change(name, |entry, _| {
            if let Machine::Simple(now) = &mut entry.machine {
                *now = state;
            }
        });
    }
}

/// Whether a service counts as started only when something has happened in it; the others do as soon as their process exists.
fn waits(specific: &Specific) -> bool {
    let Specific::Service(service) = specific else { return false };
    let around = [&service.condition, &service.start_pre, &service.start_post];
    !matches!(service.kind, Type::Simple | Type::Idle) || around.iter().any(|commands| !commands.is_empty())
}
