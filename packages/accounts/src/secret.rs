// SPDX-License-Identifier: MIT OR Apache-2.0
//! A password in memory.

use std::io::{self, Read};
use zeroize::{Zeroize, Zeroizing};

/// The longest password, in bytes, that crypt(3) takes, and one more.
const CAPACITY: usize = 512;

/// A password. Its memory is overwritten when it goes out of scope, is never moved to a larger place, and is not shown by
/// `Debug`.
pub struct Secret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

impl Default for Secret {
    fn default() -> Self {
        Secret(Zeroizing::new(Vec::with_capacity(CAPACITY)))
    }
}

impl Secret {
    /// A copy of `bytes`.
    ///
    /// # Errors
    /// When it is too long ([`io::ErrorKind::InvalidInput`]).
    pub fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut secret = Self::default();
        bytes.iter().try_for_each(|byte| secret.push(*byte))?;
        Ok(secret)
    }

    /// Adds a byte.
    ///
    /// # Errors
    /// When it is too long then ([`io::ErrorKind::InvalidInput`]).
    pub fn push(&mut self, byte: u8) -> io::Result<()> {
        if self.0.len() + 1 == CAPACITY {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the password is longer than 511 bytes"));
        }
        self.0.push(byte);
        Ok(())
    }

    /// Takes the last character away, all the bytes of it.
    pub fn pop(&mut self) {
        while let Some(byte) = self.0.last_mut().map(std::mem::take) {
            self.0.pop();
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.0.zeroize();
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a line, byte by byte, so that no buffer keeps a copy; `None` at the end of the file.
    ///
    /// # Errors
    /// As in read(2), and when it is too long ([`io::ErrorKind::InvalidInput`]).
    pub fn read_line(mut from: impl Read) -> io::Result<Option<Self>> {
        let (mut secret, mut byte, mut any) = (Self::default(), Zeroizing::new([0]), false);
        loop {
            match from.read(&mut byte[..]) {
                Ok(0) => return Ok(any.then_some(secret)),
                Ok(_) if byte[0] == b'\n' => return Ok(Some(secret)),
                Ok(_) => secret.push(byte[0])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            any = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let mut input = &b"one\n\nlast"[..];
        let mut lines = Vec::new();
        while let Some(line) = Secret::read_line(&mut input).unwrap() {
            lines.push(line.bytes().to_vec());
        }
        assert_eq!(lines, [&b"one"[..], b"", b"last"]);
        assert!(Secret::read_line(&[b'x'; 600][..]).is_err());
        assert!(Secret::new(&[b'x'; 511]).is_ok() && Secret::new(&[b'x'; 512]).is_err());
    }

    #[test]
    fn edited_and_not_shown() {
        let mut secret = Secret::new("aé".as_bytes()).unwrap();
        let place = secret.bytes().as_ptr();
        assert_eq!(format!("{secret:?}"), "Secret");
        secret.pop();
        assert_eq!(secret.bytes(), b"a");
        secret.clear();
        secret.pop();
        assert!(secret.is_empty());
        (0..511).for_each(|_| secret.push(b'x').unwrap());
        assert_eq!(secret.bytes().as_ptr(), place, "moved");
    }
}
