// SPDX-License-Identifier: MIT OR Apache-2.0
//! Jobs begin when those that they wait for are done.

use super::{Edge, Manager};
use crate::event::{Action, Level};
use crate::job::{JobKind, JobResult};
use crate::machine::service::Context;
use crate::machine::{Active, Machine};
use crate::world::{Load, World};
use qos_unit::{FailureAction, Name, Specific};

impl<W: World> Manager<W> {
    /// Begins all jobs that can.
    pub(super) fn run_jobs(&mut self) {
        while let Some(name) = self.queue.pop_first() {
            let Some(job) = self.jobs.get(&name) else { continue };
            if job.running {
                continue;
            }
            let job_of = |other: &Name| self.jobs.get(other).map(|job| job.kind);
            if self.waits_for(&name, job.kind, &job_of).next().is_none() {
                self.begin(&name, job.kind);
            }
        }
    }

    fn begin(&mut self, name: &Name, kind: JobKind) {
        let active = self.active(name);
        match kind {
            JobKind::Verify => {
                let result = if active.is_up() { JobResult::Done } else { JobResult::Failed };
                self.finish_job(name, result);
            }
            JobKind::Stop if active.is_down() => self.finish_job(name, JobResult::Done),
            JobKind::Restart if active.is_down() => {
                self.set_running(name, JobKind::Start);
                self.begin_start(name, active);
            }
            JobKind::Stop | JobKind::Restart => {
                self.set_running(name, kind);
                self.stop(name, kind == JobKind::Restart);
            }
            JobKind::Start => {
                self.set_running(name, kind);
                self.begin_start(name, active);
            }
            JobKind::Reload => {
                self.set_running(name, kind);
                let accepted = active == Active::Active
                    && self.with_service(name, |machine, context| machine.reload(context));
                if !accepted {
                    self.finish_job(name, JobResult::Failed);
                }
            }
        }
    }

    fn set_running(&mut self, name: &Name, kind: JobKind) {
        let deadline = self.deadline(name, |common| common.job_running_timeout);
        if let Some(job) = self.jobs.get_mut(name) {
            (job.running, job.kind) = (true, kind);
            job.deadline = job.deadline.into_iter().chain(deadline).min();
        }
    }

    fn begin_start(&mut self, name: &Name, active: Active) {
        match active {
            Active::Active | Active::Reloading => return self.finish_job(name, JobResult::Done),
            // It comes to a state where it can be started, or is on its way up.
            Active::Deactivating => {
                if let Some(job) = self.jobs.get_mut(name) {
                    job.running = false;
                }
                return;
            }
            Active::Activating if !self.waits_for_restart(name) => return,
            _ => {}
        }
        if !self.activates_something(name) {
            return self.finish_job(name, JobResult::Failed);
        }
        if !self.bound_units_run(name) {
            return self.finish_job(name, JobResult::Dependency);
        }
        let unmet = self.conditions_hold(name).err();
        let (result, text) = unmet.unzip();
        if let Some(entry) = self.units.get_mut(name) {
            entry.unmet = text.map(|text| (self.now.mono, text));
        }
        if let Some(result) = result {
            return self.finish_job(name, result);
        }
        if !self.may_start(name) {
            return;
        }
        let again = self.waits_for_restart(name);
        self.start(name, again);
    }

    fn waits_for_restart(&self, name: &Name) -> bool {
        matches!(self.unit(name).map(|entry| &entry.machine), Some(Machine::Service(machine))
            if machine.state == crate::machine::service::State::AutoRestart)
    }

    /// A socket, timer or path unit cannot do without the unit that it activates.
    fn activates_something(&mut self, name: &Name) -> bool {
        let Some(other) = self.units.get(name).and_then(|entry| entry.unit.activates()) else { return true };
        let other = self.load(&other);
        if self.units.get(&other).is_some_and(|entry| entry.load == Load::Loaded) {
            return true;
        }
        self.log(Level::Error, format!("{name}: not started: {other}, which it activates, is not loaded"));
        false
    }

    /// `BindsTo=` with `After=`: the other unit has to be active now.
    fn bound_units_run(&mut self, name: &Name) -> bool {
        let missing = self
            .edge(name, Edge::BindsTo)
            .find(|other| self.has_edge(name, Edge::After, other) && !self.active(other).is_up());
        let Some(missing) = missing.cloned() else { return true };
        self.log(
            Level::Error,
            format!("{name}: not started: {missing}, to which it is bound, is not active"),
        );
        false
    }

