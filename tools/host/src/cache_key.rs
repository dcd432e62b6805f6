// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys of binary caches, as `nix key` prints them: `NAME:BASE64` (nix-key(1), Ed25519).

use crate::ui::Result;
use data_encoding::BASE64;

/// Bytes of a public key; a secret key has the public one at its end.
const PUBLIC: usize = 32;
const SECRET: usize = 64;

/// The one line that makes a pair of keys.
const TO_MAKE: &str =
    "nix key generate-secret --key-name NAME >FILE, and nix key convert-secret-to-public <FILE";

/// A public key: what clients trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Parses `NAME:BASE64`.
    ///
    /// # Errors
    ///
    /// It is no key, or a secret one.
    pub fn parse(text: &str) -> Result<PublicKey> {
        let (name, bytes) = split(text)?;
        match bytes.len() {
            PUBLIC => Ok(PublicKey { name, bytes }),
            SECRET => Err(format!(
                "the key {name} is the secret one: keep it to yourself, and hand out what `nix key convert-secret-to-public` prints"
            )
            .into()),
            length => Err(format!("the key {name} has {length} bytes; a public key has {PUBLIC}").into()),
        }
    }

    /// The public key of a secret one.
    ///
    /// # Errors
    ///
    /// It is no key, or a public one.
    pub fn of_secret(text: &str) -> Result<PublicKey> {
        let (name, bytes) = split(text)?;
        match bytes.len() {
            SECRET => Ok(PublicKey { name, bytes: bytes[SECRET - PUBLIC..].to_vec() }),
            PUBLIC => Err(format!(
                "the key {name} is a public one, which cannot sign; name the file of the secret key"
            )
            .into()),
            length => Err(format!("the key {name} has {length} bytes; a secret key has {SECRET}").into()),
        }
    }

    /// Its name, which signatures have in front.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.name, BASE64.encode(&self.bytes))
    }
}

/// The name and the bytes.
fn split(text: &str) -> Result<(String, Vec<u8>)> {
    let text = text.trim();
    // The text may be a secret, so no message shows it.
    let (name, base64) = text
        .split_once(':')
        .filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace))
        .ok_or_else(|| format!("a key of a cache has the form NAME:BASE64; to make a pair: {TO_MAKE}"))?;
    let bytes = BASE64
        .decode(base64.as_bytes())
        .map_err(|error| format!("the key {name} is not base64 after the colon: {error}"))?;
    Ok((name.to_owned(), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pair that `nix key` made.
    const SECRET_KEY: &str =
        "example-1:FL+MNDs9FuMmdsyrOMTvBddQ3AG8Iu4sNXRwDc0CXzycvsfZbsVdGZiJEOS/rLTFbrkyDNHU16gXTf03DZmJLQ==";
    const PUBLIC_KEY: &str = "example-1:nL7H2W7FXRmYiRDkv6y0xW65MgzR1NeoF039Nw2ZiS0=";

    #[test]
    fn pairs_of_nix() {
        let public = PublicKey::parse(PUBLIC_KEY).unwrap();
        assert_eq!((public.name(), public.to_string().as_str()), ("example-1", PUBLIC_KEY));
        assert_eq!(PublicKey::of_secret(&format!("{SECRET_KEY}\n")).unwrap(), public);
    }

    #[test]
    fn mistakes() {
        let text = |result: Result<PublicKey>| result.unwrap_err().to_string();
        for (key, expect) in [
            ("", "NAME:BASE64"),
            ("example-1", "NAME:BASE64"),
            (":AAAA", "NAME:BASE64"),
            ("two words:AAAA", "NAME:BASE64"),
            ("a:b:c", "not base64"),
            ("a:!!!!", "not base64"),
            ("a:AAAA", "has 3 bytes; a public key has 32"),
            (SECRET_KEY, "is the secret one"),
        ] {
            assert!(text(PublicKey::parse(key)).contains(expect), "{key}");
        }
        assert!(text(PublicKey::of_secret(PUBLIC_KEY)).contains("is a public one"));
        assert!(text(PublicKey::of_secret("a:AAAA")).contains("a secret key has 64"));
        // A message may end up in a log.
        assert!(!text(PublicKey::parse(SECRET_KEY)).contains(&SECRET_KEY[12..30]));
    }
}
