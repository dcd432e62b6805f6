// SPDX-License-Identifier: MIT OR Apache-2.0
//! Labels: how superblocks write them, and how udev names them.

/// Byte order of UTF-16 code units.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

/// UTF-16 as UTF-8, up to a NUL. A surrogate without its other half becomes the three bytes of its number.
pub(crate) fn utf16(units: &[u8], order: Order) -> Vec<u8> {
    let unit = |pair: &[u8]| match (order, pair) {
        (Order::Little, [low, high]) | (Order::Big, [high, low]) => u32::from(*high) << 8 | u32::from(*low),
        _ => 0,
    };
    let mut units = units.chunks_exact(2).map(unit).peekable();
    let mut out = Vec::new();
    while let Some(unit) = units.next().filter(|unit| *unit != 0) {
        let second = units.peek().copied().filter(|next| (0xdc00..0xe000).contains(next));
        let code = match second {
            Some(low) if (0xd800..0xdc00).contains(&unit) => {
                units.next();
                0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => unit,
        };
        match char::from_u32(code) {
            Some(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            None => out.extend_from_slice(&[
                0xe0 | (code >> 12) as u8,
                0x80 | (code >> 6 & 0x3f) as u8,
                0x80 | (code & 0x3f) as u8,
            ]),
        }
    }
    out
}

pub(crate) fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The bytes before the first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The same without white space at its end.
pub(crate) fn trim_end(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1)]
}

/// The same without white space at its start.
pub(crate) fn trim_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().position(|byte| !is_space(byte)).unwrap_or(bytes.len())..]
}

/// Length of the character of UTF-8 that `bytes` begin with, if it is one of several bytes that may be in a name.
fn character(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return None,
    };
    let char = std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    let code = u32::from(char);
    (!(0xfdd0..0xfdf0).contains(&code) && code & 0xffff != 0xffff).then_some(length)
}

/// A value as the name of a link in `/dev/disk`: bytes other than letters, digits, `#+-.:=@_` and characters of UTF-8
/// become `\xHH`.
///
/// This is udev's encoding, that of `ID_FS_LABEL_ENC` and `ID_FS_UUID_ENC`.
#[must_use]
pub fn encode(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        if let Some(length) = character(rest) {
            let (char, after) = rest.split_at(length);
            out.extend_from_slice(char);
            rest = after;
            continue;
        }
        if first.is_ascii_alphanumeric() || b"#+-.:=@_".contains(first) {
            out.push(*first);
        } else {
            out.extend_from_slice(format!("\\x{first:02x}").as_bytes());
        }
        rest = after;
    }
    out
}

/// A value for a person: white space becomes one `_`, and so does each byte that cannot be printed.
///
/// This is udev's form of `ID_FS_LABEL` and `ID_FS_UUID`.
#[must_use]
pub fn safe(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = trim_start(trim_end(value));
    while let Some((first, after)) = rest.split_first() {
        if is_space(first) {
            out.push(b'_');
            rest = trim_start(after);
        } else if let Some(length) = character(rest) {
            let (char, after) = rest.split_at(length);
            out.extend_from_slice(char);
            rest = after;
        } else {
            // A byte below 0x80 that is no space counts as a character of its own.
            out.push(if *first < 0x80 { *first } else { b'_' });
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_with_surrogates() {
        for (units, expect) in [
            (&[0x41u16, 0xe4, 0x20ac][..], "Aä€".as_bytes()),
            (&[0xd83d, 0xde00, 0x42], "😀B".as_bytes()),
            (&[0x41, 0, 0x42], b"A"),
            (&[0xd83d, 0x41], b"\xed\xa0\xbdA"),
            (&[0xde00], b"\xed\xb8\x80"),
        ] {
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            assert_eq!(utf16(&little, Order::Little), expect);
            assert_eq!(utf16(&big, Order::Big), expect);
        }
        assert_eq!(utf16(b"A\0B", Order::Little), b"A");
    }

    #[test]
    fn names_of_links() {
        for (value, encoded, shown) in [
            (&b"plain-1.2"[..], &b"plain-1.2"[..], &b"plain-1.2"[..]),
            (b" My  Disk ", b"\\x20My\\x20\\x20Disk\\x20", b"My_Disk"),
            (b"a/b'\"\\", b"a\\x2fb\\x27\\x22\\x5c", b"a/b'\"\\"),
            ("größe".as_bytes(), "größe".as_bytes(), "größe".as_bytes()),
            (b"\xff\xc3", b"\\xff\\xc3", b"__"),
        ] {
            assert_eq!(encode(value), encoded);
            assert_eq!(safe(value), shown);
        }
    }
}
