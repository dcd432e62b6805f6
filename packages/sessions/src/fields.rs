// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fields `key=value` between blanks, each value in visible ASCII.

use std::fmt::Write;

/// Appends a field. Bytes that are no visible ASCII, and `%`, are `%XX`.
pub fn push(line: &mut String, key: &str, value: &str) {
    if !line.is_empty() {
        line.push(' ');
    }
    line.push_str(key);
    line.push('=');
    for byte in value.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'%' => line.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => write!(line, "%{byte:02X}").unwrap_or_default(),
        }
    }
}

/// The fields of a line: keys, and values without escapes. What is no field is left out.
pub fn parse(line: &str) -> impl Iterator<Item = (&str, String)> {
    line.split([' ', '\n']).filter_map(|field| {
        let (key, value) = field.split_once('=')?;
        Some((key, unescape(value)))
    })
}

fn unescape(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(value.len()), value.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%').then(|| std::str::from_utf8(after.get(..2)?).ok()).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `text` for a terminal: control characters are `?`.
pub fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (value, written) in
            [("root", "k=root"), ("a b%\n", "k=a%20b%25%0A"), ("é", "k=%C3%A9"), ("", "k="), ("a=b", "k=a=b")]
        {
            let mut line = String::new();
            push(&mut line, "k", value);
            assert_eq!(line, written);
            assert_eq!(parse(&line).collect::<Vec<_>>(), [("k", value.to_owned())]);
        }
        assert_eq!(unescape("%4%zz%41%"), "%4%zzA%");
    }
}
