// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results of tests, for programs that read them: continuous integration, dashboards, editors.
//!
//! [`Results`] are made by hand ([`Suite::new`]), from the output of `cargo test` ([`libtest::read`]), or from KTAP in a boot
//! log ([`Suite::of_ktap`]). They are written as JUnit XML ([`Results::junit`]) or JSON ([`Results::json`]). Nothing in this
//! crate accesses files or the clock.

mod json;
mod junit;
mod ktap;
pub mod libtest;
mod verdict;

pub use verdict::Verdict;

use std::time::Duration;

/// Suites in the order in which they ran.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Results {
    /// The suites.
    pub suites: Vec<Suite>,
}

/// Test cases that one program ran.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Suite {
    /// Name, unique among the suites of one run.
    pub name: String,
    /// How long all of it took.
    pub time: Option<Duration>,
    /// Its cases, in the order in which they ended.
    pub cases: Vec<Case>,
    /// What was printed that belongs to no case.
    pub output: String,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Name, unique in its suite.
    pub name: String,
    /// How long it took, if that is known.
    pub time: Option<Duration>,
    /// Its outcome.
    pub outcome: Outcome,
    /// What it printed.
    pub output: String,
}

/// The outcome of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It was not run, or does not count; why.
    Skipped(String),
    /// It gives something else than the snapshot that a person accepted; one line that names it.
    Changed(String),
    /// The tested code is wrong; one line with the reason.
    Failed(String),
    /// It could not be run to its end, which is no information about the tested code; one line with the reason.
    Error(String),
}

impl Outcome {
    /// Whether the outcome needs attention.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        matches!(self, Outcome::Changed(_) | Outcome::Failed(_) | Outcome::Error(_))
    }
}

/// The number of cases of each outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Changed(_) | Outcome::Failed(_) => counts.failures += 1,
                Outcome::Error(_) => counts.errors += 1,
            }
        }
        counts
    }
}

impl Results {
    /// Whether a case failed, or could not be run.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.suites.iter().any(Suite::failed)
    }

    /// The results as JUnit XML, in the form that Jenkins describes (junit-10.xsd) and the usual readers take.
    /// Well-formed whatever the texts hold: a character that XML does not allow appears as `\xNN` or `\u{N}`.
    #[must_use]
    pub fn junit(&self) -> String {
        junit::write(self)
    }

    /// The results as JSON: the [`Verdict`] as `verdict`, `message` and `advice`; `tests`, `failures`, `errors`, `skipped`, and `suites` with the same and `name`, `seconds`,
    /// `output`, `cases`; each case with `name`, `seconds`, `outcome` (`passed`, `skipped`, `snapshot-changed`, `failed`, `error`),
    /// `message`, `output`. What is not known, or empty, is null.
    #[must_use]
    pub fn json(&self) -> String {
        json::write(self)
    }
}

impl Suite {
    /// A suite without cases.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether a case failed, or could not be run.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.cases.iter().any(|case| case.outcome.is_trouble())
    }
}

impl Case {
    /// A case that nothing more is known of.
    #[must_use]
    pub fn new(name: impl Into<String>, outcome: Outcome) -> Self {
        Self { name: name.into(), time: None, outcome, output: String::new() }
    }
}
