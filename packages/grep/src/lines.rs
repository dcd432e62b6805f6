// SPDX-License-Identifier: MIT OR Apache-2.0
//! An input as lines.

use std::io::{self, BufRead};

/// Lines of an input, and whether it looks like text.
pub(crate) struct Lines<R> {
    input: R,
    end: u8,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// Lines that each `end` ends.
    pub fn new(input: R, end: u8) -> Self {
        Lines { input, end, line: Vec::new(), number: 0 }
    }

    /// Whether the buffered input contains a NUL.
    pub fn is_binary(&mut self) -> io::Result<bool> {
        Ok(self.end != 0 && self.input.fill_buf()?.contains(&0))
    }

    /// The next line, without its end, and its number, counted from 1.
    pub fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.line.clear();
        if self.input.read_until(self.end, &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some((self.number, self.line.strip_suffix(&[self.end]).unwrap_or(&self.line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lines() {
        let mut lines = Lines::new(b"a\n\nb".as_slice(), b'\n');
        assert!(!lines.is_binary().unwrap());
        assert_eq!(lines.next().unwrap(), Some((1, b"a".as_slice())));
        assert_eq!(lines.next().unwrap(), Some((2, b"".as_slice())));
        assert_eq!(lines.next().unwrap(), Some((3, b"b".as_slice())));
        assert_eq!(lines.next().unwrap(), None);
        assert!(Lines::new(b"a\0b\n".as_slice(), b'\n').is_binary().unwrap());
        assert!(!Lines::new(b"a\0b\n".as_slice(), 0).is_binary().unwrap());
    }
}
