// SPDX-License-Identifier: MIT OR Apache-2.0
//! The output of one test program: `running N tests`, the tests, the output of failed tests, the totals. A program of doc
//! tests may have several such blocks.

use crate::verdict::INFRASTRUCTURE;
use crate::{Case, Outcome, Suite};
use std::time::Duration;

/// The suite, still without a name, that these lines are.
pub(super) fn suite(lines: &[&str]) -> Suite {
    let mut suite = Suite::default();
    let mut rest = lines;
    while let Some(at) = rest.iter().position(|line| planned(line).is_some()) {
        push(&mut suite.output, &rest[..at]);
        let block = Block::read(&rest[at..]);
        rest = &rest[at + block.length..];
        block.into_suite(&mut suite);
    }
    push(&mut suite.output, rest);
    suite.output.truncate(suite.output.trim_end().len());
    if suite.cases.is_empty() && suite.time.is_none() {
        let message = "the program ended before it said which tests it has".to_owned();
        suite.cases.push(Case {
            output: std::mem::take(&mut suite.output),
            ..Case::new("(all tests)", Outcome::Error(message))
        });
    }
    suite
}

/// `running 3 tests`.
fn planned(line: &str) -> Option<usize> {
    let (number, noun) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(noun, "test" | "tests").then(|| number.parse().ok())?
}

/// From `running` to the totals.
struct Block<'a> {
    planned: usize,
    cases: Vec<Case>,
    /// Lines that are no test's.
    other: Vec<&'a str>,
    totals: Option<Totals>,
    /// How many lines it has.
    length: usize,
}

/// `test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Totals {
    passed: usize,
    failed: usize,
    ignored: usize,
    time: Option<Duration>,
}

impl Totals {
    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("test result: ")?;
        let counts = rest.strip_prefix("ok. ").or(rest.strip_prefix("FAILED. "))?;
        let count = |noun: &str| {
            let mut parts = counts.split("; ");
            parts.find_map(|part| part.strip_suffix(noun)?.trim_end().parse().ok())
        };
        let time = counts.rsplit_once("finished in ").and_then(|(_, time)| seconds(time));
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")?, time })
    }

    fn agree(&self, cases: &[Case]) -> bool {
        let count = |wanted: fn(&Outcome) -> bool| cases.iter().filter(|case| wanted(&case.outcome)).count();
        self.passed == count(|outcome| *outcome == Outcome::Passed)
            && self.failed == count(|outcome| matches!(outcome, Outcome::Failed(_)))
            && self.ignored == count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }
}

