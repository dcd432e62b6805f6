// SPDX-License-Identifier: MIT OR Apache-2.0
//! Documents whose commands are run: each block of the language `console` holds commands and their output.
//!
//! A line that starts with `$ ` is a command; the lines up to the next command are its output. In an output, `…` stands for any
//! text within a line, and a line that is `…` alone stands for any number of lines.

use std::fmt::Write as _;
use std::ops::Range;

/// Stands for what an output has in this place.
const ANY: &str = "…";

/// A command of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its line in the document, from 1.
    pub line: usize,
    /// The command.
    pub command: String,
    /// The lines of its output.
    pub expected: Vec<String>,
    /// The lines of the document that hold the output, from 0.
    at: Range<usize>,
}

/// The commands of a document, in their order.
///
/// # Errors
///
/// A block has output before its first command, or does not end.
pub fn steps(document: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    // The steps that come before the current block.
    let mut block: Option<usize> = None;
    for (index, line) in document.lines().enumerate() {
        match block {
            None if line == "```console" => block = Some(steps.len()),
            None => {}
            Some(_) if line == "```" => block = None,
            Some(before) => {
                if let Some(command) = line.strip_prefix("$ ") {
                    let at = index + 1..index + 1;
                    steps.push(Step { line: index + 1, command: command.into(), expected: Vec::new(), at });
                } else if steps.len() > before {
                    let step = steps.last_mut().expect("the block has a step");
                    step.expected.push(line.into());
                    step.at.end = index + 1;
                } else {
                    return Err(format!("line {}: output before the first command of its block", index + 1));
                }
            }
        }
    }
    if block.is_some() { Err("the last block has no end".into()) } else { Ok(steps) }
}

impl Step {
    /// Whether `output` equals the output in the document.
    #[must_use]
    pub fn matches(&self, output: &str) -> bool {
        let expected: Vec<&str> = self.expected.iter().map(String::as_str).collect();
        let output: Vec<&str> = output.lines().map(str::trim_end).collect();
        lines_match(&expected, &output)
    }
}

/// The document with another output of each step that has one in `outputs`.
#[must_use]
pub fn rewritten(document: &str, steps: &[Step], outputs: &[Option<String>]) -> String {
    let lines: Vec<&str> = document.lines().collect();
    let mut result = String::new();
    let mut next = 0;
    for (step, output) in steps.iter().zip(outputs) {
        let Some(output) = output else { continue };
        for line in &lines[next..step.at.start] {
            let _ = writeln!(result, "{line}");
        }
        for line in output.lines() {
            let _ = writeln!(result, "{}", line.trim_end());
        }
        next = step.at.end;
    }
    for line in &lines[next..] {
        let _ = writeln!(result, "{line}");
    }
    result
}

fn lines_match(expected: &[&str], output: &[&str]) -> bool {
    match expected.split_first() {
        None => output.is_empty(),
        Some((&ANY, rest)) => (0..=output.len()).any(|skipped| lines_match(rest, &output[skipped..])),
        Some((line, rest)) => match output.split_first() {
            Some((first, others)) => line_matches(line, first) && lines_match(rest, others),
            None => false,
        },
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once(ANY) {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
            ends.into_iter().any(|at| line_matches(rest, &line[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Title\n\n```console\n$ one\na\nb\n$ two\n```\n\n```sh\n$ not this\n```\n\n```console\n$ three\nx\n```\n";

    fn summary(document: &str) -> Result<Vec<(usize, String, usize)>, String> {
        Ok(steps(document)?.into_iter().map(|step| (step.line, step.command, step.expected.len())).collect())
    }

    #[test]
    fn commands_of_a_document() {
        let found = [(4, "one", 2), (7, "two", 0), (15, "three", 1)];
        let found = found.map(|(line, command, count)| (line, command.to_owned(), count));
        assert_eq!(summary(DOCUMENT), Ok(found.to_vec()));
        assert_eq!(summary("no block\n"), Ok(vec![]));
        assert!(summary("```console\n$ a\n").is_err());
        assert!(summary("```console\noutput\n```\n").is_err());
        // Output that starts a second block belongs to no command, though there was one before.
        assert!(summary("```console\n$ a\n```\n```console\noutput\n```\n").is_err());
    }

    #[test]
    fn outputs() {
        let check = |expected: &str, output: &str, is: bool| {
            let step = Step {
                line: 1,
                command: String::new(),
                expected: expected.lines().map(Into::into).collect(),
                at: 0..0,
            };
            assert_eq!(step.matches(output), is, "{expected:?} and {output:?}");
        };
        check("", "", true);
        check("a", "a\n", true);
        check("a", "a  \n", true);
        check("a", "b\n", false);
        check("a", "", false);
        check("a", "a\nb\n", false);
        check("…", "", true);
        check("…", "a\nb\n", true);
        check("a\n…\nz", "a\nb\nc\nz\n", true);
        check("a\n…\nz", "a\nz\n", true);
        check("a\n…\nz", "a\nb\n", false);
        check("size … bytes", "size 12 bytes\n", true);
        check("size … bytes", "size 12 byte\n", false);
        check("… and …!", "é and ü!\n", true);
        check("x…", "x\n", true);
        check("x…", "y\n", false);
    }

    #[test]
    fn a_document_with_new_outputs() {
        let found = steps(DOCUMENT).unwrap();
        assert_eq!(rewritten(DOCUMENT, &found, &[None, None, None]), DOCUMENT);
        let outputs = [Some("c\n".into()), Some("new\n".into()), None];
        let new = rewritten(DOCUMENT, &found, &outputs);
        assert!(new.contains("$ one\nc\n$ two\nnew\n```\n"), "{new}");
        assert!(new.ends_with("$ three\nx\n```\n"));
    }
}
