// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `s` command: what it replaces, and by what.

use qos_regex::{Regex, TooHard};
use std::ops::Range;
use std::rc::Rc;

/// A regular expression; none means the one that was used last.
pub(crate) type Pattern = Option<Rc<Regex>>;

/// A part of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    /// What a group matched; 0 is the whole match.
    Group(usize),
    /// `\U`, `\L`, `\E`: the case of what follows.
    Case(Case),
    /// `\u`, `\l`: the case of the next character.
    NextCase(Case),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Upper,
    Lower,
    Same,
}

#[derive(Debug)]
pub(crate) struct Substitution {
    pub pattern: Pattern,
    pub parts: Vec<Part>,
    /// Which match is the first to be replaced, counted from 1.
    pub first: u64,
    /// `g`: whether those after it are, too.
    pub all: bool,
    /// `p`
    pub print: bool,
    /// `w`, by index of the output.
    pub write: Option<usize>,
}

impl Substitution {
    /// `text` with the matches of `regex` replaced; none if there is nothing to replace.
    pub fn apply(&self, regex: &Regex, text: &[u8]) -> Result<Option<Vec<u8>>, TooHard> {
        let (mut out, mut done) = (Vec::new(), None);
        // From where on to look; up to where the text is written; and where the last match ended.
        let (mut start, mut written, mut last_end) = (0, 0, None);
        let mut count = 0;
        while start <= text.len() {
            let Some(groups) = regex.groups(text, start)? else { break };
            let Some(Some(whole)) = groups.first().cloned() else { break };
            start = if whole.is_empty() { whole.end + character(&text[whole.end..]) } else { whole.end };
            // An empty match right after another does not count.
            if whole.is_empty() && last_end == Some(whole.start) {
                continue;
            }
            last_end = Some(whole.end);
            count += 1;
            if count < self.first {
                continue;
            }
            out.extend_from_slice(&text[written..whole.start]);
            self.write_parts(text, &groups, &mut out);
            written = whole.end;
            done = Some(());
            if !self.all {
                break;
            }
        }
        Ok(done.map(|()| {
            out.extend_from_slice(&text[written..]);
            out
        }))
    }

    fn write_parts(&self, text: &[u8], groups: &[Option<Range<usize>>], out: &mut Vec<u8>) {
        let (mut case, mut next) = (Case::Same, None);
        for part in &self.parts {
            match part {
                Part::Case(new) => case = *new,
                Part::NextCase(new) => next = Some(*new),
                Part::Text(text) => write(text, case, &mut next, out),
                Part::Group(number) => {
                    if let Some(Some(range)) = groups.get(*number) {
                        write(&text[range.clone()], case, &mut next, out);
                    }
                }
            }
        }
    }
}

/// The length of the character that `text` begins with, at least 1.
fn character(text: &[u8]) -> usize {
    let first = text.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.map_or(1, char::len_utf8)
}

fn write(text: &[u8], case: Case, next: &mut Option<Case>, out: &mut Vec<u8>) {
    if case == Case::Same && next.is_none() {
        out.extend_from_slice(text);
        return;
    }
    let mut buffer = [0; 4];
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match next.take().unwrap_or(case) {
                Case::Same => out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()),
                Case::Upper => c
                    .to_uppercase()
                    .for_each(|c| out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes())),
                Case::Lower => c
                    .to_lowercase()
                    .for_each(|c| out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes())),
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_regex::Matching;

    fn check(pattern: &str, parts: &[Part], first: u64, all: bool, text: &str, expect: Option<&str>) {
        let regex = Regex::new(pattern, Matching::default()).unwrap();
        let parts = parts.to_vec();
        let substitution = Substitution { pattern: None, parts, first, all, print: false, write: None };
        let found = substitution.apply(&regex, text.as_bytes()).unwrap();
        assert_eq!(found.as_deref(), expect.map(str::as_bytes), "{pattern} {text}");
    }

    #[test]
    fn replaces() {
        let x = [Part::Text(b"x".to_vec())];
        check("b", &x, 1, false, "abab", Some("axab"));
        check("b", &x, 1, true, "abab", Some("axax"));
        check("b", &x, 2, false, "abab", Some("abax"));
        check("b", &x, 3, false, "abab", None);
        check("a*", &x, 1, true, "baaac", Some("xbxcx"));
        check("x*", &x, 2, true, "abc", Some("axbxcx"));
        check("", &x, 1, true, "\u{e9}", Some("x\u{e9}x"));
    }

    #[test]
    fn parts() {
        let swapped = [Part::Group(2), Part::Text(b"-".to_vec()), Part::Group(1)];
        check("(a)(b)", &swapped, 1, false, "ab", Some("b-a"));
        let cased =
            [Part::Case(Case::Upper), Part::Group(0), Part::Case(Case::Same), Part::Text(b"!".to_vec())];
        check("b+", &cased, 1, false, "abbc", Some("aBB!c"));
        check("b+", &[Part::NextCase(Case::Upper), Part::Group(0)], 1, false, "abb", Some("aBb"));
    }
}
