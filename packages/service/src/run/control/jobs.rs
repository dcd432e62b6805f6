// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs that make jobs of units.

use super::refusal::Refusal;
use super::{Reply, Runner};
use crate::job::JobKind;
use crate::machine::Active;
use crate::manager::{Edge, Mode};
use crate::run::now;
use crate::world::Load;
use qos_unit::{Name, Specific, Type};

/// The job that a verb asks for of a unit in its present state (systemd's `job_type_collapse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Job(JobKind),
    /// Nothing is to be done.
    Nothing,
}

impl Asked {
    /// `None`: not a verb of jobs.
    pub fn new(verb: &str, active: Active, can_reload: bool) -> Option<Self> {
        use JobKind::{Reload, Restart, Start, Stop};
        let is_up = active.is_up();
        Some(Asked::Job(match verb {
            "start" | "isolate" => Start,
            "stop" => Stop,
            "restart" => Restart,
            "reload" => Reload,
            "try-restart" | "try-reload-or-restart" if !is_up => return Some(Asked::Nothing),
            "try-restart" => Restart,
            "reload-or-restart" | "try-reload-or-restart" => match (can_reload, is_up) {
                (false, _) => Restart,
                (true, true) => Reload,
                (true, false) => Start,
            },
            _ => return None,
        }))
    }
}

impl Runner {
    /// Jobs of units, by one of the verbs of [`Asked`].
    pub(super) fn ask_for_jobs(&mut self, verb: &str, names: &[Name], wait: bool) -> Result<Reply, Refusal> {
        if Asked::new(verb, Active::Inactive, false).is_none() {
            return Err(format!("unknown request {verb:?}").into());
        }
        if names.is_empty() {
            return Err(format!("{verb} needs the name of a unit").into());
        }
        let mode = if verb == "isolate" { Mode::Isolate } else { Mode::Replace };
        let (mut jobs, mut failed) = (Vec::new(), Vec::new());
        for name in names {
            match self.ask_for_job(verb, name, mode) {
                Ok(job) => jobs.extend(job),
                Err(refusal) => failed.push(refusal),
            }
        }
        Ok(Reply::Jobs(if wait { jobs } else { Vec::new() }, failed))
    }

    fn ask_for_job(&mut self, verb: &str, name: &Name, mode: Mode) -> Result<Option<u32>, Refusal> {
        let name = self.manager.load(name);
        let asked =
            Asked::new(verb, self.manager.active(&name), self.can_reload(&name)).unwrap_or(Asked::Nothing);
        self.check(&name, asked, mode)?;
        let Asked::Job(kind) = asked else { return Ok(None) };
        let job = self.manager.request(now(), &name, kind, mode)?;
        // A start that ended within the request itself.
        if job.is_none() && kind == JobKind::Start && !self.manager.active(&name).is_up() {
            return Err(format!("{name} was not started").into());
        }
        Ok(job)
    }

    /// Refuses, in systemctl's words, what cannot be done to the unit.
    fn check(&self, name: &Name, asked: Asked, mode: Mode) -> Result<(), Refusal> {
        let Some(entry) = self.manager.unit(name) else { return Err(Refusal::not_found(name)) };
        let common = &entry.unit.common;
        let refused = |end: &str| {
            let reason =
                format!("Operation refused, unit {name} may be {end} as another unit's dependency only.");
            Err(Refusal::forbidden(reason))
        };
        match (asked, &entry.load) {
            (Asked::Job(JobKind::Stop), Load::NotFound | Load::Bad(_))
                if entry.machine.active() == Active::Inactive =>
            {
                return Err(Refusal::not_loaded(name));
            }
            (Asked::Job(JobKind::Stop), _) => {}
            (_, Load::NotFound) => return Err(Refusal::not_found(name)),
            // Of a file that cannot be read, the reason begins with its path.
            (_, Load::Bad(reason)) if reason.starts_with('/') => {
                return Err(format!("{name}: {reason}").into());
            }
            (_, Load::Masked) => return Err(format!("Unit {name} is masked.").into()),
            _ => {}
        }
        match asked {
            Asked::Job(JobKind::Start) if mode == Mode::Isolate && !common.allow_isolate => {
                Err(Refusal::forbidden(format!(
                    "Operation refused, unit {name} may not be isolated: it does not have AllowIsolate=yes."
                )))
            }
            Asked::Job(JobKind::Start | JobKind::Restart) if common.refuse_manual_start => refused("started"),
            Asked::Job(JobKind::Stop | JobKind::Restart) if common.refuse_manual_stop => refused("stopped"),
            Asked::Job(JobKind::Reload) if !self.can_reload(name) => {
                Err(format!("Job type reload is not applicable for unit {name}.").into())
            }
            Asked::Job(JobKind::Reload)
                if entry.machine.active().is_down() && self.manager.job(name).is_none() =>
            {
                Err(format!("{name} is not active, cannot reload.").into())
            }
            _ => Ok(()),
        }
    }

    /// Whether a reload of the unit does something.
    pub(super) fn can_reload(&self, name: &Name) -> bool {
        match self.manager.unit(name).map(|entry| &entry.unit.specific) {
            Some(Specific::Service(service)) => {
                !service.reload.is_empty() || service.kind == Type::NotifyReload
            }
            _ => self.manager.edge(name, Edge::ReloadTo).next().is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Active::{Activating, Active as Up, Failed, Inactive, Reloading};

    #[test]
    fn verbs() {
        let job = |kind| Some(Asked::Job(kind));
        for (verb, active, can_reload, expect) in [
            ("start", Up, true, job(JobKind::Start)),
            ("isolate", Inactive, false, job(JobKind::Start)),
            ("stop", Inactive, false, job(JobKind::Stop)),
            ("restart", Inactive, false, job(JobKind::Restart)),
            ("reload", Up, false, job(JobKind::Reload)),
            ("try-restart", Up, true, job(JobKind::Restart)),
            ("try-restart", Reloading, true, job(JobKind::Restart)),
            ("try-restart", Inactive, true, Some(Asked::Nothing)),
            ("try-restart", Failed, true, Some(Asked::Nothing)),
            ("try-restart", Activating, true, Some(Asked::Nothing)),
            ("reload-or-restart", Up, true, job(JobKind::Reload)),
            ("reload-or-restart", Up, false, job(JobKind::Restart)),
            ("reload-or-restart", Failed, true, job(JobKind::Start)),
            ("reload-or-restart", Inactive, false, job(JobKind::Restart)),
            ("try-reload-or-restart", Up, true, job(JobKind::Reload)),
            ("try-reload-or-restart", Up, false, job(JobKind::Restart)),
            ("try-reload-or-restart", Inactive, true, Some(Asked::Nothing)),
            ("frobnicate", Up, true, None),
        ] {
            assert_eq!(Asked::new(verb, active, can_reload), expect, "{verb} {active:?} {can_reload}");
        }
    }
}
