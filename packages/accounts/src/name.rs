// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names and texts that may be put into the files.

/// The longest name of a user or a group, in bytes (LOGIN_NAME_MAX less the NUL is 255; utmp(5) had 32).
const LONGEST: usize = 32;

/// Whether `name` may be the name of a new user or group: letters, digits, `_`, `.`, `-`, and a `$` at the end; the first
/// is a letter, a digit or `_`, and not all are digits.
#[must_use]
pub fn is_valid(name: &str) -> bool {
    let body = name.strip_suffix('$').unwrap_or(name);
    let mut bytes = body.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    first
        && name.len() <= LONGEST
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` may stand in a field: no colon, no control character.
#[must_use]
pub fn is_field(text: &[u8]) -> bool {
    !text.iter().any(|byte| *byte == b':' || byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expect) in [
            ("root", true),
            ("a", true),
            ("_apt", true),
            ("www-data", true),
            ("host$", true),
            ("j.doe", true),
            ("7zip", true),
            ("007", false),
            ("", false),
            ("$", false),
            ("-x", false),
            (".x", false),
            ("a b", false),
            ("a:b", false),
            ("a\nb", false),
            ("a/b", false),
            ("é", false),
            ("abcdefghijklmnopqrstuvwxyz012345", true),
            ("abcdefghijklmnopqrstuvwxyz0123456", false),
        ] {
            assert_eq!(is_valid(name), expect, "{name:?}");
        }
        assert!(is_field("J. Döe,1".as_bytes()) && !is_field(b"a:b") && !is_field(b"a\nb"));
    }
}
