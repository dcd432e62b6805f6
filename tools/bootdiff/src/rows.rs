// SPDX-License-Identifier: MIT OR Apache-2.0
//! Limits of the HTML page: it stays under 500 kB, whatever it reports.

use crate::units::thousands;

/// Bytes of rows that each part of the page may have. With the pictures, the style and the tables of fixed length the page is under 500,000
/// bytes.
pub(crate) const LOG: usize = 150_000;
pub(crate) const CONFIG: usize = 90_000;
pub(crate) const FILES: usize = 60_000;
pub(crate) const ROOT: usize = 40_000;
pub(crate) const PARTITIONS: usize = 10_000;
pub(crate) const SERVICES: usize = 20_000;
pub(crate) const VERSIONS: usize = 10_000;
/// Bytes of the message of a revision that failed.
pub(crate) const FAILURE: usize = 10_000;

/// Rows of tables, as many as a limit allows.
pub(crate) struct Rows {
    room: usize,
    left_out: usize,
}

impl Rows {
    /// Room for so many bytes.
    pub(crate) fn of(room: usize) -> Self {
        Self { room, left_out: 0 }
    }

    /// The row, or nothing if it or an earlier one did not fit.
    pub(crate) fn row(&mut self, row: String) -> String {
        if self.left_out > 0 || row.len() > self.room {
            self.left_out += 1;
            return String::new();
        }
        self.room -= row.len();
        row
    }

    /// A paragraph about the rows that were left out.
    pub(crate) fn rest(&self) -> String {
        match self.left_out {
            0 => String::new(),
            rows => format!("<p>and {} more, which the report in JSON has</p>\n", thousands(rows as u64)),
        }
    }
}

/// The last lines of a text that fit into `room` bytes, and how many lines are before them.
pub(crate) fn tail(text: &str, room: usize) -> (usize, &str) {
    let Some(over) = text.len().checked_sub(room).filter(|over| *over > 0) else { return (0, text) };
    let end_of_line = text.as_bytes()[over - 1..].iter().position(|&byte| byte == b'\n');
    // A line that is longer than the room is cut.
    let cut = || (over..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let start = end_of_line.map_or_else(cut, |end| over + end);
    (text[..start].matches('\n').count().max(1), &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_after_the_limit_are_counted() {
        let mut rows = Rows::of(10);
        let kept: Vec<String> = ["123456", "1234", "", "1"].map(|row| rows.row(row.to_owned())).into();
        assert_eq!((kept.concat().as_str(), rows.left_out), ("1234561234", 1));
        // A short row after a long one would look as if nothing were between them.
        let mut rows = Rows::of(10);
        assert_eq!(rows.row("12345678901".to_owned()) + &rows.row("1".to_owned()), "");
        assert_eq!(rows.rest(), "<p>and 2 more, which the report in JSON has</p>\n");
        assert_eq!(Rows::of(0).rest(), "");
    }

    #[test]
    fn a_tail_begins_with_a_line() {
        for (text, room, expect) in [
            ("one\ntwo\nthree", 100, (0, "one\ntwo\nthree")),
            ("one\ntwo\nthree", 9, (1, "two\nthree")),
            ("one\ntwo\nthree", 8, (2, "three")),
            ("one\ntwo\nthree", 4, (2, "hree")),
            ("ööö", 3, (1, "ö")),
            ("", 0, (0, "")),
        ] {
            assert_eq!(tail(text, room), expect, "{text} {room}");
        }
    }
}
