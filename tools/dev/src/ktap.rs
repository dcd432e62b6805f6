// SPDX-License-Identifier: MIT OR Apache-2.0
//! Summary of the KUnit tests of a round in one line. Pure.

use qos_bootlog::{Line, ktap};

/// The results of the KUnit suites in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of test cases.
    pub cases: usize,
    /// How many of them were skipped.
    pub skipped: usize,
    /// The failures: `suite.test`, or the problem of a report.
    pub failed: Vec<String>,
    /// The lines of the reports, without time stamps.
    pub lines: Vec<String>,
}

impl Summary {
    /// Reads a log.
    pub fn of(log: &[Line]) -> Summary {
        let mut summary = Summary::default();
        for report in ktap::reports(log) {
            for case in report.cases() {
                summary.cases += 1;
                summary.skipped += usize::from(matches!(case.test.outcome, ktap::Outcome::Skipped(_)));
                if case.test.failed() {
                    summary.failed.push(case.name);
                }
            }
            summary.failed.extend(report.problems);
        }
        let lines = ktap::spans(log).into_iter().flatten().map(|line| line.message().to_owned());
        summary.lines.extend(lines);
        summary
    }

    /// Whether tests ran, and none failed.
    pub fn passed(&self) -> bool {
        self.cases > self.skipped && self.failed.is_empty()
    }

    /// One line: how many passed, and the names of those that did not.
    pub fn text(&self) -> String {
        let skipped = if self.skipped == 0 { String::new() } else { format!(", {} skipped", self.skipped) };
        match (self.cases - self.skipped, self.failed.as_slice()) {
            (0, []) => format!("no test ran{skipped}"),
            (1, []) => format!("1 test passed{skipped}"),
            (ran, []) => format!("{ran} tests passed{skipped}"),
            (_, failed) => format!("{} of {} tests failed: {}", failed.len(), self.cases, failed.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(messages: &str, passed: bool, expect: &str) {
        let log =
            messages.lines().map(|line| format!("[    1.000000] {line}\n")).collect::<Vec<_>>().concat();
        let summary = Summary::of(&qos_bootlog::parse(log.as_bytes()));
        assert_eq!((summary.passed(), summary.text().as_str()), (passed, expect), "{log}");
    }

    #[test]
    fn summaries() {
        let head = "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n";
        check("", false, "no test ran");
        check("ok 1 not-ktap", false, "no test ran");
        check(&format!("{head}    1..1\n    ok 1 a\nok 1 s\nok 9 later"), true, "1 test passed");
        check(
            &format!("{head}    1..2\n    ok 1 a\nother: ok 7 words\n    ok 2 b\nok 1 s"),
            true,
            "2 tests passed",
        );
        check(
            &format!("{head}    1..2\n    ok 1 a\n    ok 2 b # SKIP none\nok 1 s"),
            true,
            "1 test passed, 1 skipped",
        );
        check(&format!("{head}    1..1\n    ok 1 a # SKIP none\nok 1 s"), false, "no test ran, 1 skipped");
        check(
            &format!("{head}    1..2\n    ok 1 a\n    not ok 2 b\nnot ok 1 s"),
            false,
            "1 of 2 tests failed: s.b",
        );
    }

    #[test]
    fn a_report_that_ends_before_its_suite_has_failed() {
        let log = b"[    1.000000] KTAP version 1\n[    1.000000] 1..1\n[    1.000000]     KTAP version 1\n\
                    [    1.000000]     # Subtest: s\n[    1.000000]     1..2\n[    1.000000]     ok 1 a\n\
                    [    1.000000] BUG: it oopsed\n";
        let summary = Summary::of(&qos_bootlog::parse(log));
        assert!(!summary.passed());
        assert!(summary.text().contains(" failed: "), "{}", summary.text());
    }
}
