// SPDX-License-Identifier: MIT OR Apache-2.0
//! What KUnit reports in the kernel's log: which tests passed (Documentation/dev-tools/ktap.rst). Pure.

use qos_bootlog::Line;

/// The results of the KUnit suites in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `suite.test`, and whether it passed; one that was skipped did.
    pub tests: Vec<(String, bool)>,
    /// The lines of the report, without time stamps.
    pub lines: Vec<String>,
}

impl Report {
    /// Reads a log.
    pub fn of(log: &[Line]) -> Report {
        let mut report = Report::default();
        let mut of_suite = Vec::new();
        let mut inside = false;
        for line in log.iter().map(Line::message) {
            inside |= line == "KTAP version 1";
            if !inside {
                continue;
            }
            report.lines.push(line.to_owned());
            match (result(line), line.strip_prefix("    ").and_then(result)) {
                (Some((suite, _)), _) => {
                    let tests = of_suite.drain(..).map(|(test, passed)| (format!("{suite}.{test}"), passed));
                    report.tests.extend(tests);
                    inside = false;
                }
                (None, Some((test, passed))) => of_suite.push((test.to_owned(), passed)),
                (None, None) => {}
            }
        }
        // A suite that did not come to its end has failed with all that was to come.
        if inside {
            report.tests.extend(of_suite.into_iter().map(|(test, passed)| (test.to_owned(), passed)));
            report.tests.push(("the report ends before its suite does".into(), false));
        }
        report
    }

    /// Whether tests ran, and all of them passed.
    pub fn passed(&self) -> bool {
        !self.tests.is_empty() && self.tests.iter().all(|(_, passed)| *passed)
    }

    /// One line: how many passed, and the names of those that did not.
    pub fn summary(&self) -> String {
        let failed: Vec<&str> =
            self.tests.iter().filter(|(_, passed)| !passed).map(|(name, _)| name.as_str()).collect();
        match (self.tests.len(), failed.as_slice()) {
            (0, _) => "no test ran".into(),
            (all, []) => format!("{all} tests passed"),
            (all, failed) => format!("{} of {all} tests failed: {}", failed.len(), failed.join(", ")),
        }
    }
}

/// A result line without indentation: its name, and whether it is well.
fn result(line: &str) -> Option<(&str, bool)> {
    let (passed, rest) = match line.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok ")?),
    };
    let (number, name) = rest.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let name = name.strip_prefix("- ").unwrap_or(name);
    Some((name.split(" # ").next().unwrap_or(name), passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(log: &str, expect: &[(&str, bool)], summary: &str) {
        let report = Report::of(&qos_bootlog::parse(log.as_bytes()));
        let expect: Vec<_> = expect.iter().map(|(name, passed)| ((*name).to_owned(), *passed)).collect();
        assert_eq!(
            (report.tests.as_slice(), report.summary().as_str()),
            (expect.as_slice(), summary),
            "{log}"
        );
        assert_eq!(report.passed(), summary.ends_with("tests passed"));
    }

    #[test]
    fn reports() {
        let head = "[    1.000000] KTAP version 1\n[    1.000000] 1..1\n[    1.000000]     KTAP version 1\n";
        check("", &[], "no test ran");
        check("[    1.000000] ok 1 not-ktap\n", &[], "no test ran");
        check(
            &format!(
                "{head}[    1.0]     1..2\n[    1.000000]     ok 1 a\n[    1.000000] other: ok 7 words\n\
                      [    1.000000]     ok 2 b # SKIP none\n[    1.000000] ok 1 s\n[    1.000000] ok 9 later\n"
            ),
            &[("s.a", true), ("s.b", true)],
            "2 tests passed",
        );
        check(
            &format!(
                "{head}[    1.000000]     ok 1 a\n[    1.000000]     not ok 2 b\n[    1.000000] not ok 1 s\n"
            ),
            &[("s.a", true), ("s.b", false)],
            "1 of 2 tests failed: s.b",
        );
        check(
            &format!("{head}[    1.000000]     ok 1 a\n[    1.000000] BUG: it oopsed\n"),
            &[("a", true), ("the report ends before its suite does", false)],
            "1 of 2 tests failed: the report ends before its suite does",
        );
        // A test of parameters: its cases are one level further in.
        check(
            &format!(
                "{head}[    1.000000]         ok 1 case\n[    1.000000]     ok 1 a\n[    1.000000] ok 1 s\n"
            ),
            &[("s.a", true)],
            "1 tests passed",
        );
    }
}
