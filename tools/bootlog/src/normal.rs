// SPDX-License-Identifier: MIT OR Apache-2.0
//! The normal form of a boot log, without the variation between boots of the same machine.
//!
//! The normal form has no time stamps. Masks ([`crate::mask`]) cover values, the lines of groups ([`crate::unordered`]) are sorted,
//! optional lines ([`crate::optional`]) are omitted, and nothing else changes. A test names the rules that apply; for a log that is
//! the same on every boot it passes [`Rules::none`].

use crate::Line;
use crate::mask::{Mask, Matcher};
use crate::optional::{Finder, Optional};
use crate::phase::{self, Phase};
use crate::rules;
use crate::unordered::{Group, Members};
use std::collections::BTreeMap;

/// The rules that a log is normalised by.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    masks: Vec<Matcher>,
    groups: Vec<Members>,
    optional: Vec<Finder>,
}

impl Rules {
    /// No rule at all: the log without its time stamps is the normal form.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These masks, groups and optional lines.
    ///
    /// # Errors
    /// A pattern is no regular expression.
    pub fn new(
        masks: impl IntoIterator<Item = Mask>,
        groups: impl IntoIterator<Item = Group>,
        optional: impl IntoIterator<Item = Optional>,
    ) -> Result<Self, String> {
        Ok(Self {
            masks: masks.into_iter().map(Matcher::new).collect::<Result<_, _>>()?,
            groups: groups.into_iter().map(Members::new).collect::<Result<_, _>>()?,
            optional: optional.into_iter().map(Finder::new).collect::<Result<_, _>>()?,
        })
    }

    /// All rules of [`crate::rules`].
    ///
    /// # Errors
    /// As [`Self::new`]; a test proves that no error occurs.
    pub fn all() -> Result<Self, String> {
        Self::new(
            rules::MASKS.iter().copied(),
            rules::GROUPS.iter().copied(),
            rules::OPTIONAL.iter().copied(),
        )
    }

    /// The rules of [`crate::rules`] that have these names.
    ///
    /// # Errors
    /// A name of an unknown rule.
    pub fn named(names: &[&str]) -> Result<Self, String> {
        let all = Self::all()?;
        if let Some(unknown) = names.iter().find(|name| !all.names().contains(name)) {
            return Err(format!("unknown rule {unknown:?}; the rules are {}", all.names().join(", ")));
        }
        Ok(Self {
            masks: all.masks.into_iter().filter(|one| names.contains(&one.mask.name)).collect(),
            groups: all.groups.into_iter().filter(|one| names.contains(&one.group.name)).collect(),
            optional: all.optional.into_iter().filter(|one| names.contains(&one.optional.name)).collect(),
        })
    }

    /// The names: those of masks, of groups, of optional lines.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let masks = self.masks.iter().map(|one| one.mask.name);
        let groups = self.groups.iter().map(|one| one.group.name);
        let optional = self.optional.iter().map(|one| one.optional.name);
        masks.chain(groups).chain(optional).collect()
    }

    /// The normal form of a log.
    #[must_use]
    pub fn normalise(&self, lines: &[Line]) -> Normal {
        let mut hits: BTreeMap<&'static str, Vec<String>> =
            self.names().into_iter().map(|name| (name, Vec::new())).collect();
        let mut note = |name: &'static str, message: &str| {
            hits.entry(name).or_default().push(message.to_owned());
        };
        let mut kept: Vec<Entry> = Vec::new();
        let mut taken: Vec<Vec<Entry>> = vec![Vec::new(); self.groups.len()];
        for (line, phase) in lines.iter().zip(phase::of_each(lines)) {
            if let Some(finder) = self.optional.iter().find(|finder| finder.has(line.message())) {
                note(finder.optional.name, line.message());
                continue;
            }
            let masked =
                self.masks.iter().find_map(|mask| Some((mask.mask.name, mask.apply(line.message())?)));
            let line = match masked {
                Some((name, message)) => {
                    note(name, line.message());
                    line.with_message(&message)
                }
                None => line.clone(),
            };
            match self.groups.iter().position(|group| group.has(phase, line.message())) {
                Some(at) => {
                    note(self.groups[at].group.name, line.message());
                    let group = Some(self.groups[at].group.name);
                    taken[at].push(Entry { phase: self.groups[at].group.to, group, line });
                }
                None => kept.push(Entry { phase, group: None, line }),
            }
        }
        for (members, mut entries) in self.groups.iter().zip(taken) {
            entries.sort_by(|one, other| one.line.message().cmp(other.line.message()));
            // After the last line of the last phase of the group; phases never go back.
            let at = kept.partition_point(|entry| entry.phase <= members.group.to);
            kept.splice(at..at, entries);
        }
        Normal {
            entries: kept,
            hits,
            groups: self.groups.iter().map(|one| one.group.name).collect(),
            optional: self.optional.iter().map(|one| one.optional.name).collect(),
        }
    }
}

/// A line of a normal form.
#[derive(Clone, Debug)]
struct Entry {
    phase: Phase,
    group: Option<&'static str>,
    line: Line,
}

/// A boot log in its normal form.
#[derive(Clone, Debug)]
pub struct Normal {
    entries: Vec<Entry>,
    /// For each rule the messages that it was applied to, as they were.
    hits: BTreeMap<&'static str, Vec<String>>,
    groups: Vec<&'static str>,
    optional: Vec<&'static str>,
}

impl Normal {
    /// The lines, as [`crate::diff`] takes them. Time stamps are those of the boot.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.entries.iter().map(|entry| entry.line.clone()).collect()
    }

    /// The messages, one a line, for a snapshot: each phase has a heading, and the lines of a group stand below its name.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for phase in self.entries.chunk_by(|one, next| one.phase == next.phase) {
            if !text.is_empty() {
                text.push('\n');
            }
            text += &format!("== {}: {}\n", phase[0].phase, phase[0].phase.title());
            for block in phase.chunk_by(|one, next| one.group == next.group) {
                if let Some(group) = block[0].group {
                    text += &format!("-- in any order: {group}\n");
                }
                block.iter().for_each(|entry| {
                    text += entry.line.message();
                    text.push('\n');
                });
            }
        }
        text
    }

    /// The names of rules that were not applied to any line, without those of optional lines.
    #[must_use]
    pub fn unused(&self) -> Vec<&'static str> {
        let unused = self.hits.iter().filter(|(_, messages)| messages.is_empty()).map(|(name, _)| *name);
        unused.filter(|name| !self.optional.contains(name)).collect()
    }

    /// Whether that is the name of a group.
    pub(crate) fn is_group(&self, name: &str) -> bool {
        self.groups.contains(&name)
    }

    /// For each rule the messages that it was applied to, as they were before it.
    #[must_use]
    pub fn hits(&self) -> &BTreeMap<&'static str, Vec<String>> {
        &self.hits
    }
}

#[cfg(test)]
#[path = "normal_tests.rs"]
mod tests;
