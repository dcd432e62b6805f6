// SPDX-License-Identifier: MIT OR Apache-2.0
//! Optional lines: one boot prints them and the next does not, without any other difference; for example a warning about a
//! clock that the host's load has disturbed. The normal form omits them.
//!
//! Such a rule hides a line completely, so it is the last resort. It is the only kind of rule that may match nothing.

use crate::mask::whole;
use regex_lite::Regex;

/// Lines that not every boot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Optional {
    /// What messages call it: lower-case words with hyphens.
    pub name: &'static str,
    /// Why not every boot has them.
    pub why: &'static str,
    /// Regular expressions, each for a whole message before the masks.
    pub patterns: &'static [&'static str],
    /// Messages that belong to it, as boots really printed them.
    pub examples: &'static [&'static str],
}

/// Optional lines that are ready to be found.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    pub(crate) optional: Optional,
    patterns: Vec<Regex>,
}

impl Finder {
    /// # Errors
    /// A pattern is no regular expression.
    pub(crate) fn new(optional: Optional) -> Result<Self, String> {
        let patterns: Result<_, _> = optional.patterns.iter().map(|pattern| whole(pattern)).collect();
        Ok(Self {
            optional,
            patterns: patterns.map_err(|error| format!("optional {}: {error}", optional.name))?,
        })
    }

    /// Whether the message is one of these.
    pub(crate) fn has(&self, message: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_are_found() {
        let finder =
            |patterns| Finder::new(Optional { name: "o", why: "it is a test", patterns, examples: &[] });
        let some = finder(&["CPU [0-9]+ late", "x"]).unwrap();
        assert!(some.has("CPU 12 late") && some.has("x"));
        assert!(!some.has("a CPU 12 late") && !some.has("xx") && !some.has(""));
        let error = finder(&["x", ")"]).err().unwrap_or_default();
        assert!(error.starts_with("optional o: invalid pattern \")\": "), "{error}");
    }
}
