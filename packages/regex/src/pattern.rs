// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns in the syntax of `fancy-regex`.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Which syntax a pattern has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// Basic: `\(`, `\{`; and GNU's `\+`, `\?`, `\|`.
    #[default]
    Basic,
    /// Extended.
    Extended,
    /// No syntax: text.
    Fixed,
}

/// One expression that matches what any of `patterns` matches; as a whole `word`, or a whole `line`.
#[must_use]
pub fn any_of(patterns: &[&String], syntax: Syntax, word: bool, line: bool) -> String {
    let alternatives: Vec<String> = patterns.iter().map(|pattern| translate(pattern, syntax)).collect();
    let any = format!("(?:{})", alternatives.join("|"));
    match (word, line) {
        (_, true) => format!("^{any}$"),
        // Not `\b`: the pattern may begin or end with a character that is not part of a word.
        (true, false) => format!(r"\b{{start-half}}{any}\b{{end-half}}"),
        (false, false) => any,
    }
}

/// Whether a pattern has a back-reference. A bracket expression that looks like one is taken for one, too: that costs
/// only time.
#[must_use]
pub fn refers_back(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && matches!(chars.next(), Some('1'..='9')) {
            return true;
        }
    }
    false
}

/// Whether the longest match of a pattern may be another than the first that a backtracking search finds.
#[must_use]
pub fn is_ambiguous(pattern: &str, syntax: Syntax) -> bool {
    let basic = syntax == Syntax::Basic;
    let mut chars = pattern.chars().peekable();
    let mut group_ended = false;
    while let Some(c) = chars.next() {
        let (special, c) = match c {
            '\\' => (basic, chars.next().unwrap_or(c)),
            _ => (!basic, c),
        };
        match c {
            '|' if special => return true,
            '?' | '+' | '{' if special && group_ended => return true,
            '*' if group_ended && special != basic => return true,
            _ => {}
        }
        group_ended = c == ')' && special;
    }
    false
}

/// A pattern in the syntax of `fancy-regex`.
#[must_use]
pub fn translate(pattern: &str, syntax: Syntax) -> String {
    let basic = match syntax {
        Syntax::Basic => true,
        Syntax::Extended => false,
        Syntax::Fixed => return fancy_regex::escape(pattern).into_owned(),
    };
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
                    if c == '{' && chars.peek() == Some(&',') {
                        out.push('0');
                    }
                }
                Some('<') => out.push_str(r"\b{start}"),
                Some('>') => out.push_str(r"\b{end}"),
                Some(c @ ('w' | 'W' | 's' | 'S' | 'b' | 'B')) => {
                    out.push('\\');
                    out.push(c);
                }
                // A digit that follows is not part of the number.
                Some(c @ '1'..='9') => {
                    let _ = write!(out, r"(?:\{c})");
                }
                Some(c) => out.push_str(&fancy_regex::escape(c.encode_utf8(&mut [0; 4]))),
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
            '{' if chars.peek() == Some(&',') => out.push_str("{0"),
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
fn bracket(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    while let Some(c) = chars.next() {
        if c == ']' && !std::mem::take(&mut first) {
            out.push(']');
            return;
        }
        first = false;
        let kind = chars.peek().copied().filter(|kind| c == '[' && ":.=".contains(*kind));
        if kind == Some(':') {
            let name: String = chars.by_ref().take_while(|c| *c != ']').collect();
            // Writing to a string does not fail.
            let _ = write!(out, "[{name}]");
            continue;
        }
        literal(element(c, kind, chars), out);
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.next().is_some_and(|end| end != ']') {
            chars.next();
            if let Some(end) = chars.next() {
                let kind = chars.peek().copied().filter(|kind| end == '[' && ".=".contains(*kind));
                out.push('-');
                literal(element(end, kind, chars), out);
            }
        }
    }
}

/// One character of a bracket expression: `c`, or what stands between `[.` and `.]`, or `[=` and `=]`.
fn element(c: char, kind: Option<char>, chars: &mut Peekable<Chars<'_>>) -> char {
    let Some(kind) = kind else { return c };
    chars.next();
    let element = chars.next().unwrap_or(c);
    chars.next_if_eq(&kind);
    chars.next_if_eq(&']');
    element
}

/// A character that stands for itself in brackets.
fn literal(c: char, out: &mut String) {
    if c.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;
    use fancy_regex::Regex;

    fn check(syntax: Syntax, pattern: &str, matches: &[&str], others: &[&str]) {
        let text = any_of(&[&pattern.to_owned()], syntax, false, false);
        let regex = Regex::new(&text).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for line in matches {
            assert!(regex.is_match(*line).unwrap(), "{pattern} ({text}) is to match {line}");
        }
        for line in others {
            assert!(!regex.is_match(*line).unwrap(), "{pattern} ({text}) is not to match {line}");
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
        check(Syntax::Basic, r"\(a\)\11", &["aa1"], &["aa", "a1"]);
    }

    #[test]
    fn extended() {
        check(Syntax::Extended, "(a|b)+c", &["abc"], &["c"]);
        check(Syntax::Extended, "a{2,3}", &["aa"], &["a"]);
        check(Syntax::Extended, "a{", &["a{"], &["a"]);
        check(Syntax::Extended, "^a{,2}$", &["", "aa"], &["aaa"]);
        check(Syntax::Extended, r"\<x\>", &["a x b"], &["ax"]);
        check(Syntax::Extended, r"\$", &["$"], &[""]);
    }

    #[test]
    fn ambiguity() {
        for (pattern, basic, extended) in [
            ("a|b", false, true),
            (r"a\|b", true, false),
            ("(ab)*", false, true),
            (r"\(ab\)*", true, false),
            (r"\(ab\)c*", false, false),
            ("a*b?", false, false),
        ] {
            assert_eq!(is_ambiguous(pattern, Syntax::Basic), basic, "{pattern}");
            assert_eq!(is_ambiguous(pattern, Syntax::Extended), extended, "{pattern}");
        }
    }

    #[test]
    fn brackets() {
        check(Syntax::Basic, "[]a]", &["]", "a"], &["b"]);
        check(Syntax::Basic, "[^]a]", &["b"], &["]", "a"]);
        check(Syntax::Basic, r"[\.]", &["\\", "."], &["a"]);
        check(Syntax::Basic, "[[:digit:]x-z]", &["3", "y"], &["a"]);
        check(Syntax::Basic, "[a&&b]", &["&"], &["c"]);
        check(Syntax::Basic, "[[]", &["["], &["a"]);
        check(Syntax::Basic, "[a-]", &["-", "a"], &["b"]);
        check(Syntax::Basic, "[+--]", &["+", ",", "-"], &["."]);
        check(Syntax::Basic, "[[.-.][=x=]]", &["-", "x"], &["="]);
        check(Syntax::Basic, "[^[:space:]]", &["a"], &[" "]);
    }

    #[test]
    fn fixed_words_and_lines() {
        check(Syntax::Fixed, "a.b", &["a.b"], &["axb"]);
        let matches = |word, line, text: &str| {
            let regex = any_of(&[&"ab".to_owned(), &"c".to_owned()], Syntax::Basic, word, line);
            Regex::new(&regex).unwrap().is_match(text).unwrap()
        };
        assert!(matches(true, false, "x ab y"));
        assert!(!matches(true, false, "xab"));
        assert!(matches(false, true, "c"));
        assert!(!matches(false, true, "c c"));
    }
}
