// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the lines that match, and the matching parts.

use crate::TROUBLE;
use crate::options::Options;
use qos_command::Failure;
use qos_regex::{Matching, Regex, Syntax};
use std::ops::Range;

/// Patterns, ready to be looked for.
pub(crate) struct Matcher {
    /// All patterns in one expression, but each that refers back to its own groups in one of its own.
    lines: Vec<Regex>,
    /// The same, to find the longest of the leftmost matches. This takes longer than to find out whether there is a match.
    longest: Vec<Regex>,
}

impl Matcher {
    pub fn new(patterns: &[String], options: &Options) -> Result<Matcher, Failure> {
        let (alone, together): (Vec<&String>, Vec<&String>) =
            patterns.iter().partition(|text| options.syntax != Syntax::Fixed && qos_regex::refers_back(text));
        let text =
            |patterns: &[&String]| qos_regex::any_of(patterns, options.syntax, options.word, options.line);
        let mut texts: Vec<String> = Vec::new();
        if !together.is_empty() {
            texts.push(text(&together));
        }
        texts.extend(alone.into_iter().map(|pattern| text(&[pattern])));
        let build = |longest: bool| {
            let matching = Matching { ignore_case: options.ignore_case, longest, ..Matching::default() };
            texts
                .iter()
                .map(|text| Regex::new(text, matching))
                .collect::<Result<Vec<Regex>, _>>()
                .map_err(|error| Failure::new(format!("bad pattern: {error}")).with_status(TROUBLE))
        };
        Ok(Matcher { lines: build(false)?, longest: build(true)? })
    }

    /// Whether a line matches.
    ///
    /// # Errors
    /// When a pattern with back-references takes too many steps on this line.
    pub fn is_match(&self, line: &[u8]) -> Result<bool, Failure> {
        for regex in &self.lines {
            if regex.is_match(line).map_err(too_hard)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The leftmost match from `start` on, the longest of those that begin there.
    ///
    /// # Errors
    /// As [`is_match`](Self::is_match).
    pub fn find(&self, line: &[u8], start: usize) -> Result<Option<Range<usize>>, Failure> {
        let mut best: Option<Range<usize>> = None;
        for regex in &self.longest {
            let Some(found) = regex.find(line, start).map_err(too_hard)? else { continue };
            let better = best.as_ref().is_none_or(|best| {
                found.start < best.start || (found.start == best.start && found.end > best.end)
            });
            if better {
                best = Some(found);
            }
        }
        Ok(best)
    }
}

fn too_hard(error: qos_regex::TooHard) -> Failure {
    Failure::new(error.to_string()).with_status(TROUBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(syntax: Syntax, patterns: &[&str], line: &str, expect: &[&str]) {
        let options = Options { syntax, ..Options::default() };
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let matcher = Matcher::new(&patterns, &options).unwrap();
        let (mut start, mut found) = (0, Vec::new());
        while let Some(range) = matcher.find(line.as_bytes(), start).unwrap() {
            start = range.end.max(range.start + 1);
            if !range.is_empty() {
                found.push(&line[range]);
            }
            if start > line.len() {
                break;
            }
        }
        assert_eq!(found, expect, "{patterns:?} {line}");
        assert_eq!(matcher.is_match(line.as_bytes()).unwrap(), !expect.is_empty(), "{patterns:?} {line}");
    }

    #[test]
    fn finds_the_longest() {
        check(Syntax::Extended, &["a|ab|abc"], "abcabx", &["abc", "ab"]);
        check(Syntax::Basic, &["a", "ab"], "ab", &["ab"]);
        check(Syntax::Extended, &["(a?)(ab)?"], "ab", &["ab"]);
    }

    #[test]
    fn refers_back() {
        check(Syntax::Basic, &[r"\(ab\)\1"], "xababab", &["abab"]);
        check(Syntax::Extended, &[r"(.)\1", r"(b)(c)\2"], "aabcc", &["aa", "bcc"]);
        check(Syntax::Basic, &[r"\(a\)\1", "z"], "ab", &[]);
    }

    #[test]
    fn takes_any_bytes() {
        let matcher = Matcher::new(&["b.d".to_owned()], &Options::default()).unwrap();
        assert!(matcher.is_match(b"\xff\xfebcd").unwrap());
        assert!(matcher.is_match("bäd".as_bytes()).unwrap());
    }
}
