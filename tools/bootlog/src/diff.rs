// SPDX-License-Identifier: MIT OR Apache-2.0
//! The differences of two boot logs: lines added, removed, moved and changed, by phase.
//!
//! Messages are compared, not time stamps, which [`crate::cost`] compares. Lines that stay in place are found in the whole
//! log, so that a lost marker of a phase is a change of one line and not of a whole phase. The other lines are paired:
//! equal lines have moved, similar lines have changed (only numbers differ, or nearly all words are the same), the rest was
//! added or removed. Each line that does not stay in place is in exactly one [`Change`].

use crate::Line;
use crate::lcs;
use crate::phase::{self, Phase};
use crate::similar::{self, Shape};
use std::collections::HashMap;
use std::fmt;

pub use crate::similar::Part;

/// More pairs of lines than this in one place are paired by their signatures only, in order: two logs of that kind have
/// nothing in common that would be worth minutes.
const MOST_PAIRS: usize = 250_000;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its phase.
    pub phase: Phase,
    /// Its number in its whole log, from 1.
    pub number: usize,
}

/// One difference. Texts are messages, without time stamps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A line that only the head has.
    Added {
        /// Its place in the head.
        to: Place,
        /// The line.
        text: String,
    },
    /// A line that only the base has.
    Removed {
        /// Its place in the base.
        from: Place,
        /// The line.
        text: String,
    },
    /// A line that is at another place among the others.
    Moved {
        /// Its place in the base.
        from: Place,
        /// Its place in the head.
        to: Place,
        /// The line.
        text: String,
    },
    /// A line that is similar to the one it replaces.
    Changed {
        /// Its place in the base.
        from: Place,
        /// Its place in the head.
        to: Place,
        /// The line in the base.
        before: String,
        /// The line in the head.
        after: String,
        /// The difference, word by word.
        parts: Vec<Part>,
        /// It is at another place among the others as well.
        moved: bool,
    },
}

impl Change {
    /// The phase that it belongs to: of the head, if the line is there.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::Added { to, .. } | Self::Moved { to, .. } | Self::Changed { to, .. } => to.phase,
            Self::Removed { from, .. } => from.phase,
        }
    }
}

impl fmt::Display for Change {
    /// One line: `+` added, `-` removed, `>` moved, `~` changed, with what changed as `[-before-]{+after+}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { text, .. } => write!(f, "+ {text}"),
            Self::Removed { text, .. } => write!(f, "- {text}"),
            Self::Moved { text, .. } => write!(f, "> {text}"),
            Self::Changed { parts, moved, .. } => {
                f.write_str(if *moved { ">~ " } else { "~ " })?;
                parts.iter().try_for_each(|part| match part {
                    Part::Same(text) => f.write_str(text),
                    Part::Removed(text) => write!(f, "[-{text}-]"),
                    Part::Added(text) => write!(f, "{{+{text}+}}"),
                })
            }
        }
    }
}

