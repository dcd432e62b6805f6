// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of package names and paths in `toolchain.toml`.

/// Whether `text` matches `pattern`: `*` stands for any run of characters without `/`, `**` for any run at all.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.find('*') {
        None => pattern == text,
        Some(at) => {
            let Some(rest) = text.strip_prefix(&pattern[..at]) else { return false };
            let deep = pattern[at..].starts_with("**");
            let after = &pattern[at + if deep { 2 } else { 1 }..];
            let end = if deep { rest.len() } else { rest.find('/').unwrap_or(rest.len()) };
            (0..=end).rev().filter(|&n| rest.is_char_boundary(n)).any(|n| matches(after, &rest[n..]))
        }
    }
}

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
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} on {text}");
        }
    }
}
