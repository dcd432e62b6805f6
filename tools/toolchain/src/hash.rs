// SPDX-License-Identifier: MIT OR Apache-2.0
//! SHA-256 and its encodings: hexadecimal (Debian, Cargo), base64 (SRI), and Nix's base 32.

use data_encoding::{BASE64, BitOrder, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE, Specification};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

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
        HEXLOWER.encode(&self.0)
    }

    /// Reads 64 hexadecimal digits; `None` if it is anything else.
    pub fn from_hex(text: &str) -> Option<Sum> {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok().map(Sum)
    }

    /// Subresource-Integrity spelling, `sha256-BASE64`, which Nix takes as `outputHash`.
    pub fn sri(&self) -> String {
        format!("sha256-{}", BASE64.encode(&self.0))
    }

    /// Reads the SRI spelling; `None` if it is anything else.
    pub fn from_sri(text: &str) -> Option<Sum> {
        BASE64.decode(text.strip_prefix("sha256-")?.as_bytes()).ok()?.try_into().ok().map(Sum)
    }
}

/// Nix's alphabet.
static NIX32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdfghijklmnpqrsvwxyz");
    specification.bit_order = BitOrder::LeastSignificantFirst;
    specification.encoding().expect("the alphabet is a constant")
});

/// Nix's base 32: its own alphabet, and the last five bits first (Nix, `src/libutil/hash.cc`, `printHash32`).
pub fn nix32(data: &[u8]) -> String {
    NIX32.encode(data).chars().rev().collect()
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
    fn what_is_no_sum() {
        assert_eq!(Sum::from_hex("e3b0"), None);
        assert_eq!(Sum::from_hex(&"g".repeat(64)), None);
        assert_eq!(Sum::from_hex(&"+f".repeat(32)), None);
        assert_eq!(Sum::from_sri("sha512-AAAA"), None);
        assert_eq!(Sum::from_sri("sha256-AAAA"), None);
    }
}