    /// The result of a job that cannot start the unit, and the condition.
    fn conditions_hold(&mut self, name: &Name) -> Result<(), (JobResult, String)> {
        let Some(entry) = self.units.get(name) else { return Err((JobResult::Failed, String::new())) };
        for assert in [false, true] {
            let (level, result) = match assert {
                true => (Level::Error, JobResult::Failed),
                false => (Level::Info, JobResult::Skipped),
            };
            let of_kind = || entry.unit.common.conditions.iter().filter(|other| other.assert == assert);
            let mut triggers = None;
            for condition in of_kind() {
                let holds = self.world.holds(condition) != condition.negated;
                if condition.trigger {
                    triggers = Some(triggers.unwrap_or(false) || holds);
                } else if !holds {
                    let unmet = condition.to_string();
                    self.actions
                        .push(Action::Log(level, format!("{name}: not started: {unmet} does not hold")));
                    return Err((result, unmet));
                }
            }
            if triggers == Some(false) {
                let text = format!("{name}: not started: none of its conditions with | holds");
                self.actions.push(Action::Log(Level::Info, text));
                let unmet = of_kind().filter(|other| other.trigger).map(ToString::to_string);
                return Err((result, unmet.collect::<Vec<_>>().join("\t")));
            }
        }
        Ok(())
    }

    /// The start limit; when it is hit, the unit fails.
    fn may_start(&mut self, name: &Name) -> bool {
        let now = self.now.mono;
        let Some(entry) = self.units.get_mut(name) else { return false };
        let common = &entry.unit.common;
        let (interval, burst) = (common.start_limit_interval, common.start_limit_burst as usize);
        if interval.is_zero()
            || burst == 0
            || matches!(entry.unit.specific, Specific::Target | Specific::Other)
        {
            return true;
        }
        while entry.starts.front().is_some_and(|start| now.saturating_sub(*start) >= interval) {
            entry.starts.pop_front();
        }
        if entry.starts.len() < burst {
            entry.starts.push_back(now);
            return true;
        }
        let action = common.start_limit_action;
        let text = format!(
            "{name}: not started: {burst} starts within {}: start limit hit",
            qos_unit::span::format(interval)
        );
        self.log(Level::Error, text);
        self.change(name, |entry, _| match &mut entry.machine {
            Machine::Service(machine) => machine.start_limit_hit(),
            Machine::Simple(state) => *state = crate::machine::Simple::Failed,
        });
        // Of a unit that had failed before, the state is no news, which would end the job and tell what triggered it.
        self.finish_job(name, JobResult::Failed);
        self.tell_triggers(name, Active::Failed);
        self.act(action, name);
        false
    }

    /// `FailureAction=` and its sisters.
    pub(super) fn act(&mut self, action: FailureAction, name: &Name) {
        use crate::event::Exit;
        let (exit, at_once) = match action {
            FailureAction::None => return,
            FailureAction::Reboot => (Exit::Reboot, false),
            FailureAction::PowerOff => (Exit::PowerOff, false),
            FailureAction::Halt => (Exit::Halt, false),
            FailureAction::Exit => (Exit::Exit, false),
            FailureAction::RebootForce => (Exit::Reboot, true),
            FailureAction::PowerOffForce => (Exit::PowerOff, true),
            FailureAction::HaltForce => (Exit::Halt, true),
            FailureAction::ExitForce => (Exit::Exit, true),
        };
        self.log(Level::Error, format!("{name}: its file asks for the end of the system"));
        if at_once {
            // As of systemd-poweroff.service, which poweroff.target itself starts when all else is down.
            self.exit = None;
            self.actions.push(Action::Exit(exit));
        } else {
            self.begin_exit(self.now, exit);
        }
    }

    /// Gives a service's machine its context.
    pub(super) fn with_service<R: Default>(
        &mut self,
        name: &Name,
        act: impl FnOnce(&mut crate::machine::service::Machine, &mut Context<'_>) -> R,
    ) -> R {
        self.change(name, |entry, (now, actions)| match (&mut entry.machine, &entry.unit.specific) {
            (Machine::Service(machine), Specific::Service(service)) => {
                act(machine, &mut Context { name: &entry.unit.name, service, now, actions })
            }
            _ => R::default(),
        })
    }
}
