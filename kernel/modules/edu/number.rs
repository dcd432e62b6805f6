// SPDX-License-Identifier: GPL-2.0

//! Numbers as programs write and read them: decimal, one a line.

use core::fmt::{
    self,
    Write, //
};
use kernel::prelude::*;

/// Length in bytes of the longest line: ten digits and a newline.
pub(crate) const LINE_MAX: usize = 11;

/// Reads a number below 2^32: decimal digits, then at most one newline.
///
/// # Errors
///
/// `EINVAL` for anything else: a sign, other white space, nothing; `ERANGE` for a larger number.
pub(crate) fn parse(line: &[u8]) -> Result<u32> {
    let digits = match line {
        [digits @ .., b'\n'] => digits,
        digits => digits,
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(EINVAL);
    }
    digits.iter().try_fold(0u32, |number, digit| {
        number
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u32::from(digit - b'0')))
            .ok_or(ERANGE)
    })
}

/// A number, written out.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    bytes: [u8; LINE_MAX],
    length: usize,
}

impl Line {
    /// The line of `number`.
    pub(crate) fn of(number: u32) -> Self {
        let mut line = Self {
            bytes: [0; LINE_MAX],
            length: 0,
        };
        // There is room for the longest, so there is no error to pass on.
        let _ = writeln!(line, "{number}");
        line
    }

    /// Its bytes, the newline included.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(qos_test)]
#[kunit_tests(edu_number)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts() {
        let cases: [(&[u8], u32); 9] = [
            (b"0", 0),
            (b"0\n", 0),
            (b"5\n", 5),
            (b"12", 12),
            (b"007\n", 7),
            (b"100\n", 100),
            (b"4294967294", u32::MAX - 1),
            (b"4294967295\n", u32::MAX),
            (b"00000000001", 1),
        ];
        for (line, number) in cases {
            assert_eq!(parse(line), Ok(number));
        }
    }

    #[test]
    fn parse_refuses() {
        let cases: [&[u8]; 15] = [
            b"", b"\n", b"\n\n", b"5\n\n", b"\n5", b" 5", b"5 ", b"5\r\n", b"-1\n", b"+1\n",
            b"0x5\n", b"5.0\n", b"five\n", b"5\0", b"\xff",
        ];
        for line in cases {
            assert_eq!(parse(line), Err(EINVAL));
        }
    }

    #[test]
    fn parse_says_what_is_too_large() {
        let cases: [&[u8]; 4] = [
            b"4294967296",
            b"4294967300\n",
            b"9999999999\n",
            b"99999999999999999999\n",
        ];
        for line in cases {
            assert_eq!(parse(line), Err(ERANGE));
        }
    }

    #[test]
    fn lines_are_read_as_they_are_written() {
        let cases: [(u32, &[u8]); 4] = [
            (0, b"0\n"),
            (120, b"120\n"),
            (479_001_600, b"479001600\n"),
            (u32::MAX, b"4294967295\n"),
        ];
        for (number, bytes) in cases {
            let line = Line::of(number);
            assert_eq!(line.as_bytes(), bytes);
            assert_eq!(parse(line.as_bytes()), Ok(number));
        }
    }
}
