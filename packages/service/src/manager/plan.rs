// SPDX-License-Identifier: MIT OR Apache-2.0
//! Transactions: the jobs that a request needs, together and without contradiction.

use super::{Edge, Manager};
use crate::event::Level;
use crate::job::{Job, JobKind, JobResult};
use crate::machine::Active;
use crate::world::World;
use qos_unit::{Common, Kind, Name};
use std::collections::BTreeMap;
use std::time::Duration;

/// What happens to jobs and units that the request does not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A job that contradicts is replaced.
    Replace,
    /// As `Replace`, and no later request replaces these jobs: of a shutdown.
    Irreversible,
    /// A job that contradicts makes the request fail.
    Fail,
    /// All other units are stopped.
    Isolate,
    /// Only the unit itself, without what it needs.
    Alone,
}

/// A job that is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// What is to be done.
    pub kind: JobKind,
    /// Without it the request cannot be fulfilled.
    pub matters: bool,
}

/// Planned jobs by unit.
pub type Plan = BTreeMap<Name, Planned>;

/// How deep a chain of dependencies may be: the plan is made by recursion.
const DEPTH: usize = 250;

/// A plan in the making, with the way back where a part of it turns out to be impossible.
struct Draft {
    plan: Plan,
    undo: Vec<(Name, Option<Planned>)>,
    alone: bool,
    notes: Vec<String>,
}

impl<W: World> Manager<W> {
    /// Plans the jobs of a request.
    ///
    /// # Errors
    /// Says why the request cannot be fulfilled.
    pub(super) fn plan(&mut self, name: &Name, kind: JobKind, mode: Mode) -> Result<Plan, String> {
        let mut draft =
            Draft { plan: Plan::new(), undo: Vec::new(), alone: mode == Mode::Alone, notes: Vec::new() };
        self.add(&mut draft, name, kind, true, 0)?;
        if mode == Mode::Isolate {
            self.add_isolation(&mut draft);
        }
        self.drop_redundant(&mut draft.plan, name);
        for note in std::mem::take(&mut draft.notes) {
            self.log(Level::Warning, note);
        }
        self.break_cycles(&mut draft.plan, name)?;
        Ok(draft.plan)
    }

