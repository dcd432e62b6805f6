// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parses the lines of a report to tests, with a stack of levels; the tests of the innermost level run.

use super::line::{Item, TestResult, indent, item};
use super::{Outcome, Report, Test};
use crate::line::Line;

/// A group of tests that is being read.
#[derive(Default)]
struct Level {
    indent: usize,
    name: Option<String>,
    plan: Option<usize>,
    tests: Vec<Test>,
    /// Lines of the test that runs: what it is made of, if that has ended.
    log: Vec<String>,
    inner: Option<Group>,
    problems: Vec<String>,
    /// Time stamp of its first line.
    began: Option<u64>,
    /// Time stamp of its last line of structure.
    since: Option<u64>,
}

/// A group whose own result is the next one of the level around it.
struct Group {
    name: Option<String>,
    tests: Vec<Test>,
    problems: Vec<String>,
    log: Vec<String>,
    began: Option<u64>,
}

impl Level {
    fn new(indent: usize, since: Option<u64>) -> Self {
        Self { indent, began: since, since, ..Self::default() }
    }

    /// Nothing but its beginning has been seen.
    fn is_fresh(&self) -> bool {
        self.name.is_none() && self.plan.is_none() && self.tests.is_empty() && self.inner.is_none()
    }

    /// All tests that the plan announces have given their results.
    fn is_complete(&self) -> bool {
        self.plan.is_some_and(|plan| self.tests.len() >= plan)
    }

    /// Adds the test whose result line this is.
    fn result(&mut self, result: TestResult, time: Option<u64>) {
        let mut problems = Vec::new();
        let expected = self.tests.len() + 1;
        if result.number != Some(expected) {
            problems.push(match result.number {
                Some(number) => format!("its number is {number} where {expected} was due"),
                None => format!("its number is none that a report can have; {expected} was due"),
            });
        }
        let group = self.inner.take();
        let began = group.as_ref().map_or(self.since, |group| group.began);
        let mut test = Test {
            name: result.name.to_owned(),
            outcome: result.outcome,
            tests: Vec::new(),
            problems,
            log: std::mem::take(&mut self.log),
            duration_ns: began.zip(time).map(|(began, time)| time.saturating_sub(began)),
        };
        if let Some(group) = group {
            if test.name.is_empty() {
                test.name = group.name.unwrap_or_default();
            } else if group.name.as_ref().is_some_and(|name| *name != test.name) {
                let name = group.name.unwrap_or_default();
                test.problems.push(format!("the tests before its result are those of {name}"));
            }
            test.tests = group.tests;
            test.problems.extend(group.problems);
            test.log.splice(0..0, group.log);
        }
        if test.outcome == Outcome::Passed && test.tests.iter().any(Test::failed) {
            test.problems.push("it says ok although a test in it failed".into());
        }
        self.tests.push(test);
        self.since = time.or(self.since);
    }

    /// A group that gave no result, because another began or the log ended.
    fn crash(&mut self) {
        if let Some(group) = self.inner.take() {
            self.tests.push(Test {
                name: group.name.unwrap_or_default(),
                outcome: Outcome::Crashed,
                tests: group.tests,
                problems: group.problems,
                log: [group.log, std::mem::take(&mut self.log)].concat(),
                duration_ns: None,
            });
        }
    }

    /// What the plan announces and the tests do not keep. The cases of a test with parameters may have none.
    fn check_plan(&mut self) {
        let came = self.tests.len();
        match self.plan {
            Some(plan) if came != plan => {
                self.problems.push(format!("its plan has {plan} tests, and {came} came"));
            }
            None if self.indent == 0 => {
                self.problems.push("it has no plan, so that a test may be missing".into());
            }
            _ => {}
        }
    }

    fn end(mut self) -> Group {
        self.crash();
        self.check_plan();
        Group {
            name: self.name,
            tests: self.tests,
            problems: self.problems,
            log: self.log,
            began: self.began,
        }
    }
}

/// Reads one report.
pub(super) struct Reader {
    outermost: Level,
    inner: Vec<Level>,
    began: bool,
}

impl Reader {
    fn new() -> Self {
        Self { outermost: Level::default(), inner: Vec::new(), began: false }
    }

    /// The report that `lines` are.
    pub(super) fn read(lines: &[Line]) -> Report {
        let mut reader = Self::new();
        for line in lines {
            reader.line(line);
        }
        reader.end()
    }

    /// How many of `lines` are of the report that begins at the first: up to the last result that its plan announces. A
    /// report without that is what there is.
    pub(super) fn length(lines: &[Line]) -> usize {
        let mut reader = Self::new();
        for (at, line) in lines.iter().enumerate() {
            reader.line(line);
            if reader.inner.is_empty() && reader.outermost.is_complete() {
                return at + 1;
            }
        }
        lines.len()
    }

    fn line(&mut self, line: &Line) {
        let message = line.message();
        let (indent, time) = (indent(message), line.time_ns);
        match item(message) {
            Item::Version if !self.began => {
                self.began = true;
                self.outermost.since = time;
            }
            Item::Version => self.open(indent, time),
            Item::Subtest(name) => {
                if !(self.innermost().indent == indent && self.innermost().is_fresh()) {
                    self.open(indent, time);
                }
                let level = self.innermost();
                level.name = Some(name.to_owned());
                level.since = time.or(level.since);
            }
            Item::Plan(plan) if indent == self.innermost().indent && self.innermost().plan.is_none() => {
                let level = self.innermost();
                level.plan = Some(plan);
                level.since = time.or(level.since);
            }
            Item::Result(result) if self.has_level(indent) => {
                self.close_to(indent);
                self.innermost().result(result, time);
            }
            Item::Diagnostic => self.at(indent).log.push(message.to_owned()),
            Item::Plan(_) | Item::Result(_) | Item::Other => self.innermost().log.push(message.to_owned()),
        }
    }

    fn innermost(&mut self) -> &mut Level {
        self.inner.last_mut().unwrap_or(&mut self.outermost)
    }

    fn has_level(&self, indent: usize) -> bool {
        indent == 0 || self.inner.iter().any(|level| level.indent == indent)
    }

    /// The level of this indentation, or the innermost if there is none: a diagnostic of a group comes when its tests have
    /// ended, before its result.
    fn at(&mut self, indent: usize) -> &mut Level {
        match self.inner.iter().position(|level| level.indent == indent) {
            Some(position) => &mut self.inner[position],
            None if indent == 0 => &mut self.outermost,
            None => self.innermost(),
        }
    }

    /// Begins a level. Those as far in, or further, have not got their results.
    fn open(&mut self, indent: usize, time: Option<u64>) {
        // A version line that is not indented begins another report, which the caller has cut off.
        let indent = indent.max(1);
        while self.inner.last().is_some_and(|level| level.indent >= indent) {
            self.close();
        }
        self.innermost().crash();
        self.inner.push(Level::new(indent, time));
    }

    /// Ends the levels that are further in than this.
    fn close_to(&mut self, indent: usize) {
        while self.inner.last().is_some_and(|level| level.indent > indent) {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(level) = self.inner.pop() {
            let group = level.end();
            self.innermost().inner = Some(group);
        }
    }

    fn end(mut self) -> Report {
        self.close_to(0);
        self.outermost.crash();
        self.outermost.check_plan();
        let Level { tests, problems, log, .. } = self.outermost;
        Report { tests, problems, log }
    }
}
