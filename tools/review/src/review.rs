// SPDX-License-Identifier: MIT OR Apache-2.0
//! The review as data. The keys of `review.json` are the names of the fields; `review.schema.json` describes them.

use crate::examined::{self, Unchecked};
use crate::input::{Boots, Built, Input, Revision};
use crate::judge;
use crate::policy::{Kind, Rule, Rules};
use crate::reviewed::Reviewed;
use crate::violation::{Level, Violation};
use qos_bootdiff::report::Report;
use serde::Serialize;

/// The number in [`Review::format`]; it is increased when a field is removed or changes its meaning.
pub const FORMAT: u32 = 1;

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// [`FORMAT`].
    pub format: u32,
    /// Whether no rule in `deny` is violated.
    pub passed: bool,
    /// The revision that was compared with.
    pub base: Revision,
    /// The revision under review.
    pub head: Revision,
    /// The policy: its file, and the revision that has it.
    pub policy: String,
    /// The rules about the repository that were checked.
    pub rules: Vec<String>,
    /// Violations of rules: those in `deny` first, then in the order of [`Kind::ALL`] and of the images.
    pub violations: Vec<Violation>,
    /// Reviewed files that changed.
    pub reviewed: Vec<Reviewed>,
    /// The images of the head's table, then those that only the base's has.
    pub images: Vec<Image>,
    /// What was built, and what was in the store.
    pub built: Vec<Built>,
}

/// An image of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its name in the table.
    pub name: String,
    /// How it was examined.
    pub state: State,
    /// Why it was not compared.
    pub reason: Option<String>,
    /// The least memory in MiB that the golden machine boots with.
    pub memory: Option<Memory>,
    /// The rules that were checked.
    pub rules: Vec<String>,
    /// The rules that were not checked although the image was compared.
    pub unchecked: Vec<Unchecked>,
    /// The comparison.
    pub report: Option<Report>,
}

/// How an image was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Both revisions have the same boot, as the derivation of the boot log is the same.
    Unchanged,
    /// It changed, and was not built.
    NotCompared,
    /// Both revisions were built and booted.
    Compared,
    /// Only the base has it.
    Removed,
}

/// The least memory of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Of the base, in MiB.
    pub base: Option<u64>,
    /// Of the head, in MiB.
    pub head: Option<u64>,
}

/// The rules of both lists that are about the repository, or about an image, each once.
fn own(rules: &Rules, of_repository: bool) -> Vec<Rule> {
    let mut own: Vec<Rule> = Vec::new();
    for rule in rules.deny.iter().chain(&rules.warn) {
        if rule.kind.is_of_repository() == of_repository && !own.iter().any(|other| other.text == rule.text) {
            own.push(rule.clone());
        }
    }
    own
}

fn texts(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(|rule| rule.text.clone()).collect()
}

impl Review {
    /// Judges the input.
    #[must_use]
    pub fn of(input: Input) -> Self {
        let mut violations = judge::judge(&input);
        // Within one rule, the order of the images stays.
        let rank = |violation: &Violation| Kind::ALL.iter().position(|(name, _)| *name == violation.kind);
        violations.sort_by_key(|violation| (violation.level, rank(violation)));
        let images = input.images.into_iter().map(|image| {
            let mut rules = own(input.policy.of(&image.name), false);
            let mut unchecked = Vec::new();
            let (state, reason, rules, compared) = match image.boots {
                Boots::Unchanged => (State::Unchanged, None, Vec::new(), None),
                Boots::NotCompared(why) => (State::NotCompared, Some(why), Vec::new(), None),
                Boots::Removed => {
                    rules.retain(|rule| rule.kind == Kind::ImageRemoved);
                    (State::Removed, None, texts(&rules), None)
                }
                Boots::Compared(compared) => {
                    let is_own = |one: &&Violation| one.image.as_deref() == Some(image.name.as_str());
                    let violations: Vec<&Violation> = violations.iter().filter(is_own).collect();
                    let checked;
                    (checked, unchecked) = examined::divide(&rules, &compared, &violations);
                    (State::Compared, None, checked, Some(compared))
                }
            };
            let memory = compared.as_ref().map(|compared| compared.memory);
            Image {
                name: image.name,
                state,
                reason,
                memory: memory
                    .filter(|both| both.iter().any(Option::is_some))
                    .map(|[base, head]| Memory { base, head }),
                rules,
                unchecked,
                report: compared.map(|compared| compared.report),
            }
        });
        let images = images.collect();
        Review {
            format: FORMAT,
            passed: violations.iter().all(|violation| violation.level != Level::Deny),
            base: input.base,
            head: input.head,
            policy: input.policy_file,
            rules: texts(&own(&input.policy.rules, true)),
            images,
            violations,
            reviewed: input.reviewed,
            built: input.built,
        }
    }

    /// The images that were compared, each with its report.
    pub fn compared(&self) -> impl Iterator<Item = (&Image, &Report)> {
        self.images.iter().filter_map(|image| Some((image, image.report.as_ref()?)))
    }

    /// One sentence: the result.
    #[must_use]
    pub fn verdict(&self) -> String {
        let count = |level| self.violations.iter().filter(|violation| violation.level == level).count();
        let of = |number, what| qos_bootdiff::units::count(number, what);
        let warnings = match count(Level::Warn) {
            0 => String::new(),
            number => format!(", with {}", of(number, "warning")),
        };
        match count(Level::Deny) {
            0 => format!("The change passes the policy{warnings}."),
            number => format!("The change violates the policy: {}{warnings}.", of(number, "violation")),
        }
    }

    /// The name of the page of a compared image: `report.html`, or `report-NAME.html` of all but the first.
    #[must_use]
    pub fn page(&self, image: &str) -> String {
        let first = self.compared().next().is_some_and(|(first, _)| first.name == image);
        if first { "report.html".to_owned() } else { format!("report-{image}.html") }
    }
}
