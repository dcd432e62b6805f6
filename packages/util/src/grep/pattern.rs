// SPDX-License-Identifier: MIT OR Apache-2.0
//! POSIX's regular expressions (XBD, chapter 9) in the syntax of the `regex` crate.

use std::fmt::Write as _;

/// Which syntax a pattern has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Basic: `\(`, `\{`; and GNU's `\+`, `\?`, `\|`.
    Basic,
    /// Extended.
    Extended,
    /// No syntax: text.
    Fixed,
}

/// One expression that matches what any of `patterns` matches; as a whole `word`, or a whole `line`.
pub fn to_regex(patterns: &[String], syntax: Syntax, word: bool, line: bool) -> String {
    let alternatives: Vec<String> = patterns
        .iter()
        .map(|pattern| match syntax {
            Syntax::Fixed => regex::escape(pattern),
            _ => translate(pattern, syntax),
        })
        .collect();
    let any = format!("(?:{})", alternatives.join("|"));
    match (word, line) {
        (_, true) => format!("^{any}$"),
        (true, false) => format!(r"(?:^|\b){any}(?:\b|$)"),
        (false, false) => any,
    }
}

fn translate(pattern: &str, syntax: Syntax) -> String {
    let basic = syntax == Syntax::Basic;
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    // Whether an expression begins here: after `(`, `|` or at the start, where `*` is text and `^` an anchor.
    let mut start = true;
    while let Some(c) = chars.next() {
        let was_start = std::mem::replace(&mut start, false);
        match c {
            '\\' => match chars.next() {
                Some(c @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) if basic => {
                    out.push(c);
                    start = matches!(c, '(' | '|');
                }
                Some('<') => out.push_str(r"\b{start}"),
                Some('>') => out.push_str(r"\b{end}"),
                Some(c @ ('w' | 'W' | 's' | 'S' | 'b' | 'B')) => {
                    out.push('\\');
                    out.push(c);
                }
                Some(c) => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                None => out.push_str(r"\\"),
            },
            '[' => bracket(&mut chars, &mut out),
            '*' if was_start => out.push_str(r"\*"),
            '^' if basic && !was_start => out.push_str(r"\^"),
            '^' => {
                out.push('^');
                // In `^*` the star is text.
                start = true;
            }
            '$' if basic && !ends_here(&mut chars.clone()) => out.push_str(r"\$"),
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => {
                out.push('\\');
                out.push(c);
            }
            '(' | '|' => {
                out.push(c);
                start = true;
            }
            // A brace that begins no repetition is text.
            '{' if !chars.peek().is_some_and(|c| c.is_ascii_digit() || *c == ',') => out.push_str(r"\{"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a basic expression ends where the rest of the pattern is `rest`.
fn ends_here(rest: &mut impl Iterator<Item = char>) -> bool {
    match rest.next() {
        None => true,
        Some('\\') => matches!(rest.next(), Some(')' | '|')),
        Some(_) => false,
    }
}

/// A bracket expression, whose `[` has been read. In it a backslash is text, and so is a `]` at its start.
fn bracket(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if chars.next_if_eq(&']').is_some() {
        out.push_str(r"\]");
    }
    while let Some(c) = chars.next() {
        match c {
            ']' => {
                out.push(']');
                return;
            }
            '[' => match chars.peek() {
                Some(':') => {
                    let name: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    // Writing to a string does not fail.
                    let _ = write!(out, "[{name}]");
                }
                _ => out.push_str(r"\["),
            },
            '-' => out.push('-'),
            '\\' | '&' | '~' | '^' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(syntax: Syntax, pattern: &str, matches: &[&str], others: &[&str]) {
        let text = to_regex(&[pattern.to_owned()], syntax, false, false);
        let regex = regex::Regex::new(&text).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for line in matches {
            assert!(regex.is_match(line), "{pattern} ({text}) is to match {line}");
        }
        for line in others {
            assert!(!regex.is_match(line), "{pattern} ({text}) is not to match {line}");
        }
    }

    #[test]
    fn basic() {
        check(Syntax::Basic, "a+b", &["a+b"], &["aab"]);
        check(Syntax::Basic, r"\(ab\)\{2\}", &["abab"], &["ab"]);
        check(Syntax::Basic, r"a\+\|x", &["aa", "x"], &["b"]);
        check(Syntax::Basic, "*a", &["*a"], &["b"]);
        check(Syntax::Basic, "a^b$c", &["a^b$c"], &["abc"]);
        check(Syntax::Basic, "^a$", &["a"], &["ab", "ba"]);
        check(Syntax::Basic, "(a|b)", &["(a|b)"], &["a"]);
        check(Syntax::Basic, r"a\.b", &["a.b"], &["axb"]);
    }

    #[test]
    fn extended() {
        check(Syntax::Extended, "(a|b)+c", &["abc"], &["c"]);
        check(Syntax::Extended, "a{2,3}", &["aa"], &["a"]);
        check(Syntax::Extended, "a{", &["a{"], &["a"]);
        check(Syntax::Extended, r"\<x\>", &["a x b"], &["ax"]);
        check(Syntax::Extended, r"\$", &["$"], &[""]);
    }

    #[test]
    fn brackets() {
        check(Syntax::Basic, "[]a]", &["]", "a"], &["b"]);
        check(Syntax::Basic, "[^]a]", &["b"], &["]", "a"]);
        check(Syntax::Basic, r"[\.]", &["\\", "."], &["a"]);
        check(Syntax::Basic, "[[:digit:]x-z]", &["3", "y"], &["a"]);
        check(Syntax::Basic, "[a&&b]", &["&"], &["c"]);
        check(Syntax::Basic, "[[]", &["["], &["a"]);
    }

    #[test]
    fn fixed_words_and_lines() {
        check(Syntax::Fixed, "a.b", &["a.b"], &["axb"]);
        let regex =
            |word, line| regex::Regex::new(&to_regex(&["ab".into(), "c".into()], Syntax::Basic, word, line));
        assert!(regex(true, false).unwrap().is_match("x ab y"));
        assert!(!regex(true, false).unwrap().is_match("xab"));
        assert!(regex(false, true).unwrap().is_match("c"));
        assert!(!regex(false, true).unwrap().is_match("c c"));
    }
}
