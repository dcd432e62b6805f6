// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recognises lines that differ only in values, and finds these values.

use crate::lcs;

/// How similar the words of two lines have to be, 0 to 1, that one is a changed form of the other. At 0.7 a line of
/// three words, such as "qos-init: ready", has to keep them all; of four words one may be new.
pub(crate) const SIMILAR: f64 = 0.7;

/// A piece of a changed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Both lines have it.
    Same(String),
    /// Only the line before has it.
    Removed(String),
    /// Only the line after has it.
    Added(String),
}

impl Part {
    /// The piece's text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Removed(text) | Self::Added(text) => text,
        }
    }
}

/// What is compared of a line.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The line with each number as `#`.
    pub(crate) signature: String,
    words: Vec<String>,
    values: Vec<String>,
}

impl Shape {
    pub(crate) fn of(text: &str) -> Self {
        let tokens = tokens(text);
        let shapes: Vec<String> = tokens.iter().map(|token| shape(token)).collect();
        Self {
            signature: shapes.concat().trim().to_owned(),
            words: shapes
                .into_iter()
                .filter(|shape| shape.starts_with(|c| is_word_char(c) || c == '#'))
                .collect(),
            values: tokens
                .iter()
                .filter(|token| token.starts_with(is_word_char))
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// Whether the signature is specific enough to be used alone.
    pub(crate) fn has_letters(&self) -> bool {
        self.signature.contains(char::is_alphabetic)
    }

    /// How good a pair the two make, if they are similar at all: more than 1 if nothing but numbers differs.
    pub(crate) fn score(&self, other: &Self) -> Option<f64> {
        if self.signature == other.signature {
            return Some(1.0 + ratio(&self.values, &other.values));
        }
        let ratio = ratio(&self.words, &other.words);
        (ratio >= SIMILAR).then_some(ratio)
    }
}

/// How much of two sequences is common to both, 0 to 1.
fn ratio(one: &[String], other: &[String]) -> f64 {
    let total = one.len() + other.len();
    if total == 0 {
        return 0.0;
    }
    // No need to look closer at what cannot reach the limit.
    let most = 2.0 * one.len().min(other.len()) as f64 / total as f64;
    if most < SIMILAR {
        return most;
    }
    2.0 * lcs::pairs(one, other).len() as f64 / total as f64
}

/// What differs between two lines, word by word; put together without the added parts it is `before`, without the
/// removed ones `after`.
#[must_use]
pub(crate) fn parts(before: &str, after: &str) -> Vec<Part> {
    let (old, new) = (tokens(before), tokens(after));
    let mut parts = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in lcs::pairs(&old, &new).into_iter().chain([(old.len(), new.len())]) {
        old[i..next_i].iter().for_each(|token| push(&mut parts, Part::Removed, token));
        new[j..next_j].iter().for_each(|token| push(&mut parts, Part::Added, token));
        if let Some(token) = old.get(next_i) {
            push(&mut parts, Part::Same, token);
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    parts
}

/// Adds a token to the last part if that is of the same kind.
fn push(parts: &mut Vec<Part>, kind: fn(String) -> Part, token: &str) {
    match (parts.last_mut(), kind(token.to_owned())) {
        (Some(Part::Same(last)), Part::Same(token))
        | (Some(Part::Removed(last)), Part::Removed(token))
        | (Some(Part::Added(last)), Part::Added(token)) => last.push_str(&token),
        (_, part) => parts.push(part),
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words, runs of white space, and each other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| {
        if is_word_char(c) {
            1
        } else if c.is_whitespace() {
            2
        } else {
            0
        }
    };
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind_of_first = kind(first);
        let length = match kind_of_first {
            0 => first.len_utf8(),
            _ => rest.find(|c| kind(c) != kind_of_first).unwrap_or(rest.len()),
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(token);
        rest = tail;
    }
    tokens
}

/// A token without its numbers: decimal or hexadecimal digits become one `#`, white space one space.
fn shape(token: &str) -> String {
    if token.starts_with(char::is_whitespace) {
        return " ".to_owned();
    }
    let digits = token.strip_prefix("0x").unwrap_or(token);
    let has_digit = token.contains(|c: char| c.is_ascii_digit());
    if has_digit && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return "#".to_owned();
    }
    let mut shape = String::with_capacity(token.len());
    for c in token.chars() {
        match c {
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            other => shape.push(other),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        for (text, signature) in [
            ("", ""),
            ("plain words", "plain words"),
            ("Freeing initrd memory: 4676K", "Freeing initrd memory: #K"),
            ("RAMDISK: [mem 0x1fb47000-0x1ffd7fff]", "RAMDISK: [mem #-#]"),
            ("ACPI: RSDP 0x00000000000F52B0 000014", "ACPI: RSDP # #"),
            ("pci 0000:00:01.1: BAR 4", "pci #:#:#.#: BAR #"),
            ("OS support mask [00022c8c]", "OS support mask [#]"),
            ("ttyS0 at I/O 0x3f8", "ttyS# at I/O #"),
            ("  two   blanks  ", "two blanks"),
            ("added cafe", "added cafe"),
            ("0x", "#x"),
            ("grün 3 ☃", "grün # ☃"),
        ] {
            assert_eq!(Shape::of(text).signature, signature, "{text:?}");
        }
    }

    #[test]
    fn similar_or_not() {
        let check = |one: &str, other: &str, expect: bool| {
            let got = Shape::of(one).score(&Shape::of(other)).is_some();
            assert_eq!(got, expect, "{one:?} {other:?}");
        };
        check("Freeing initrd memory: 4676K", "Freeing initrd memory: 10M", true);
        check("Freeing initrd memory: 4676K", "Freeing initrd memory: 4680K", true);
        check("NET: Registered PF_INET protocol family", "NET: Registered PF_UNIX protocol family", true);
        check("golden: the shell runs", "golden: the shell runs well", true);
        check("qos-init: started", "qos-init: ready", false);
        check("qos-init: started", "Unpacking initramfs...", false);
        check("a b c d", "d c b a", false);
        check("", "x", false);
        check("...", "###", false);
        check("total 0", "total 4", true);
        check("short", "short but then it goes on and on", false);
    }

    #[test]
    fn equal_values_make_a_better_pair() {
        let line = Shape::of("pci 0000:00:01.1: BAR 1");
        let near = line.score(&Shape::of("pci 0000:00:01.2: BAR 1"));
        let far = line.score(&Shape::of("pci 0000:00:02.2: BAR 3"));
        assert!(near > far, "{near:?} {far:?}");
    }

    #[test]
    fn parts_put_together_are_the_lines() {
        let same = |text: &str| Part::Same(text.to_owned());
        let removed = |text: &str| Part::Removed(text.to_owned());
        let added = |text: &str| Part::Added(text.to_owned());
        for (before, after, expect) in [
            ("", "", vec![]),
            ("a b", "a b", vec![same("a b")]),
            ("memory: 4676K", "memory: 4680K", vec![same("memory: "), removed("4676K"), added("4680K")]),
            ("the shell", "the new shell", vec![same("the "), added("new "), same("shell")]),
            ("x (a)", "x", vec![same("x"), removed(" (a)")]),
            ("a", "b", vec![removed("a"), added("b")]),
        ] {
            let parts = parts(before, after);
            assert_eq!(parts, expect, "{before:?} {after:?}");
            let text = |skip: fn(&Part) -> bool| {
                parts.iter().filter(|part| !skip(part)).map(Part::text).collect::<String>()
            };
            assert_eq!(text(|part| matches!(part, Part::Added(_))), before);
            assert_eq!(text(|part| matches!(part, Part::Removed(_))), after);
        }
    }
}