    fn add(
        &self,
        draft: &mut Draft,
        name: &Name,
        kind: JobKind,
        matters: bool,
        depth: usize,
    ) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("{name}: the chain of dependencies is longer than {DEPTH} units"));
        }
        if !kind.stops() || kind == JobKind::Restart {
            self.loadable(name)?;
            if name.is_template() {
                return Err(format!(
                    "{name} is a template: give it an instance, such as {}@NAME",
                    name.prefix()
                ));
            }
        }
        let old = draft.plan.get(name).copied();
        let new = match old {
            None => Planned { kind, matters },
            Some(old) => match old.kind.merge(kind) {
                Some(merged) => Planned { kind: merged, matters: old.matters || matters },
                // What the request needs wins; of two such there is no way out.
                None if old.matters && matters => {
                    return Err(format!(
                        "{name} would have to be {}ed and {}ed",
                        old.kind.name(),
                        kind.name()
                    ));
                }
                None if old.matters => return Ok(()),
                None if matters || kind == JobKind::Stop => Planned { kind, matters },
                None => return Ok(()),
            },
        };
        if old == Some(new) {
            return Ok(());
        }
        draft.plan.insert(name.clone(), new);
        draft.undo.push((name.clone(), old));
        if draft.alone {
            return Ok(());
        }
        self.add_dependencies(draft, name, new, depth + 1).map_err(|reason| match matters && depth > 0 {
            true => reason,
            false => format!("{name}: {reason}"),
        })
    }

    fn add_dependencies(
        &self,
        draft: &mut Draft,
        name: &Name,
        planned: Planned,
        depth: usize,
    ) -> Result<(), String> {
        let Planned { kind, matters } = planned;
        if matches!(kind, JobKind::Start | JobKind::Restart) {
            for other in self.edge_list(name, &[Edge::Requires, Edge::BindsTo]) {
                self.add(draft, &other, JobKind::Start, matters, depth)?;
            }
            for other in self.edge_list(name, &[Edge::Requisite]) {
                self.add(draft, &other, JobKind::Verify, matters, depth)?;
            }
            for other in self.edge_list(name, &[Edge::Wants]) {
                self.try_add(draft, &other, JobKind::Start, depth);
            }
            for other in self.edge_list(name, &[Edge::Conflicts]) {
                self.add(draft, &other, JobKind::Stop, matters, depth)?;
            }
            for other in self.edge_list(name, &[Edge::ConflictedBy]) {
                self.try_add(draft, &other, JobKind::Stop, depth);
            }
        }
        if kind.stops() {
            // A restart restarts those that run, a stop stops all.
            for other in self.edge_list(name, &[Edge::RequiredBy, Edge::BoundBy, Edge::HasPart]) {
                let running = !self.active(&other).is_down() || self.jobs.contains_key(&other);
                match kind {
                    JobKind::Stop => self.add(draft, &other, JobKind::Stop, matters, depth)?,
                    _ if running && !draft.plan.contains_key(&other) => {
                        self.try_add(draft, &other, JobKind::Restart, depth)
                    }
                    _ => {}
                }
            }
        }
        if kind == JobKind::Reload {
            for other in self.edge_list(name, &[Edge::ReloadTo]) {
                if self.active(&other).is_up() {
                    self.try_add(draft, &other, JobKind::Reload, depth);
                }
            }
        }
        Ok(())
    }

    /// Adds a job that the request can do without; where it is impossible, it and what it brought are taken back.
    fn try_add(&self, draft: &mut Draft, name: &Name, kind: JobKind, depth: usize) {
        let mark = draft.undo.len();
        let Err(reason) = self.add(draft, name, kind, false, depth) else { return };
        while draft.undo.len() > mark {
            match draft.undo.pop() {
                Some((name, Some(old))) => drop(draft.plan.insert(name, old)),
                Some((name, None)) => drop(draft.plan.remove(&name)),
                None => {}
            }
        }
        // Units that are wanted and not installed are the rule: only others are worth a line.
        if !reason.ends_with(" not found") || reason.contains(": ") {
            draft.notes.push(format!("not {}ed: {reason}", kind.name()));
        }
    }

    /// Stops all that runs and is not to be started.
    fn add_isolation(&self, draft: &mut Draft) {
        for (name, entry) in &self.units {
            let stays = entry.unit.common.ignore_on_isolate
                || matches!(name.kind(), Kind::Slice | Kind::Scope | Kind::Device);
            let runs = !entry.machine.active().is_down() || self.jobs.contains_key(name);
            let triggered = self.edge(name, Edge::TriggeredBy).any(|other| draft.plan.contains_key(other));
            if !stays && runs && !triggered && name.as_str() != "-.mount" && !draft.plan.contains_key(name) {
                draft.plan.insert(name.clone(), Planned { kind: JobKind::Stop, matters: false });
            }
        }
    }

    /// Jobs that would change nothing.
    fn drop_redundant(&self, plan: &mut Plan, anchor: &Name) {
        plan.retain(|name, planned| {
            let active = self.active(name);
            let redundant = match planned.kind {
                JobKind::Start | JobKind::Verify => active == Active::Active,
                JobKind::Stop => active.is_down(),
                _ => false,
            };
            name == anchor || !redundant || self.jobs.contains_key(name)
        });
    }

    /// Makes the planned jobs; the number of the anchor's.
    pub(super) fn apply(&mut self, plan: Plan, anchor: &Name, mode: Mode) -> Result<Option<u32>, String> {
        for (name, planned) in &plan {
            let Some(job) = self.jobs.get(name) else { continue };
            if job.kind.merge(planned.kind).is_some() {
                continue;
            }
            if mode == Mode::Fail || job.irreversible && mode != Mode::Irreversible {
                return Err(format!("{name} has a {} job that may not be replaced", job.kind.name()));
            }
        }
        for (name, planned) in plan {
            self.install(&name, planned.kind, mode);
        }
        Ok(self.jobs.get(anchor).map(|job| job.id))
    }

    /// When a job of the unit that begins to wait, or to run, has lasted too long.
    pub(super) fn deadline(&self, name: &Name, timeout: impl Fn(&Common) -> Duration) -> Option<Duration> {
        self.now.mono.checked_add(timeout(&self.units.get(name)?.unit.common))
    }

    fn install(&mut self, name: &Name, kind: JobKind, mode: Mode) {
        let irreversible = mode == Mode::Irreversible;
        if let Some(job) = self.jobs.get_mut(name) {
            match job.kind.merge(kind) {
                Some(merged) if merged == job.kind => {
                    job.irreversible |= irreversible;
                    self.queue.insert(name.clone());
                    return;
                }
                Some(merged) if !job.running => {
                    job.kind = merged;
                    job.irreversible |= irreversible;
                    self.queue.insert(name.clone());
                    return;
                }
                _ => self.end_job(name, JobResult::Canceled),
            }
        }
        let deadline = self.deadline(name, |common| common.job_timeout);
        let job =
            Job { id: self.next_job, kind, running: false, irreversible, since: self.now.mono, deadline };
        self.next_job = self.next_job.wrapping_add(1);
        self.jobs.insert(name.clone(), job);
        self.queue.insert(name.clone());
    }
}
