// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of users and groups: credentials(7).

/// `(uid_t) -1` and `(gid_t) -1`: no user and no group. setresuid(2) and chown(2) take it as "no change", so that a program
/// that became this user would stay root.
pub const NONE: u32 = u32::MAX;

/// The number that `text` has, in decimal digits; `None` if it is no number of 32 bits, or [`NONE`].
#[must_use]
pub fn parse(text: &[u8]) -> Option<u32> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().filter(|id| *id != NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, expect) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("65535", Some(65_535)),
            ("4294967294", Some(NONE - 1)),
            ("4294967295", None),
            ("04294967295", None),
            ("4294967296", None),
            ("18446744073709551615", None),
            ("-1", None),
            ("-0", None),
            ("+1", None),
            (" 1", None),
            ("1 ", None),
            ("0x1", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expect, "{text:?}");
        }
    }
}
