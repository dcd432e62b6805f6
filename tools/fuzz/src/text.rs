// SPDX-License-Identifier: MIT OR Apache-2.0
//! Regular expressions, scripts and patches as input of the guest's programs.

use crate::{lossy, two};
use qos_regex::{Matching, Regex, Syntax};

/// A pattern and a text. Matches are inside the text, and a match is found exactly if the matcher reports one.
pub fn regex(data: &[u8]) {
    let (pattern, text) = two(data);
    // Longer ones find nothing new and take longer.
    let (pattern, text) = (lossy(&pattern[..pattern.len().min(64)]), &text[..text.len().min(64)]);
    for syntax in [Syntax::Basic, Syntax::Extended, Syntax::Fixed] {
        let _ = (qos_regex::refers_back(&pattern), qos_regex::is_ambiguous(&pattern, syntax));
        for (word, line) in [(false, false), (true, false), (false, true)] {
            let translated = qos_regex::any_of(&[&pattern], syntax, word, line);
            let Ok(regex) = Regex::new(&translated, Matching { longest: true, ..Matching::default() }) else {
                assert_ne!(syntax, Syntax::Fixed, "{pattern:?}");
                continue;
            };
            let (Ok(is_match), Ok(found)) = (regex.is_match(text), regex.find(text, 0)) else { continue };
            assert_eq!(is_match, found.is_some(), "{pattern:?} ({translated:?})");
            if let Some(found) = found {
                assert!(found.start <= found.end && found.end <= text.len(), "{pattern:?} {found:?}");
            }
            if let (Syntax::Fixed, false, false) = (syntax, word, line) {
                let part = pattern.as_bytes();
                let has = part.is_empty() || text.windows(part.len()).any(|window| window == part);
                assert_eq!(is_match, has, "{pattern:?}");
            }
        }
    }
}

/// A script and a text.
pub fn sed(data: &[u8]) {
    let (script, text) = two(data);
    qos_sed::fuzz::script(&lossy(script), &text[..text.len().min(256)]);
}

/// A patch and a text.
pub fn patch(data: &[u8]) {
    let (patch, text) = two(data);
    let _ = qos_patch::fuzz::apply(patch, text);
}

/// Two texts: the output of diff makes patch turn one into the other.
pub fn diff(data: &[u8]) {
    let (old, new) = two(data);
    for context in [0, 1, 3] {
        for difference in qos_diffutils::fuzz::diff(old, new, context) {
            let headed = [&b"--- a\n+++ b\n"[..], &difference].concat();
            let patch = match difference.first() {
                Some(b'@') => headed,
                Some(b'*') => [&b"*** a\n--- b\n"[..], &difference].concat(),
                _ => difference,
            };
            let patched = qos_patch::fuzz::apply(&patch, old);
            assert_eq!(patched, Some((new.to_vec(), true)), "{}", patch.escape_ascii());
        }
    }
}
