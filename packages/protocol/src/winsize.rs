// SPDX-License-Identifier: MIT OR Apache-2.0
use std::fmt;
use std::str::FromStr;

/// Size of a terminal in character cells, printed and read as `ROWSxCOLS` (`24x80`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Winsize {
    /// Lines; at least 1.
    pub rows: u16,
    /// Characters in a line; at least 1.
    pub cols: u16,
}

/// Text that is not a terminal size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    text: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a terminal size: expected ROWSxCOLS, each 1 to 65535, as in 24x80", self.text)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for Winsize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.cols)
    }
}

impl FromStr for Winsize {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let number = |digits: &str| match digits.parse() {
            Ok(n) if n > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Some(n),
            _ => None,
        };
        text.split_once('x')
            .and_then(|(rows, cols)| Some(Winsize { rows: number(rows)?, cols: number(cols)? }))
            .ok_or_else(|| ParseError { text: text.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(u16, u16)>) {
        let got = text.parse::<Winsize>().ok().map(|w| (w.rows, w.cols));
        assert_eq!(got, expect, "{text:?}");
    }

    #[test]
    fn sizes() {
        check("24x80", Some((24, 80)));
        check("1x65535", Some((1, 65535)));
        assert_eq!(Winsize { rows: 50, cols: 132 }.to_string(), "50x132");
        for bad in [
            "", "x", "24", "24x", "x80", "0x80", "24x0", "+24x80", "24x65536", "24 x80", "24x80\n", "24x80x1",
        ] {
            check(bad, None);
        }
    }
}