impl<'a> Block<'a> {
    /// Reads the block that begins at the first line.
    fn read(lines: &[&'a str]) -> Self {
        let planned = lines.first().and_then(|line| planned(line)).unwrap_or(0);
        let mut block =
            Block { planned, cases: Vec::new(), other: Vec::new(), totals: None, length: lines.len() };
        let results =
            lines[1..].iter().position(|line| *line == "failures:" || Totals::parse(line).is_some());
        let results = results.map_or(lines.len(), |at| at + 1);
        for line in &lines[1..results] {
            match case(line) {
                Some(case) => block.cases.push(case),
                None if is_notice(line) => {}
                None => block.other.push(line),
            }
        }
        // A failed test may have printed totals of its own: the block's are those that agree with its tests.
        let totals = |at: &usize| Totals::parse(lines[*at]).is_some_and(|totals| totals.agree(&block.cases));
        let last = || (results..lines.len()).rev().find(|&at| Totals::parse(lines[at]).is_some());
        let end = (results..lines.len()).find(totals).or_else(last);
        if let Some(end) = end {
            block.totals = Totals::parse(lines[end]);
            block.length = end + 1;
        }
        block.failures(&lines[results..end.unwrap_or(lines.len())]);
        block
    }

    /// What failed tests printed: sections that begin with `---- NAME stdout ----`, then the list of names.
    fn failures(&mut self, lines: &[&'a str]) {
        let list = lines.iter().rposition(|line| *line == "failures:").unwrap_or(lines.len());
        // Without sections there is only the list.
        let (sections, list) = if list == 0 { (&lines[..0], lines) } else { lines.split_at(list) };
        for name in list.iter().filter_map(|line| line.strip_prefix("    ")) {
            if !self.cases.iter().any(|case| case.name == name) {
                // Its own line was torn by something that wrote between.
                self.cases.push(Case::new(name, Outcome::Failed(String::new())));
            }
        }
        let mut current: Option<usize> = None;
        let mut seen = Vec::new();
        for line in sections.iter().skip(1) {
            let begun = header(line).and_then(|name| self.failed(name));
            match begun.filter(|at| !seen.contains(at)) {
                Some(at) => {
                    seen.push(at);
                    current = Some(at);
                }
                None => match current {
                    Some(at) => push(&mut self.cases[at].output, &[line]),
                    None => self.other.push(line),
                },
            }
        }
        for case in &mut self.cases {
            case.output.truncate(case.output.trim_end().len());
            if let Outcome::Failed(message) = &mut case.outcome {
                if message.is_empty() {
                    *message = self::message(&case.output);
                }
            }
        }
    }

    /// The failed case of this name; a test that passed has no section, whatever another one prints.
    fn failed(&self, name: &str) -> Option<usize> {
        self.cases.iter().position(|case| case.name == name && matches!(case.outcome, Outcome::Failed(_)))
    }

    fn into_suite(self, suite: &mut Suite) {
        push(&mut suite.output, &self.other);
        let read = self.cases.len();
        let trouble = match self.totals {
            None => Some(format!(
                "the program ended before its tests had: {read} of {} gave a result",
                self.planned
            )),
            Some(totals) if !totals.agree(&self.cases) => Some(format!(
                "its totals ({} passed, {} failed, {} ignored) are not those of the {read} results that could be read",
                totals.passed, totals.failed, totals.ignored
            )),
            Some(_) => None,
        };
        suite.cases.extend(self.cases.into_iter().map(judged));
        if let Some(trouble) = trouble {
            let output = suite.output.clone();
            suite.cases.push(Case { output, ..Case::new("(all tests)", Outcome::Error(trouble)) });
        }
        if let Some(time) = self.totals.and_then(|totals| totals.time) {
            suite.time = Some(suite.time.unwrap_or_default() + time);
        }
    }
}

/// insta's message for a snapshot that differs from the reviewed one (`assert_snapshot!`, insta 1).
const SNAPSHOT: &str = "snapshot assertion for '";

/// The case, with the kind of failure according to its message, if the tested code is not the cause.
fn judged(mut case: Case) -> Case {
    case.outcome = match case.outcome {
        Outcome::Failed(message) if message.starts_with(SNAPSHOT) => Outcome::Changed(message),
        Outcome::Failed(message) if message.starts_with(INFRASTRUCTURE) => Outcome::Error(message),
        other => other,
    };
    case
}

/// `test NAME ... ok`, followed by ` <0.012s>` if times were requested.
fn case(line: &str) -> Option<Case> {
    let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let (result, time) = match result.strip_suffix('>').and_then(|rest| rest.rsplit_once(" <")) {
        Some((result, time)) => (result, Some(seconds(time)?)),
        None => (result, None),
    };
    let outcome = match result.split_once(", ").unwrap_or((result, "")) {
        ("ok", "") => Outcome::Passed,
        ("FAILED", "") => Outcome::Failed(String::new()),
        // libtest puts what a should_panic test missed in its section; a test over its time is said here.
        ("FAILED (time limit exceeded)", "") => Outcome::Failed("time limit exceeded".into()),
        ("ignored", reason) => Outcome::Skipped(reason.to_owned()),
        _ => return None,
    };
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some(Case { name: name.to_owned(), time, outcome, output: String::new() })
}

/// libtest's message about slow tests while they run; and the empty line before the totals.
fn is_notice(line: &str) -> bool {
    line.is_empty() || (line.starts_with("test ") && line.ends_with(" has been running for over 60 seconds"))
}

/// `---- NAME stdout ----`.
fn header(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" stdout ----")?;
    Some(name.strip_suffix(" - should panic").unwrap_or(name))
}

/// The one line with the reason: the line after the position of a panic, or the first one.
fn message(output: &str) -> String {
    let mut lines = output.lines().filter(|line| !line.trim().is_empty());
    let first = lines.clone().next();
    let panicked = lines.any(|line| line.starts_with("thread '") && line.contains(" panicked at "));
    lines.next().filter(|_| panicked).or(first).unwrap_or("failed without a word").trim().to_owned()
}

/// `1.25s`.
fn seconds(text: &str) -> Option<Duration> {
    text.strip_suffix('s')
        .and_then(|text| text.parse().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

fn push(text: &mut String, lines: &[&str]) {
    for line in lines {
        // No empty lines before the first line with text.
        if !(text.is_empty() && line.is_empty()) {
            text.push_str(line);
            text.push('\n');
        }
    }
}
