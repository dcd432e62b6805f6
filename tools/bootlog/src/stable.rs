// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks that several boots of one machine have the same normal form. Without that, a comparison with another boot or with a
//! snapshot has no meaning.

use crate::diff::{Change, Part, diff};
use crate::normal::Normal;
use std::fmt;

/// Differences shown for one reason; what more there is, is counted.
const SHOWN: usize = 12;

/// Boots that are not all equal.
#[derive(Clone, Debug)]
pub struct Unstable {
    /// How many boots there were.
    pub boots: usize,
    /// The numbers, from 1, of those that agree: of the most that do.
    pub alike: Vec<usize>,
    /// What differs from them, with the numbers of the boots that have it.
    pub differences: Vec<(Change, Vec<usize>)>,
}

/// The normal form that all boots have.
///
/// # Errors
/// They are not all equal.
///
/// # Panics
/// There is no boot.
pub fn common(boots: &[Normal]) -> Result<&Normal, Unstable> {
    assert!(!boots.is_empty(), "no boot is like another");
    let texts: Vec<String> = boots.iter().map(Normal::text).collect();
    let count = |text: &String| texts.iter().filter(|other| *other == text).count();
    // Of several that are the most frequent, the first.
    let most = texts.iter().map(count).max().unwrap_or_default();
    let reference = texts.iter().position(|text| count(text) == most).unwrap_or_default();
    if most == boots.len() {
        return Ok(&boots[reference]);
    }
    let agrees = |at: &usize| texts[*at] == texts[reference];
    let lines = boots[reference].lines();
    // Each reason is reported once, whatever the number of values of a line: with its pattern if there is one, else with the line.
    let mut reasons: Vec<String> = Vec::new();
    let mut differences: Vec<(Change, Vec<usize>)> = Vec::new();
    for at in (0..boots.len()).filter(|at| !agrees(at)) {
        for change in diff(&lines, &boots[at].lines()) {
            let reason = Missing::of(&change).pattern(&change).unwrap_or_else(|| change.to_string());
            match reasons.iter().position(|known| *known == reason) {
                Some(known) if differences[known].1.last() == Some(&(at + 1)) => {}
                Some(known) => differences[known].1.push(at + 1),
                None => {
                    reasons.push(reason);
                    differences.push((change, vec![at + 1]));
                }
            }
        }
    }
    Err(Unstable {
        boots: boots.len(),
        alike: (0..boots.len()).filter(agrees).map(|at| at + 1).collect(),
        differences,
    })
}

/// The masks and optional lines that were the same on every boot: such a rule hides what could be compared, unless there were
/// too few boots to tell.
///
/// # Panics
/// There is no boot.
#[must_use]
pub fn constant(boots: &[Normal]) -> Vec<&str> {
    let first = &boots[0];
    let same = |name: &str| boots.iter().all(|boot| boot.hits().get(name) == first.hits().get(name));
    let used = first.hits().iter().filter(|(_, hits)| !hits.is_empty()).map(|(name, _)| *name);
    // Because the position of a group among the other lines is not recorded, its hits prove nothing.
    used.filter(|name| !first.is_group(name) && same(name)).collect()
}

/// Which kind of rule would make a difference one of no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Missing {
    Mask,
    Group,
    Neither,
}

impl Missing {
    fn of(change: &Change) -> Self {
        match change {
            Change::Changed { .. } => Self::Mask,
            Change::Moved { .. } => Self::Group,
            Change::Added { .. } | Change::Removed { .. } => Self::Neither,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Mask => {
                "a value that no mask covers; if it may vary, add a mask to tools/bootlog/src/rules.rs:"
            }
            Self::Group => {
                "a line in another place; if its order may vary, add a group to tools/bootlog/src/rules.rs:"
            }
            Self::Neither => {
                "a line that only some boots have and no rule covers; find out what prints it, and why not always:"
            }
        }
    }

    /// A pattern for the line, to begin a rule with.
    fn pattern(self, change: &Change) -> Option<String> {
        match change {
            Change::Changed { parts, .. } => Some(pattern(parts)),
            Change::Moved { text, .. } => Some(regex_lite::escape(text)),
            Change::Added { .. } | Change::Removed { .. } => None,
        }
    }
}

/// A regular expression for a line, with classes of characters where it differs.
fn pattern(parts: &[Part]) -> String {
    let mut pattern = String::new();
    let mut varied = String::new();
    for part in parts {
        match part {
            Part::Same(text) => {
                pattern += class(&std::mem::take(&mut varied));
                pattern += &regex_lite::escape(text);
            }
            Part::Removed(text) | Part::Added(text) => varied += text,
        }
    }
    pattern + class(&varied)
}

/// What matches a text of these characters.
fn class(text: &str) -> &'static str {
    let all = |text: &str, of: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| of(&byte));
    let hex = |text: &str| all(text, u8::is_ascii_hexdigit);
    match text {
        "" => "",
        _ if all(text, u8::is_ascii_digit) => "[0-9]+",
        _ if hex(text) => "[0-9a-f]+",
        // Both values, one behind the other.
        _ if text.strip_prefix("0x").is_some_and(|rest| rest.split("0x").all(hex)) => "0x[0-9a-f]+",
        _ if text.contains(char::is_whitespace) => ".*",
        _ => r"\S*",
    }
}

/// `1`, `1 and 2`, `1, 2 and 3`.
fn list(numbers: &[usize]) -> String {
    match numbers {
        [] => "none".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

impl fmt::Display for Unstable {
    /// Several lines: which boots agree, then what differs, by the kind of rule that may be missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { boots, alike, differences } = self;
        match alike.as_slice() {
            [_] => write!(f, "all {boots} boots differ; differences from boot 1:")?,
            alike => write!(
                f,
                "{} of {boots} boots are equal, {}; differences from them:",
                alike.len(),
                list(alike)
            )?,
        }
        for missing in [Missing::Mask, Missing::Group, Missing::Neither] {
            let of_kind: Vec<_> =
                differences.iter().filter(|(change, _)| Missing::of(change) == missing).collect();
            if of_kind.is_empty() {
                continue;
            }
            write!(f, "\n  {}", missing.title())?;
            for (change, numbers) in of_kind.iter().take(SHOWN) {
                let noun = if numbers.len() == 1 { "boot" } else { "boots" };
                write!(f, "\n    {noun} {}, {}: {change}", list(numbers), change.phase())?;
                if let Some(pattern) = missing.pattern(change) {
                    write!(f, "\n      pattern: {pattern}")?;
                }
            }
            if of_kind.len() > SHOWN {
                write!(f, "\n    and {} more", of_kind.len() - SHOWN)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "stable_tests.rs"]
mod tests;
