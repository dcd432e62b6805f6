// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the place of each hunk in a file, as GNU patch does: where its first line says, or as near as possible, and
//! with as much of its context as possible.

use crate::hunk::{Hunk, Kind, Line};

/// The outcome of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its first line in the new file, how far from the expected one it was found, and with how many lines of context
    /// less.
    Applied { line: usize, offset: isize, fuzz: usize },
    /// Where it was expected.
    Failed { line: usize },
}

/// How to search.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// How many lines of context at either end may differ.
    pub fuzz: usize,
    /// Whether blanks may differ in number.
    pub loose: bool,
}

/// A file, and how far hunks have been applied to it.
struct File<'a> {
    lines: &'a [Line],
    /// Lines that are in `output` already, changed or not: no hunk reaches there any more.
    done: usize,
    output: Vec<Line>,
    loose: bool,
}

/// Applies `hunks` in their order to the lines of a file: the lines of the new file, and the outcome of each hunk.
pub fn apply(lines: &[Line], hunks: &[Hunk], search: Search) -> (Vec<Line>, Vec<Outcome>) {
    let mut file = File { lines, done: 0, output: Vec::new(), loose: search.loose };
    let mut outcomes = Vec::new();
    let mut offset = 0;
    for hunk in hunks {
        let context = hunk.context();
        let most = search.fuzz.min(context.0.max(context.1));
        let expected = expected(hunk, offset);
        let found = (0..=most).find_map(|fuzz| Some((file.find(hunk, expected, fuzz)?, fuzz)));
        outcomes.push(match found {
            Some((at, fuzz)) => {
                let moved = at as isize - first_line(hunk) as isize;
                let line = file.replace(hunk, at);
                offset = moved;
                Outcome::Applied { line, offset: moved, fuzz }
            }
            None => Outcome::Failed { line: expected },
        });
    }
    file.output.extend_from_slice(&file.lines[file.done..]);
    (file.output, outcomes)
}

/// Line of the old file, from 1, that the hunk begins with. One without old lines names the line before.
fn first_line(hunk: &Hunk) -> usize {
    let first = if hunk.old().is_empty() { hunk.old_start.saturating_add(1) } else { hunk.old_start.max(1) };
    // No file is that long; a patch can name any number.
    first.min(isize::MAX as usize)
}

fn expected(hunk: &Hunk, offset: isize) -> usize {
    first_line(hunk).saturating_add_signed(offset).max(1)
}

impl File<'_> {
    /// The line, from 1, at which the old lines of `hunk` are, less `fuzz` lines of context.
    fn find(&self, hunk: &Hunk, expected: usize, fuzz: usize) -> Option<usize> {
        let old = hunk.old();
        let total = self.lines.len();
        if old.is_empty() {
            return (expected > self.done && expected <= total + 1).then_some(expected);
        }
        let (before, after) = hunk.context();
        let context = before.max(after);
        // Less context at one end than at the other means that the file begins or ends there.
        let prefix = fuzz as isize + before as isize - context as isize;
        let suffix = fuzz as isize + after as isize - context as isize;
        let matches = |at: usize, prefix: isize, suffix: isize| {
            self.matches(&old, at, prefix.max(0) as usize, suffix.max(0) as usize)
        };
        if prefix < 0 && hunk.old_start <= 1 {
            let whole = suffix >= 0 || old.len() == total;
            return (whole && matches(1, 0, suffix)).then_some(1);
        }
        if suffix < 0 {
            let at = (total + 1).checked_sub(old.len())?;
            return matches(at, prefix, 0).then_some(at);
        }
        // The last line at which it fits: a number beyond it, which may be any, is searched for from there on.
        let last = (total + 1 + suffix as usize).checked_sub(old.len())?;
        (expected.saturating_sub(last)..=last.max(expected)).find_map(|distance| {
            let later = expected.saturating_add(distance);
            if later <= last && matches(later, prefix, suffix) {
                return Some(later);
            }
            let earlier = expected.checked_sub(distance).filter(|earlier| *earlier >= 1)?;
            matches(earlier, prefix, suffix).then_some(earlier)
        })
    }

    fn matches(&self, old: &[&Line], at: usize, prefix: usize, suffix: usize) -> bool {
        // With fuzz at both ends nothing may be left to compare: it has to fit all the same.
        let fits = prefix + suffix <= old.len() && at + old.len() - suffix <= self.lines.len() + 1;
        if at == 0 || at <= self.done || !fits {
            return false;
        }
        old.iter().enumerate().take(old.len() - suffix).skip(prefix).all(|(n, line)| {
            self.lines
                .get(at - 1 + n)
                .is_some_and(|found| found == *line || (self.loose && same(found, line)))
        })
    }

    /// Applies `hunk` at line `at`; its first line in the new file. Context stays as the file has it.
    fn replace(&mut self, hunk: &Hunk, at: usize) -> usize {
        self.output.extend_from_slice(&self.lines[self.done..at - 1]);
        let line = self.output.len() + 1;
        let mut next = at - 1;
        for (kind, text) in &hunk.lines {
            match kind {
                Kind::Context => {
                    // With fuzz, context may lie beyond the end.
                    self.output.extend(self.lines.get(next).cloned());
                    next += 1;
                }
                Kind::Remove => next += 1,
                Kind::Add => self.output.push(text.clone()),
            }
        }
        // What follows a line without a newline needs one.
        self.done = next.min(self.lines.len());
        line
    }
}