/// All differences, by phase and in order within it. Empty if the logs have the same messages in the same order.
#[must_use]
pub fn diff(base: &[Line], head: &[Line]) -> Vec<Change> {
    let messages = |lines: &[Line]| lines.iter().map(|line| line.message().to_owned()).collect::<Vec<_>>();
    let (base_phases, head_phases) = (phase::of_each(base), phase::of_each(head));
    let mut pairing = Pairing::new(messages(base), messages(head));
    let moved = pairing.take_equal();
    let mut changed = pairing.take_similar();
    changed.extend(pairing.take_alike(&base_phases, &head_phases));
    let out_of_order = out_of_order(&changed, &pairing);

    let place = |phases: &[Phase], at: usize| Place { phase: phases[at], number: at + 1 };
    let from = |at| place(&base_phases, at);
    let to = |at| place(&head_phases, at);
    // Changes of one place are told in the order in which a person reads the two logs side by side: pairs in place
    // hold that order together, and between two of them what was removed comes before what the head has.
    let pairs_in_place = changed.iter().zip(&out_of_order).filter(|(_, moved)| !**moved);
    let (mut ones, mut others): (Vec<usize>, Vec<usize>) = pairs_in_place.map(|(pair, _)| *pair).unzip();
    ones.sort_unstable();
    others.sort_unstable();
    let old_key = |i: usize| (pairing.base_gap[i], ones.partition_point(|&one| one < i), 0, i);
    let new_key =
        |j: usize, side: u8| (pairing.head_gap[j], others.partition_point(|&other| other < j), side, j);
    let mut changes: Vec<((usize, usize, u8, usize), Change)> = Vec::new();
    for &i in &pairing.removed {
        changes.push((old_key(i), Change::Removed { from: from(i), text: pairing.base[i].clone() }));
    }
    for &j in &pairing.added {
        changes.push((new_key(j, 1), Change::Added { to: to(j), text: pairing.head[j].clone() }));
    }
    for &(i, j) in &moved {
        let change = Change::Moved { from: from(i), to: to(j), text: pairing.head[j].clone() };
        changes.push((new_key(j, 1), change));
    }
    for (&(i, j), &moved) in changed.iter().zip(&out_of_order) {
        let (before, after) = (pairing.base[i].clone(), pairing.head[j].clone());
        let parts = similar::parts(&before, &after);
        let change = Change::Changed { from: from(i), to: to(j), before, after, parts, moved };
        changes.push((new_key(j, if moved { 1 } else { 2 }), change));
    }
    changes.sort_by_key(|(key, change)| (change.phase(), *key));
    changes.into_iter().map(|(_, change)| change).collect()
}

/// The lines of two logs that do not stay in place, and what they were paired to.
struct Pairing {
    base: Vec<String>,
    head: Vec<String>,
    /// For each line, how many lines before it stay in place: equal for lines at the same place in both.
    base_gap: Vec<usize>,
    head_gap: Vec<usize>,
    /// Lines without a partner so far, ascending.
    removed: Vec<usize>,
    added: Vec<usize>,
}

type Pairs = Vec<(usize, usize)>;

impl Pairing {
    fn new(base: Vec<String>, head: Vec<String>) -> Self {
        let (ones, others): (Vec<usize>, Vec<usize>) = lcs::pairs(&base, &head).into_iter().unzip();
        let gaps = |length, kept: &[usize]| -> Vec<usize> {
            (0..length).map(|at| kept.partition_point(|&kept| kept < at)).collect()
        };
        let left = |length, kept: &[usize]| -> Vec<usize> {
            (0..length).filter(|at| kept.binary_search(at).is_err()).collect()
        };
        Self {
            base_gap: gaps(base.len(), &ones),
            head_gap: gaps(head.len(), &others),
            removed: left(base.len(), &ones),
            added: left(head.len(), &others),
            base,
            head,
        }
    }

    fn forget(&mut self, pairs: &[(usize, usize)]) {
        let mut ones: Vec<usize> = pairs.iter().map(|&(i, _)| i).collect();
        let mut others: Vec<usize> = pairs.iter().map(|&(_, j)| j).collect();
        ones.sort_unstable();
        others.sort_unstable();
        self.removed.retain(|i| ones.binary_search(i).is_err());
        self.added.retain(|j| others.binary_search(j).is_err());
    }

    /// Lines that are the same at another place: first with first, second with second.
    fn take_equal(&mut self) -> Pairs {
        let pairs = in_order(&self.removed, &self.added, |i| self.base[i].clone(), |j| self.head[j].clone());
        self.forget(&pairs);
        pairs
    }

    /// Lines that are similar and at the same place, the most similar first.
    fn take_similar(&mut self) -> Pairs {
        let mut pairs = Pairs::new();
        let by_gap = |lines: &[usize], gaps: &[usize]| -> Vec<Vec<usize>> {
            lines.chunk_by(|one, next| gaps[*one] == gaps[*next]).map(<[usize]>::to_vec).collect()
        };
        let mut there: HashMap<usize, Vec<usize>> = by_gap(&self.added, &self.head_gap)
            .into_iter()
            .map(|lines| (self.head_gap[lines[0]], lines))
            .collect();
        for removed in by_gap(&self.removed, &self.base_gap) {
            if let Some(added) = there.remove(&self.base_gap[removed[0]]) {
                pairs.extend(self.most_similar(&removed, &added));
            }
        }
        self.forget(&pairs);
        pairs
    }

