// SPDX-License-Identifier: MIT OR Apache-2.0
//! SHA-256 and its spellings: hexadecimal (Debian, Cargo), base64 (SRI, OpenPGP armour), and Nix's base 32.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A SHA-256 sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sum(pub [u8; 32]);

impl Sum {
    /// The sum of `data`.
    pub fn of(data: &[u8]) -> Sum {
        Sum(Sha256::digest(data).into())
    }

    /// The sum of a file's content. Errors are those of reading it.
    pub fn of_file(path: &Path) -> io::Result<Sum> {
        let mut hasher = Sha256::new();
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(Sum(hasher.finalize().into()));
            }
            hasher.update(&buffer[..n]);
        }
    }

    /// 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// Reads 64 hexadecimal digits; `None` if it is anything else.
    pub fn from_hex(text: &str) -> Option<Sum> {
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let mut sum = [0; 32];
        for (byte, pair) in sum.iter_mut().zip(bytes.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Sum(sum))
    }

    /// Subresource-Integrity spelling, `sha256-BASE64`, which Nix takes as `outputHash`.
    pub fn sri(&self) -> String {
        format!("sha256-{}", base64(&self.0))
    }

    /// Reads the SRI spelling; `None` if it is anything else.
    pub fn from_sri(text: &str) -> Option<Sum> {
        let bytes = from_base64(text.strip_prefix("sha256-")?)?;
        Some(Sum(bytes.try_into().ok()?))
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 with padding (RFC 4648, section 4).
pub fn base64(data: &[u8]) -> String {
    let mut text = String::new();
    for chunk in data.chunks(3) {
        let group = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for i in 0..4 {
            if i <= chunk.len() {
                text.push(char::from(BASE64[(bits >> (18 - 6 * i)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Reads base 64; white space is skipped, and the text ends at the padding. `None` on any other character.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        if byte == b'=' {
            break;
        }
        if byte.is_ascii_whitespace() {
            continue;
        }
        let digit = BASE64.iter().position(|&b| b == byte)?;
        bits = (bits << 6) | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            data.push((bits >> count) as u8);
        }
    }
    Some(data)
}

const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Nix's base 32: its own alphabet, and the last five bits first (Nix, `src/libutil/hash.cc`, `printHash32`).
pub fn nix32(data: &[u8]) -> String {
    let length = (data.len() * 8).div_ceil(5);
    (0..length)
        .rev()
        .map(|n| {
            let (byte, bit) = (n * 5 / 8, n * 5 % 8);
            let low = u16::from(data[byte]) >> bit;
            let high = u16::from(*data.get(byte + 1).unwrap_or(&0)) << (8 - bit);
            char::from(NIX32[((low | high) & 31) as usize])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_known_sums() {
        // `nix-hash --to-base32 --type sha256`, and `sha256sum < /dev/null`
        let sum = Sum::of(b"");
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sum.hex(), hex);
        assert_eq!(Sum::from_hex(hex), Some(sum));
        assert_eq!(sum.sri(), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(Sum::from_sri(&sum.sri()), Some(sum));
        assert_eq!(nix32(&sum.0), "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
    }

    #[test]
    fn base64_of_each_length() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(from_base64("Zm 9v\nYg=="), Some(b"foob".to_vec()));
        assert_eq!(from_base64("Zm*v"), None);
    }

    #[test]
    fn what_is_no_sum() {
        assert_eq!(Sum::from_hex("e3b0"), None);
        assert_eq!(Sum::from_hex(&"g".repeat(64)), None);
        assert_eq!(Sum::from_sri("sha512-AAAA"), None);
        assert_eq!(Sum::from_sri("sha256-AAAA"), None);
    }
}
