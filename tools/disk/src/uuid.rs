// SPDX-License-Identifier: MIT OR Apache-2.0
//! UUIDs as text and as GPT stores them.

use std::fmt;

/// A UUID (RFC 9562), in the order of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// The UUID that `text` writes: `f44121b1-5be9-47d8-a206-72c52309e7dd`, in either case.
    ///
    /// # Errors
    /// One line with the format of a UUID.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" is not a UUID: 32 hexadecimal digits such as f44121b1-5be9-47d8-a206-72c52309e7dd"
            )
        };
        let groups: Vec<usize> = text.split('-').map(str::len).collect();
        if groups != [8, 4, 4, 4, 12] || !text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let number = u128::from_str_radix(&text.replace('-', ""), 16).map_err(|_| wrong())?;
        Ok(Uuid(number.to_be_bytes()))
    }

    /// The UUID of these bytes, in the order of its text.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        Uuid(bytes)
    }

    /// In the order of its text.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// As GPT stores it: the first three groups are little-endian (UEFI 2.10, appendix A).
    #[must_use]
    pub fn mixed_endian(self) -> [u8; 16] {
        let mut bytes = self.0;
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
        bytes
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESP: &str = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

    #[test]
    fn text_and_bytes() {
        let uuid = Uuid::parse(&ESP.to_uppercase()).unwrap();
        assert_eq!(uuid.to_string(), ESP);
        // The bytes that the UEFI specification has for the type of the ESP.
        assert_eq!(uuid.mixed_endian(), *b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b");
    }

    #[test]
    fn what_is_no_uuid() {
        for text in [
            "",
            "c12a7328",
            "c12a7328f81f11d2ba4b00a0c93ec93b",
            "g12a7328-f81f-11d2-ba4b-00a0c93ec93b",
            "+12a7328-f81f-11d2-ba4b-00a0c93ec93b",
        ] {
            assert!(Uuid::parse(text).unwrap_err().contains("is not a UUID"), "{text}");
        }
    }
}
