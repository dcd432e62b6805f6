// SPDX-License-Identifier: MIT OR Apache-2.0
//! Masks for values that vary between boots in a line that every boot has, such as a measured frequency.
//!
//! A mask is data, so that a reviewer can read it; [`crate::rules`] has the masks. Its pattern is a regular expression, as in
//! sed and in the filters of insta. The pattern has to match the whole message, so that it does not mask a part of another
//! line by accident.

use regex_lite::Regex;

/// A rule for one kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// What messages call it: lower-case words with hyphens.
    pub name: &'static str,
    /// Why it is not the same on every boot.
    pub why: &'static str,
    /// Regular expression for the whole message, without time stamp (syntax of the crate regex-lite).
    pub pattern: &'static str,
    /// What stands in its place; `$1` is the first group.
    pub replacement: &'static str,
    /// Messages of real boots, each with its masked form.
    pub examples: &'static [(&'static str, &'static str)],
}

/// A mask that is ready to be applied.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    pub(crate) mask: Mask,
    regex: Regex,
}

impl Matcher {
    /// # Errors
    /// The pattern is no regular expression.
    pub(crate) fn new(mask: Mask) -> Result<Self, String> {
        let regex = whole(mask.pattern).map_err(|error| format!("mask {}: {error}", mask.name))?;
        Ok(Self { mask, regex })
    }

    /// The message masked, if it is one for this mask.
    pub(crate) fn apply(&self, message: &str) -> Option<String> {
        self.regex.is_match(message).then(|| self.regex.replace(message, self.mask.replacement).into_owned())
    }
}

/// A pattern that matches all of a message or nothing.
///
/// # Errors
/// It is no regular expression.
pub(crate) fn whole(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("invalid pattern {pattern:?}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(pattern: &'static str, replacement: &'static str) -> Result<Matcher, String> {
        Matcher::new(Mask { name: "m", why: "it is a test", pattern, replacement, examples: &[] })
    }

    #[test]
    fn whole_messages_are_masked() {
        let check = |pattern, replacement, message: &str, expect: Option<&str>| {
            let got = mask(pattern, replacement).unwrap().apply(message);
            assert_eq!(got.as_deref(), expect, "{pattern} {message}");
        };
        check(
            r"tsc: Detected [0-9.]+ MHz",
            "tsc: Detected <MHz> MHz",
            "tsc: Detected 2445.4 MHz",
            Some("tsc: Detected <MHz> MHz"),
        );
        check(r"at [0-9a-f]+ of (.*)", "at <address> of $1", "at 1fe of it", Some("at <address> of it"));
        check("a|b", "x", "b", Some("x"));
        // Neither a part of a message nor one of several lines.
        check("a|b", "x", "ab", None);
        check("[0-9]+", "<n>", "a 1", None);
        check("[0-9]+", "<n>", "1 a", None);
        check(".*", "x", "one\ntwo", None);
        check("", "x", "", Some("x"));
    }

    #[test]
    fn a_wrong_pattern_is_named() {
        let error = mask("(", "").err().unwrap_or_default();
        assert!(error.starts_with("mask m: invalid pattern \"(\": "), "{error}");
    }
}
