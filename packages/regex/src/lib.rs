// SPDX-License-Identifier: MIT OR Apache-2.0
//! POSIX's regular expressions (XBD, chapter 9), with GNU's extensions, on `fancy-regex`.

mod pattern;

pub use pattern::{Syntax, any_of, is_ambiguous, refers_back, translate};

use fancy_regex::{BytesMode, RegexBuilder, RegexInput};
use std::fmt;
use std::ops::Range;

/// How a pattern is matched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Matching {
    /// Whether upper and lower case are the same.
    pub ignore_case: bool,
    /// Whether `^` and `$` match at newlines inside the text, too.
    pub multi_line: bool,
    /// Whether of the matches that begin leftmost the longest is found. This takes longer, and says nothing new to who
    /// asks only whether there is one.
    pub longest: bool,
}

/// A pattern, ready to be looked for in bytes, which are UTF-8 or not.
#[derive(Debug)]
pub struct Regex(fancy_regex::Regex);

/// Matching took too many steps.
#[derive(Debug)]
pub struct TooHard(Box<fancy_regex::Error>);

impl fmt::Display for TooHard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "regular expression: {}", self.0)
    }
}

impl From<fancy_regex::Error> for TooHard {
    fn from(error: fancy_regex::Error) -> Self {
        TooHard(Box::new(error))
    }
}

impl Regex {
    /// Compiles what [`translate`] or [`any_of`] gives.
    ///
    /// # Errors
    /// When the pattern is invalid, with the reason.
    pub fn new(text: &str, matching: Matching) -> Result<Regex, String> {
        RegexBuilder::new(text)
            .case_insensitive(matching.ignore_case)
            .multi_line(matching.multi_line)
            .dot_matches_new_line(true)
            .leftmost_longest(matching.longest)
            .bytes_mode(BytesMode::UnicodeBytes)
            .build()
            .map(Regex)
            .map_err(|error| error.to_string())
    }

    /// Whether `text` has a match.
    ///
    /// # Errors
    /// When a pattern with back-references takes too many steps on this text.
    pub fn is_match(&self, text: &[u8]) -> Result<bool, TooHard> {
        Ok(self.0.is_match(text)?)
    }

    /// The leftmost match that begins at byte `start` or later.
    ///
    /// # Errors
    /// As [`is_match`](Self::is_match).
    pub fn find(&self, text: &[u8], start: usize) -> Result<Option<Range<usize>>, TooHard> {
        let found = self.0.find_input(RegexInput::new(text).from_pos(start))?;
        Ok(found.map(|found| found.start()..found.end()))
    }

    /// The leftmost match that begins at byte `start` or later, and what its groups match, the whole first.
    ///
    /// # Errors
    /// As [`is_match`](Self::is_match).
    pub fn groups(&self, text: &[u8], start: usize) -> Result<Option<Vec<Option<Range<usize>>>>, TooHard> {
        let found = self.0.captures_input(RegexInput::new(text).from_pos(start))?;
        Ok(found
            .map(|found| found.iter().map(|group| group.map(|group| group.start()..group.end())).collect()))
    }

    /// How many groups the pattern has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.captures_len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_groups() {
        let regex = Regex::new(&translate(r"\(a\)\(x\)*b", Syntax::Basic), Matching::default()).unwrap();
        assert_eq!(regex.groups(b"\xffabab", 2).unwrap().unwrap(), [Some(3..5), Some(3..4), None]);
        assert_eq!(regex.count(), 2);
        assert!(regex.groups(b"x", 0).unwrap().is_none());
    }

    #[test]
    fn lines_in_a_text() {
        let matches = |multi_line| {
            Regex::new("^b$", Matching { multi_line, ..Matching::default() })
                .unwrap()
                .is_match(b"a\nb\nc")
                .unwrap()
        };
        assert!(matches(true) && !matches(false));
    }

    #[test]
    fn bytes_that_are_not_utf8() {
        let regex = Regex::new(".*", Matching { longest: true, ..Matching::default() }).unwrap();
        // A character that is cut off at the end of the text, and one within it.
        for text in [&b"ab\xf7"[..], b"\0\xa5\xf7\xff", b"\xe4b", b"\xf0\x9f\x98"] {
            assert_eq!(regex.find(text, 0).unwrap(), Some(0..text.len()), "{}", text.escape_ascii());
        }
        let regex = Regex::new("(?:.|xx)b", Matching { longest: true, ..Matching::default() }).unwrap();
        assert_eq!(regex.find(b"\xe4bc", 0).unwrap(), Some(0..2));
    }

    #[test]
    fn a_bad_pattern_is_an_error() {
        assert!(Regex::new("(", Matching::default()).is_err());
    }
}
