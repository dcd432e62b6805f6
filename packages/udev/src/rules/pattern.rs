// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of match keys: `|` between alternatives, each with `*`, `?` and `[…]`.

use qos_command::glob;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    alternatives: Vec<String>,
    glob: bool,
    any_case: bool,
    /// The pattern ends in white space, so that the white space at the end of an attribute counts.
    pub ends_in_space: bool,
}

impl Pattern {
    /// The pattern of a value. `any_case`: upper and lower case are the same.
    #[must_use]
    pub fn new(value: &str, any_case: bool) -> Pattern {
        let folded = if any_case { value.to_ascii_lowercase() } else { value.to_owned() };
        Pattern {
            alternatives: folded.split('|').map(str::to_owned).collect(),
            glob: value.contains(['*', '?', '[']),
            any_case,
            ends_in_space: value.ends_with(|char: char| char.is_ascii_whitespace()),
        }
    }

    /// Whether `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if self.any_case { self.compare(&text.to_ascii_lowercase()) } else { self.compare(text) }
    }

    fn compare(&self, text: &str) -> bool {
        let one = |pattern: &String| {
            if self.glob { glob::matches(pattern.as_bytes(), text.as_bytes()) } else { pattern == text }
        };
        self.alternatives.iter().any(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_globs() {
        for (pattern, text, expect) in [
            ("sda", "sda", true),
            ("sda", "sdb", false),
            ("sd*", "sdb", true),
            ("sd[a-c]", "sdc", true),
            ("sd[!a-c]", "sdc", false),
            ("sd?", "sd", false),
            ("sd*|hd*|vd?", "vda", true),
            ("sd*|hd*|vd?", "vdaa", false),
            ("add|change", "change", true),
            ("", "", true),
            ("", "a", false),
            ("?*", "", false),
            ("?*", "a", true),
            ("|a", "", true),
            ("?*|", "", true),
            ("*/a/*", "x/a/y", true),
            ("A", "a", false),
        ] {
            assert_eq!(Pattern::new(pattern, false).matches(text), expect, "{pattern} {text}");
        }
        assert!(Pattern::new("aB*|c", true).matches("Abc"));
        assert!(Pattern::new("a ", false).ends_in_space && !Pattern::new("a", false).ends_in_space);
    }
}