    fn most_similar(&self, removed: &[usize], added: &[usize]) -> Pairs {
        let shapes = |lines: &[usize], texts: &[String]| -> Vec<Shape> {
            lines.iter().map(|&at| Shape::of(&texts[at])).collect()
        };
        let (old, new) = (shapes(removed, &self.base), shapes(added, &self.head));
        if removed.len().saturating_mul(added.len()) > MOST_PAIRS {
            let signature = |lines: &[usize], shapes: &[Shape], at: usize| {
                lines.binary_search(&at).map_or_else(|_| String::new(), |n| shapes[n].signature.clone())
            };
            return in_order(removed, added, |i| signature(removed, &old, i), |j| signature(added, &new, j));
        }
        let mut scores = Vec::new();
        for (i, one) in old.iter().enumerate() {
            for (j, other) in new.iter().enumerate() {
                scores.extend(one.score(other).map(|score| (score, i, j)));
            }
        }
        scores.sort_by(|(score, i, j), (other, k, l)| {
            other.total_cmp(score).then((i.abs_diff(*j), i, j).cmp(&(k.abs_diff(*l), k, l)))
        });
        let (mut used_old, mut used_new) = (vec![false; old.len()], vec![false; new.len()]);
        let mut pairs = Pairs::new();
        for (_, i, j) in scores {
            if !used_old[i] && !used_new[j] {
                (used_old[i], used_new[j]) = (true, true);
                pairs.push((removed[i], added[j]));
            }
        }
        pairs
    }

    /// Lines that moved within their phase and whose numbers changed, if only one line on each side can be meant.
    fn take_alike(&mut self, base_phases: &[Phase], head_phases: &[Phase]) -> Pairs {
        let mut groups: HashMap<(Phase, String), [Vec<usize>; 2]> = HashMap::new();
        let sides = [(&self.removed, &self.base, base_phases), (&self.added, &self.head, head_phases)];
        for (side, (lines, texts, phases)) in sides.into_iter().enumerate() {
            for &at in lines {
                let shape = Shape::of(&texts[at]);
                if shape.has_letters() {
                    groups.entry((phases[at], shape.signature)).or_default()[side].push(at);
                }
            }
        }
        let mut pairs: Pairs = groups
            .into_values()
            .filter_map(|[ones, others]| match (&ones[..], &others[..]) {
                ([i], [j]) => Some((*i, *j)),
                _ => None,
            })
            .collect();
        pairs.sort_unstable();
        self.forget(&pairs);
        pairs
    }
}

/// Pairs lines of equal keys, the first with the first and so on.
fn in_order(
    removed: &[usize],
    added: &[usize],
    old_key: impl Fn(usize) -> String,
    new_key: impl Fn(usize) -> String,
) -> Pairs {
    let mut there: HashMap<String, Vec<usize>> = HashMap::new();
    for &j in added.iter().rev() {
        there.entry(new_key(j)).or_default().push(j);
    }
    removed.iter().filter_map(|&i| Some((i, there.get_mut(&old_key(i))?.pop()?))).collect()
}

/// For each pair of similar lines, whether it is also at another place among the others.
fn out_of_order(changed: &[(usize, usize)], pairing: &Pairing) -> Vec<bool> {
    let in_place = |&&(i, j): &&(usize, usize)| pairing.base_gap[i] == pairing.head_gap[j];
    let mut old: Vec<(usize, usize)> = changed.iter().filter(in_place).copied().collect();
    let mut new = old.clone();
    old.sort_unstable();
    new.sort_unstable_by_key(|&(i, j)| (j, i));
    let stays: Vec<(usize, usize)> = lcs::pairs(&old, &new).into_iter().map(|(at, _)| old[at]).collect();
    changed.iter().map(|pair| stays.binary_search(pair).is_err()).collect()
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
