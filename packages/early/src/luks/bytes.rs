// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fields of a header: big-endian numbers, texts that a NUL ends. What is beyond the bytes is zero.

pub fn be16(bytes: &[u8], at: usize) -> u16 {
    field(bytes, at, 2).iter().fold(0, |number, byte| number << 8 | u16::from(*byte))
}

pub fn be32(bytes: &[u8], at: usize) -> u32 {
    field(bytes, at, 4).iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

pub fn be64(bytes: &[u8], at: usize) -> u64 {
    field(bytes, at, 8).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub fn text(bytes: &[u8], at: usize, length: usize) -> String {
    let text = field(bytes, at, length).split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

pub fn field(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    bytes.get(at..at + length).unwrap_or_default()
}

/// Bytes of a text in base 64 (RFC 4648), with or without `=` at its end.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for char in text.trim_end_matches('=').bytes() {
        let value = match char {
            b'A'..=b'Z' => char - b'A',
            b'a'..=b'z' => char - b'a' + 26,
            b'0'..=b'9' => char - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(
            (be16(&bytes, 1), be32(&bytes, 4), be64(&bytes, 0)),
            (0x203, 0x506_0708, 0x102_0304_0506_0708)
        );
        assert_eq!((be16(&bytes, 7), be64(&bytes, 1)), (0, 0));
        assert_eq!(text(b"ab\0cd", 0, 5), "ab");
        assert_eq!(text(b"ab", 0, 5), "");
    }

    #[test]
    fn base_64() {
        for (text, expect) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("+/+/", Some(b"\xfb\xff\xbf")),
            ("Z g=", None),
        ] {
            assert_eq!(base64(text).as_deref(), expect, "{text}");
        }
    }
}
