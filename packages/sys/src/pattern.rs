// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shell patterns: fnmatch(3).

use std::ffi::CString;

/// Whether `text` matches `pattern` (`*`, `?`, `[…]`, `\`). `*` matches a `/` too.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (Ok(pattern), Ok(text)) = (CString::new(pattern), CString::new(text)) else { return false };
    // SAFETY: both are strings that end with a NUL, and fnmatch only reads them.
    unsafe { libc::fnmatch(pattern.as_ptr(), text.as_ptr(), 0) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expect) in [
            ("a*c", "abc", true),
            ("a*c", "a/b/c", true),
            ("char_major_10_[2-4]*", "char_major_10_3", true),
            ("char_major_10_[2-4]*", "char_major_10_5", false),
            ("a?c", "ac", false),
            ("abc", "abc", true),
            ("abc", "a\0bc", false),
        ] {
            assert_eq!(matches(pattern, text), expect, "{pattern} {text:?}");
        }
    }
}
