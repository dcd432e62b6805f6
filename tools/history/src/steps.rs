// SPDX-License-Identifier: MIT OR Apache-2.0
//! The largest steps from one commit to the next.

use crate::figure::{ALL, Figure};
use crate::file::Entry;
use std::cmp::Reverse;

/// A figure that is not what it was at the commit before.
pub struct Step<'a> {
    /// The entry in which it has the new value.
    pub entry: &'a Entry,
    /// Which figure.
    pub figure: &'static Figure,
    /// The last value before.
    pub before: u64,
    /// The new one.
    pub after: u64,
}

impl Step<'_> {
    /// Its size in millionths of the value before.
    fn weight(&self) -> u128 {
        u128::from(self.after.abs_diff(self.before)) * 1_000_000 / u128::from(self.before.max(1))
    }
}

/// The `count` steps that are the largest in relation to the value before; of equal ones the later. `entries` are in the order of the
/// file.
#[must_use]
pub fn largest<'a>(entries: &[&'a Entry], count: usize) -> Vec<Step<'a>> {
    let mut steps: Vec<(usize, Step)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        for figure in &ALL {
            let older = entries[..at].iter().rev().filter(|other| other.image == entry.image);
            let before = older.filter_map(|other| (figure.of)(&other.figures)).next();
            if let (Some(before), Some(after)) = (before, (figure.of)(&entry.figures))
                && before != after
            {
                steps.push((at, Step { entry, figure, before, after }));
            }
        }
    }
    steps.sort_by_key(|(at, step)| (Reverse(step.weight()), Reverse(*at)));
    steps.into_iter().take(count).map(|(_, step)| step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::History;

    #[test]
    fn the_largest_first() {
        let line = |commit: &str, image: &str, rest: &str| {
            format!("{{\"commit\":\"{commit}\",\"date\":\"2026-11-28\",\"image\":\"{image}\"{rest}}}\n")
        };
        let text = [
            line("a", "x", ",\"to-init\":1000,\"kernel\":100"),
            line("a", "y", ",\"to-init\":10"),
            line("b", "x", ",\"kernel\":101"),
            line("b", "y", ",\"to-init\":10"),
            line("c", "x", ",\"to-init\":900,\"kernel\":102"),
            line("c", "y", ",\"to-init\":0"),
            line("d", "y", ",\"to-init\":7"),
        ]
        .concat();
        let history = History::parse(text.as_bytes()).expect("a history");
        let entries: Vec<&Entry> = history.entries().collect();
        let shown = |count| -> Vec<String> {
            let show = |step: &Step| {
                format!(
                    "{} {} {}: {} {}",
                    step.entry.commit, step.entry.image, step.figure.title, step.before, step.after
                )
            };
            largest(&entries, count).iter().map(show).collect()
        };
        assert_eq!(
            shown(9),
            [
                "d y cost to /init: 0 7",
                "c y cost to /init: 10 0",
                "c x cost to /init: 1000 900",
                "b x size of the kernel: 100 101",
                "c x size of the kernel: 101 102",
            ]
        );
        assert_eq!(shown(2).len(), 2);
    }
}
