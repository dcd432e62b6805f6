// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads KTAP, the format in which KUnit and kselftest report test results, from a log.
//!
//! Format: Documentation/dev-tools/ktap.rst of the kernel. A report is mixed with other lines of the log, and may end
//! anywhere, because the kernel may crash in a test. Nothing is therefore an error: a missing result is an outcome
//! ([`Outcome::Crashed`]) or a problem of its test, and lines that are not KTAP are the log of the running test.
//!
//! ```
//! let log = b"[    1.000000] KTAP version 1\n[    1.000000] 1..1\n[    1.002000] not ok 1 adds # TODO later\n";
//! let reports = qos_console::ktap::reports(&qos_console::parse(log));
//! let case = &reports[0].cases()[0];
//! assert_eq!((case.name.as_str(), case.test.outcome.is_failure()), ("adds", false));
//! ```

mod line;
mod reader;
#[cfg(test)]
mod tests;

use crate::line::Line;
use reader::Reader;

/// One report: from a version line that is not indented to the last result that its plan announces, to the next report,
/// or to the end of the log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Report {
    /// The tests of the outermost level; for KUnit, its suites.
    pub tests: Vec<Test>,
    /// What is wrong with the report itself, a sentence each: it is cut off, or its plan does not fit.
    pub problems: Vec<String>,
    /// Lines of the outermost level that belong to no test, behind the last of them.
    pub log: Vec<String>,
}

/// A test, or a group of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its description on the result line, or that of its `# Subtest:` line; empty if it has neither.
    pub name: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// The tests it is made of; empty for a case.
    pub tests: Vec<Test>,
    /// What does not fit, a sentence each: a plan that was not kept, an `ok` above a test that failed.
    pub problems: Vec<String>,
    /// Everything between its beginning and its result that is not KTAP's structure: diagnostics, and other lines of
    /// the log. Indentation is kept.
    pub log: Vec<String>,
    /// From the line of structure before it to its result, in nanoseconds of the guest's time stamps, which have
    /// microseconds.
    pub duration_ns: Option<u64>,
}

/// The outcome of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `ok`.
    Passed,
    /// `not ok`; what stands behind its `#`, with the directive (TIMEOUT, ERROR).
    Failed(String),
    /// `# SKIP`; the reason.
    Skipped(String),
    /// `not ok … # TODO` or `# XFAIL`: it fails, and is known to; the reason.
    Expected(String),
    /// It began and gave no result.
    Crashed,
}

impl Outcome {
    /// Whether the outcome needs attention.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Outcome::Failed(_) | Outcome::Crashed)
    }
}

/// A test without tests inside, or a group that has something wrong of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'a> {
    /// The names of the groups it is in and its own, with dots between.
    pub name: String,
    /// The test.
    pub test: &'a Test,
}

impl Test {
    /// Whether it failed, or something does not fit: in itself, or in a test inside.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.own_failure() || self.tests.iter().any(Test::failed)
    }

    /// A failure that no test inside accounts for.
    fn own_failure(&self) -> bool {
        let explained = matches!(self.outcome, Outcome::Failed(_)) && self.tests.iter().any(Test::failed);
        !self.problems.is_empty() || (self.outcome.is_failure() && !explained)
    }

    fn collect<'a>(&'a self, prefix: &str, cases: &mut Vec<Case<'a>>) {
        let name = if prefix.is_empty() { self.name.clone() } else { format!("{prefix}.{}", self.name) };
        for test in &self.tests {
            test.collect(&name, cases);
        }
        if self.tests.is_empty() || self.own_failure() {
            cases.push(Case { name, test: self });
        }
    }
}

impl Report {
    /// Whether every test passed, or was skipped, or failed as expected, and nothing is missing.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.problems.is_empty() && !self.tests.iter().any(Test::failed)
    }

    /// The cases in their order; a group follows its members, and is included if it has an error of its own.
    #[must_use]
    pub fn cases(&self) -> Vec<Case<'_>> {
        let mut cases = Vec::new();
        for test in &self.tests {
            test.collect("", &mut cases);
        }
        cases
    }
}

/// The reports in a log, in their order. One that the log has twice (on the console, and again by dmesg) is there twice.
#[must_use]
pub fn reports(lines: &[Line]) -> Vec<Report> {
    spans(lines).into_iter().map(Reader::read).collect()
}

/// The lines of each report in a log, in their order.
#[must_use]
pub fn spans(lines: &[Line]) -> Vec<&[Line]> {
    let begins = |line: &Line| line::is_version(line.message());
    let starts: Vec<usize> = (0..lines.len()).filter(|&at| begins(&lines[at])).collect();
    starts
        .iter()
        .enumerate()
        .map(|(number, &from)| {
            let until = starts.get(number + 1).copied().unwrap_or(lines.len());
            &lines[from..from + Reader::length(&lines[from..until])]
        })
        .collect()
}
