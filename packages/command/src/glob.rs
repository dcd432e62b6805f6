// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of file names, as in fnmatch(3) without FNM_PATHNAME: `*` and `?` match `/` as well.

/// Whether `pattern` (`*`, `?`, `[…]`, `\`) matches all of `text`. Takes no longer than the product of their lengths.
#[must_use]
pub fn matches(mut pattern: &[u8], mut text: &[u8]) -> bool {
    // Behind the last star, and where in the text that is tried next: an earlier star need not take more than it has.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let Some((b'*', rest)) = pattern.split_first() {
            pattern = rest;
            retry = Some((rest, text));
        } else if pattern.is_empty() && text.is_empty() {
            return true;
        } else if let Some(rest) = text.first().and_then(|byte| one(pattern, *byte)) {
            (pattern, text) = (rest, &text[1..]);
        } else if let Some((behind, [_, rest @ ..])) = retry {
            retry = Some((behind, rest));
            (pattern, text) = (behind, rest);
        } else {
            return false;
        }
    }
}

/// What follows the first element of `pattern`, if that matches `byte`.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    let (&first, rest) = pattern.split_first()?;
    let (found, after) = match (first, class(rest)) {
        (b'?', _) => (true, rest),
        (b'[', Some((negated, ranges, after))) => {
            (ranges.iter().any(|(low, high)| (*low..=*high).contains(&byte)) != negated, after)
        }
        (b'\\', _) if !rest.is_empty() => (rest[0] == byte, &rest[1..]),
        // Without an end, a bracket is itself.
        _ => (first == byte, rest),
    };
    found.then_some(after)
}

/// A bracket expression after its `[`: whether it is negated, its ranges, and what follows.
type Class<'a> = (bool, Vec<(u8, u8)>, &'a [u8]);

fn class(pattern: &[u8]) -> Option<Class<'_>> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let mut ranges = Vec::new();
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && !ranges.is_empty() {
            return Some((negated, ranges, &pattern[at + 1..]));
        }
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|high| *high != b']') {
            ranges.push((low, pattern[at + 2]));
            at += 3;
        } else {
            ranges.push((low, low));
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expect) in [
            ("*.o", "a/b.o", true),
            ("*.o", "a.oo", false),
            ("a*b*c", "abbxcbc", true),
            ("a*b*c", "acb", false),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[x", "[x", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("\\", "\\", true),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let text = [b'a'; 4096];
        assert!(!matches(&b"a*".repeat(64).iter().chain(b"b").copied().collect::<Vec<_>>(), &text));
        assert!(matches(&[b'*'; 64], &text));
    }
}
