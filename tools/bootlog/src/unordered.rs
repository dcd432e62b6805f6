// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups of lines that every boot prints in a varying order, such as those of another CPU or of a workqueue.
//!
//! A group is data like a mask, see [`crate::rules`]. Its lines are taken out of the log from one phase to another, and stand
//! sorted at the end of the last one under the group's name; all other lines keep their order.

use crate::mask::whole;
use crate::phase::Phase;
use regex_lite::Regex;

/// Lines that may come in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What messages call it: lower-case words with hyphens.
    pub name: &'static str,
    /// Why their order is not the same on every boot.
    pub why: &'static str,
    /// The first phase that they come in.
    pub from: Phase,
    /// The last one.
    pub to: Phase,
    /// Regular expressions, each for a whole message after the masks.
    pub patterns: &'static [&'static str],
    /// Messages that belong to it, as boots really printed them.
    pub examples: &'static [&'static str],
}

/// A group that is ready to be applied.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    pub(crate) group: Group,
    patterns: Vec<Regex>,
}

impl Members {
    /// # Errors
    /// A pattern is no regular expression.
    pub(crate) fn new(group: Group) -> Result<Self, String> {
        let patterns: Result<_, _> = group.patterns.iter().map(|pattern| whole(pattern)).collect();
        Ok(Self { group, patterns: patterns.map_err(|error| format!("group {}: {error}", group.name))? })
    }

    /// Whether the masked message of a line in that phase belongs to it.
    pub(crate) fn has(&self, phase: Phase, message: &str) -> bool {
        (self.group.from..=self.group.to).contains(&phase)
            && self.patterns.iter().any(|pattern| pattern.is_match(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_known_by_phase_and_pattern() {
        let group = |patterns| Group {
            name: "g",
            why: "it is a test",
            from: Phase::Drivers,
            to: Phase::Init,
            patterns,
            examples: &[],
        };
        let members = Members::new(group(&["random: .*", "usb [0-9]+"])).unwrap();
        let check = |phase, message: &str, expect: bool| {
            assert_eq!(members.has(phase, message), expect, "{phase} {message}");
        };
        check(Phase::Drivers, "random: crng init done", true);
        check(Phase::Modules, "usb 1", true);
        check(Phase::Init, "usb 1", true);
        check(Phase::Init, "usb 1-1", false);
        check(Phase::Memory, "usb 1", false);
        check(Phase::Session, "usb 1", false);
        let error = Members::new(group(&["ok", "["])).err().unwrap_or_default();
        assert!(error.starts_with("group g: invalid pattern \"[\": "), "{error}");
    }
}
