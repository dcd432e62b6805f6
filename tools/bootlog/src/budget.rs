// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cost of a golden boot in comparison with its budgets: which budgets are exceeded, and the most expensive parts.

use crate::cost::{Cost, Millions, PhaseCost};
use crate::initcall::{self, Initcall};
use crate::phase::Phase;
use crate::reference::Reference;
use std::cmp::Reverse;
use std::fmt;

/// How many phases and initcalls are named: the most expensive, and those that grew most.
const PHASES: usize = 3;
const INITCALLS: usize = 5;

/// What counts as growth, in instructions. Every change of the kernel moves its interrupts to other initcalls, which makes less
/// than this.
const GROWTH: u64 = 100_000;

/// A point of a boot up to which instructions are counted, from the kernel's first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The start of `/init`.
    Init,
    /// The main program's first line.
    Session,
    /// The kernel's last line.
    PowerOff,
}

impl Mark {
    /// Instructions up to it, if the boot got there.
    #[must_use]
    pub fn of(self, cost: &Cost) -> Option<u64> {
        match self {
            Self::Init => cost.to_init,
            Self::Session => cost.to_session,
            Self::PowerOff => cost.to_power_off,
        }
    }

    /// The name, as [`Cost::marks`] has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        let [(init, _), (session, _), (power_off, _)] = Cost::default().marks();
        match self {
            Self::Init => init,
            Self::Session => session,
            Self::PowerOff => power_off,
        }
    }

    /// Whether the phase comes before it.
    fn is_after(self, phase: Phase) -> bool {
        match self {
            Self::Init => phase < Phase::Modules,
            Self::Session => phase < Phase::Session,
            Self::PowerOff => true,
        }
    }
}

/// The most that a boot may cost up to a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Up to where.
    pub mark: Mark,
    /// Instructions.
    pub instructions: u64,
    /// The place of the budget, for messages: `rootfs/default.toml:31`.
    pub place: String,
}

/// A budget that a boot does not keep. Its text is for the person whose change it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The budget.
    pub budget: Budget,
    /// Instructions up to the mark; `None` when the boot did not get there.
    pub actual: Option<u64>,
    /// The most expensive phases before the mark.
    pub phases: Vec<PhaseCost>,
    /// The most expensive initcalls before the mark.
    pub initcalls: Vec<Initcall>,
    /// What grew most since the reference; `None` without one.
    pub grown: Option<Vec<Growth>>,
}

/// What costs more than it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// A phase, or an initcall with the word `initcall` before it.
    pub name: String,
    /// What it cost, in instructions; 0 if it was not there.
    pub before: u64,
    /// Whether `before` is not known, only that it was not more.
    pub at_most: bool,
    /// What it costs.
    pub after: u64,
}

impl Growth {
    /// By how many instructions; at least so many if `before` is not known.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

/// The budgets that a boot of this cost does not keep, in their order. A boot that does not get to a mark does not keep the
/// budget up to it. `initcalls` are of a boot of the same image with `initcall_debug`.
#[must_use]
pub fn exceeded(
    budgets: &[Budget],
    cost: &Cost,
    initcalls: &[Initcall],
    reference: Option<&Reference>,
) -> Vec<Exceeded> {
    let over = |budget: &&Budget| budget.mark.of(cost).is_none_or(|actual| actual > budget.instructions);
    budgets
        .iter()
        .filter(over)
        .map(|budget| {
            let mut phases: Vec<PhaseCost> =
                cost.phases.iter().filter(|phase| budget.mark.is_after(phase.phase)).copied().collect();
            // What a module does comes after the start of /init, which loads it.
            let before = |call: &&Initcall| budget.mark != Mark::Init || !call.name.contains(" [");
            let calls: Vec<Initcall> = initcalls.iter().filter(before).cloned().collect();
            let grown = reference.map(|reference| grown(&phases, &calls, reference));
            phases.sort_by_key(|phase| Reverse(phase.instructions));
            phases.truncate(PHASES);
            Exceeded {
                budget: budget.clone(),
                actual: budget.mark.of(cost),
                phases,
                initcalls: initcall::top(&calls, INITCALLS).into_iter().cloned().collect(),
                grown,
            }
        })
        .collect()
}

/// The phases that grew most, then the initcalls.
fn grown(phases: &[PhaseCost], calls: &[Initcall], reference: &Reference) -> Vec<Growth> {
    let most = |mut all: Vec<Growth>, count| {
        all.retain(|growth| growth.instructions() >= GROWTH);
        all.sort_by_key(|growth| Reverse(growth.instructions()));
        all.truncate(count);
        all
    };
    let phases = phases.iter().map(|cost| Growth {
        name: cost.phase.to_string(),
        before: reference.phase(cost.phase).unwrap_or(0),
        at_most: false,
        after: cost.instructions,
    });
    let unlisted = reference.unlisted_at_most();
    let calls = calls.iter().map(|call| {
        let listed = reference.initcall(&call.name);
        Growth {
            name: format!("initcall {}", call.name),
            before: listed.unwrap_or(unlisted),
            at_most: listed.is_none() && unlisted > 0,
            after: call.instructions,
        }
    });
    [most(phases.collect(), PHASES), most(calls.collect(), INITCALLS)].concat()
}

/// What a budget can be lowered to when a boot costs more than 5 % less: the cost and 2 %, rounded up to a whole million.
#[must_use]
pub fn lowered(budget: u64, actual: u64) -> Option<u64> {
    let far = u128::from(actual) * 100 < u128::from(budget) * 95;
    let new = (u128::from(actual) * 102).div_ceil(100 * 1_000_000) * 1_000_000;
    u64::try_from(new).ok().filter(|new| far && *new < budget)
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, place) = (self.budget.mark.name(), &self.budget.place);
        let budget = Millions(self.budget.instructions);
        match self.actual {
            Some(actual) => write!(
                f,
                "{mark}: {} M instructions, {} M more than the {budget} M that {place} allows",
                Millions(actual),
                Millions(actual.saturating_sub(self.budget.instructions)),
            )?,
            None => write!(
                f,
                "{mark}: the boot did not reach this point, so the budget of {budget} M at {place} cannot be checked; see the end of its log"
            )?,
        }
        let phases =
            self.phases.iter().map(|cost| format!("{} {} M", cost.phase, Millions(cost.instructions)));
        list(f, "the most expensive phases", phases)?;
        let calls =
            self.initcalls.iter().map(|call| format!("{} {} M", call.name, Millions(call.instructions)));
        list(f, "the most expensive initcalls", calls)?;
        match &self.grown {
            None => Ok(()),
            Some(grown) if grown.is_empty() => {
                write!(
                    f,
                    "\n  nothing grew by {} M or more in comparison with the reviewed timeline",
                    Millions(GROWTH)
                )
            }
            Some(grown) => list(f, "grew most in comparison with the reviewed timeline", grown),
        }
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, by, before) = (&self.name, Millions(self.instructions()), Millions(self.before));
        match (self.before, self.at_most) {
            (0, _) => write!(f, "{name} by {by} M (new)"),
            (_, true) => write!(f, "{name} by at least {by} M (from at most {before} M)"),
            (_, false) => write!(f, "{name} by {by} M (from {before} M)"),
        }
    }
}

fn list(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    items: impl IntoIterator<Item = impl ToString>,
) -> fmt::Result {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { Ok(()) } else { write!(f, "\n  {what}: {}", items.join(", ")) }
}
