// SPDX-License-Identifier: MIT OR Apache-2.0
//! The order of jobs, and circles in it.

use super::plan::Plan;
use super::{Edge, Manager};
use crate::event::Level;
use crate::job::JobKind;
use crate::world::World;
use qos_unit::Name;
use std::collections::BTreeMap;

/// Whether a job on a unit has to wait for one on `other`, which is ordered before (`other_is_earlier`) or after it: a stop goes
/// first; of two starts the earlier unit's, of two stops the later one's.
fn waits(kind: JobKind, other: JobKind, other_is_earlier: bool) -> bool {
    match (kind.stops(), other.stops()) {
        (_, true) if other_is_earlier => !kind.stops(),
        (_, true) => true,
        (false, false) => other_is_earlier,
        (true, false) => false,
    }
}

impl<W: World> Manager<W> {
    /// The units whose jobs have to be done before one of kind `kind` on `name`.
    pub(super) fn waits_for<'a>(
        &'a self,
        name: &'a Name,
        kind: JobKind,
        job_of: &'a dyn Fn(&Name) -> Option<JobKind>,
    ) -> impl Iterator<Item = &'a Name> {
        let earlier = self.edge(name, Edge::After).map(|other| (other, true));
        let later = self.edge(name, Edge::Before).map(|other| (other, false));
        earlier.chain(later).filter_map(move |(other, is_earlier)| {
            job_of(other).is_some_and(|other_kind| waits(kind, other_kind, is_earlier)).then_some(other)
        })
    }

    /// Removes jobs that the request can do without, until none waits for itself.
    ///
    /// # Errors
    /// Tells the circle when each of its jobs is needed.
    pub(super) fn break_cycles(&mut self, plan: &mut Plan, anchor: &Name) -> Result<(), String> {
        while let Some(circle) = self.find_cycle(plan) {
            let path: Vec<_> =
                circle.iter().map(|name| format!("{name}/{}", plan[name].kind.name())).collect();
            let path = format!("{} -> {}", path.join(" -> "), path[0]);
            let Some(victim) = circle.iter().find(|name| !plan[*name].matters && *name != anchor).cloned()
            else {
                return Err(format!("jobs wait for each other in a circle: {path}"));
            };
            let kind = plan[&victim].kind.name();
            self.log(
                Level::Warning,
                format!("ordering cycle: {path}: job {victim}/{kind} is deleted to break it"),
            );
            self.remove(plan, &victim);
        }
        Ok(())
    }

    /// Removes a job, and the starts of units that require its unit.
    fn remove(&self, plan: &mut Plan, name: &Name) {
        let mut gone = vec![name.clone()];
        while let Some(name) = gone.pop() {
            let Some(planned) = plan.remove(&name) else { continue };
            if planned.kind == JobKind::Start {
                gone.extend(self.edge_list(&name, &[Edge::RequiredBy, Edge::BoundBy]));
            }
        }
    }

    /// A circle of jobs, each waiting for the next. Depth first, with a stack of its own: the depth has no bound.
    fn find_cycle(&self, plan: &Plan) -> Option<Vec<Name>> {
        let job_of = |name: &Name| plan.get(name).map(|planned| planned.kind);
        // Those in `done` are in no circle; the others are on the stack.
        let mut done: BTreeMap<&Name, bool> = BTreeMap::new();
        for first in plan.keys() {
            if done.contains_key(first) {
                continue;
            }
            let next = |name: &Name, kind: JobKind| -> Vec<Name> {
                self.waits_for(name, kind, &job_of).cloned().collect()
            };
            let mut stack: Vec<(&Name, Vec<Name>)> = vec![(first, next(first, plan[first].kind))];
            done.insert(first, false);
            while let Some((name, rest)) = stack.last_mut() {
                let Some(other) = rest.pop() else {
                    done.insert(name, true);
                    stack.pop();
                    continue;
                };
                let Some((other, planned)) = plan.get_key_value(&other) else { continue };
                match done.get(other) {
                    Some(true) => {}
                    Some(false) => {
                        let at = stack.iter().position(|(name, _)| *name == other)?;
                        return Some(stack[at..].iter().map(|(name, _)| (*name).clone()).collect());
                    }
                    None => {
                        done.insert(other, false);
                        stack.push((other, next(other, planned.kind)));
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::waits;
    use crate::job::JobKind::{Restart, Start, Stop};

    #[test]
    fn order() {
        for (kind, other, earlier, expect) in [
            (Start, Start, true, true),
            (Start, Start, false, false),
            (Stop, Stop, true, false),
            (Stop, Stop, false, true),
            (Start, Stop, true, true),
            (Start, Stop, false, true),
            (Stop, Start, true, false),
            (Stop, Start, false, false),
            (Restart, Restart, false, true),
            (Start, Restart, true, true),
        ] {
            assert_eq!(waits(kind, other, earlier), expect, "{kind:?} {other:?} {earlier}");
        }
    }
}