/// Whether two lines are the same but for the number of blanks.
fn same(one: &[u8], other: &[u8]) -> bool {
    let words = |line: &[u8]| -> Vec<Vec<u8>> {
        let line: &[u8] = line.trim_ascii_end();
        let mut words: Vec<Vec<u8>> = vec![Vec::new()];
        for byte in line {
            match byte {
                b' ' | b'\t' => {
                    if !words.last().is_some_and(Vec::is_empty) || words.len() == 1 {
                        words.push(Vec::new());
                    }
                }
                byte => {
                    if let Some(word) = words.last_mut() {
                        word.push(*byte);
                    }
                }
            }
        }
        words
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        text.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect()
    }

    #[test]
    fn blanks() {
        for (one, other, expect) in [
            ("a  b\n", "a b\n", true),
            (" a\n", "\ta \n", true),
            ("ab\n", "a b\n", false),
            ("a\n", " a\n", false),
        ] {
            assert_eq!(same(one.as_bytes(), other.as_bytes()), expect, "{one:?} {other:?}");
        }
    }

    #[test]
    fn places() {
        let hunk = Hunk {
            old_start: 2,
            new_start: 2,
            lines: vec![
                (Kind::Context, b"b\n".to_vec()),
                (Kind::Remove, b"c\n".to_vec()),
                (Kind::Add, b"C\n".to_vec()),
                (Kind::Context, b"d\n".to_vec()),
            ],
        };
        let check = |text: &str, expect: &str, outcome: Outcome| {
            let (new, outcomes) =
                apply(&lines(text), std::slice::from_ref(&hunk), Search { fuzz: 2, loose: false });
            assert_eq!(
                (String::from_utf8(new.concat()).unwrap().as_str(), outcomes[0]),
                (expect, outcome),
                "{text}"
            );
        };
        let applied = |line, offset, fuzz| Outcome::Applied { line, offset, fuzz };
        check("a\nb\nc\nd\n", "a\nb\nC\nd\n", applied(2, 0, 0));
        check("x\ny\na\nb\nc\nd\n", "x\ny\na\nb\nC\nd\n", applied(4, 2, 0));
        check("b\nc\nd\n", "b\nC\nd\n", applied(1, -1, 0));
        check("a\nB\nc\nd\n", "a\nB\nC\nd\n", applied(2, 0, 1));
        check("a\nb\nx\nd\n", "a\nb\nx\nd\n", Outcome::Failed { line: 2 });
    }

    #[test]
    fn line_numbers_beyond_the_end() {
        let context = |text: &str| (Kind::Context, text.as_bytes().to_vec());
        let far = isize::MAX as usize;
        for old_start in [9, usize::MAX / 4, far, far + 1, usize::MAX] {
            let apply = |text: &str, hunk_lines: Vec<(Kind, Line)>| {
                let hunk = Hunk { old_start, new_start: 1, lines: hunk_lines };
                let (new, outcomes) = apply(&lines(text), &[hunk], Search { fuzz: 2, loose: false });
                (String::from_utf8(new.concat()).unwrap(), outcomes[0])
            };
            let removed = vec![(Kind::Remove, b"b\n".to_vec())];
            let (new, outcome) = apply("a\nb\n", removed);
            assert!(new == "a\n" && matches!(outcome, Outcome::Applied { line: 2, .. }), "{outcome:?}");
            // With all of its context left out it fits anywhere, but not beyond the end.
            let (new, outcome) = apply("a\nb\n", vec![context("x\n"), context("y\n")]);
            assert!(new == "a\nb\n" && matches!(outcome, Outcome::Applied { line: 2, .. }), "{outcome:?}");
            let (_, outcome) = apply("a\n", vec![(Kind::Add, b"b\n".to_vec())]);
            assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
        }
    }
}
