// SPDX-License-Identifier: MIT OR Apache-2.0
//! Converts bytes to readable text and back, without loss.
//!
//! Valid UTF-8 stays as it is. Control characters and bytes that are not UTF-8 become `\xNN`. A backslash stays a
//! backslash unless it would be read back as such an escape; then it becomes `\x5c`.

use std::fmt::Write;

/// Appends one byte as `\xNN`.
pub fn push_byte(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

/// Text of any bytes; [`unescape`] gives the bytes back.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                let mut buffer = [0; 4];
                character.encode_utf8(&mut buffer).bytes().for_each(|byte| push_byte(&mut text, byte));
            } else {
                text.push(character);
            }
        }
        chunk.invalid().iter().for_each(|&byte| push_byte(&mut text, byte));
    }
    // Only a backslash of the input can still be ambiguous: the escapes made above are known by their positions.
    if bytes.windows(4).any(is_escape) { protect(bytes) } else { text }
}

/// [`escape`] for input that holds something which reads like an escape.
fn protect(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    let mut rest = bytes;
    while let Some(position) = rest.windows(4).position(is_escape) {
        text.push_str(&escape(&rest[..position]));
        push_byte(&mut text, b'\\');
        rest = &rest[position + 1..];
    }
    text.push_str(&escape(rest));
    text
}

fn is_escape(window: &[u8]) -> bool {
    matches!(window, [b'\\', b'x', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The bytes that [`escape`] was given.
#[must_use]
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if rest.get(..4).is_some_and(is_escape) {
            let digits = std::str::from_utf8(&rest[2..4]).unwrap_or("0");
            bytes.push(u8::from_str_radix(digits, 16).unwrap_or(0));
            rest = &rest[4..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_the_way_there_and_back() {
        let check = |bytes: &[u8], text: &str| {
            assert_eq!(escape(bytes), text);
            assert_eq!(unescape(text), bytes, "{text}");
        };
        check(b"", "");
        check(b"plain text", "plain text");
        check("grüße ☃".as_bytes(), "grüße ☃");
        check(b"a\x00b\x7f", "a\\x00b\\x7f");
        check(b"\xff\xfe", "\\xff\\xfe");
        check(b"cut \xe2\x98", "cut \\xe2\\x98");
        check(b"C:\\dir", "C:\\dir");
        check(b"\\x41", "\\x5cx41");
        check(b"\\\\x41\xff", "\\\\x5cx41\\xff");
        check(b"\\xzz", "\\xzz");
        check("\u{85}".as_bytes(), "\\xc2\\x85");
    }

    #[test]
    fn every_pair_of_bytes_survives() {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                let bytes = [b'\\', b'x', first, second, b'0'];
                assert_eq!(unescape(&escape(&bytes)), bytes, "{bytes:?}");
            }
        }
    }
}
