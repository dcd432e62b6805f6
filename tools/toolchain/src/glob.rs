// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of package names and paths in `toolchain.toml`.

/// Whether `text` matches `pattern`: `*` matches any characters except `/`, `**` matches any characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.as_bytes(), text.as_bytes());
    // Behind the last star of each kind, and where in the text that is tried next.
    let (mut star, mut deep): (Option<Retry<'_>>, Option<Retry<'_>>) = (None, None);
    loop {
        if let Some(rest) = pattern.strip_prefix(b"**") {
            (star, deep) = (None, Some((rest, text)));
            pattern = rest;
        } else if let Some(rest) = pattern.strip_prefix(b"*") {
            star = Some((rest, text));
            pattern = rest;
        } else if pattern.is_empty() && text.is_empty() {
            return true;
        } else {
            match (pattern, text, star, deep) {
                ([a, rest @ ..], [b, behind @ ..], ..) if a == b => (pattern, text) = (rest, behind),
                (_, _, Some((rest, [byte, behind @ ..])), _) if *byte != b'/' => {
                    star = Some((rest, behind));
                    (pattern, text) = (rest, behind);
                }
                (_, _, _, Some((rest, [_, behind @ ..]))) => {
                    (star, deep) = (None, Some((rest, behind)));
                    (pattern, text) = (rest, behind);
                }
                _ => return false,
            }
        }
    }
}

/// The pattern behind a star, and the text that it is to match.
type Retry<'a> = (&'a [u8], &'a [u8]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expect) in [
            ("usr/share/doc/**", "usr/share/doc/a/b", true),
            ("usr/share/doc/**", "usr/share/docs", false),
            ("usr/lib/*/x", "usr/lib/a/x", true),
            ("usr/lib/*/x", "usr/lib/a/b/x", false),
            ("**/*.a", "usr/lib/a.a", true),
            ("cpp*", "cpp-14", true),
            ("cpp*", "cp", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("*/b/**/c", "a/b/x/b/y/c", true),
            ("**/b*/c", "b/b1/bx/c", true),
            ("**/b*/c", "b/b1/x/c", false),
            ("*ab/*", "aab/", true),
            ("é*", "é", true),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} on {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let text = "a".repeat(4096);
        for star in ["*", "**"] {
            assert!(!matches(&format!("{}b", format!("a{star}").repeat(64)), &text), "{star}");
        }
    }
}
