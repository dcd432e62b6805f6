// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of text as rows of a screen.

use regex::bytes::Regex;

/// What is drawn and how.
pub struct Style<'a> {
    pub columns: usize,
    pub colors: bool,
    /// What was searched for, which is shown in reverse.
    pub found: Option<&'a Regex>,
}

/// A character of a row: its output, its cells, and the bytes of the line that it represents.
struct Cell {
    text: String,
    width: usize,
    bytes: (usize, usize),
}

/// The rows of `line`, each of at most as many cells as there are columns; an empty line is one row.
pub fn rows(line: &[u8], style: &Style) -> Vec<String> {
    let cells = cells(line, style.colors);
    let found: Vec<(usize, usize)> = match style.found {
        Some(pattern) => pattern.find_iter(line).map(|found| (found.start(), found.end())).collect(),
        None => Vec::new(),
    };
    let (mut rows, mut row, mut at, mut reverse) = (Vec::new(), String::new(), 0, false);
    let mut colored = false;
    for cell in cells {
        if at + cell.width > style.columns && at > 0 {
            end(&mut row, &mut reverse, colored);
            rows.push(std::mem::take(&mut row));
            at = 0;
        }
        let is_found =
            cell.width > 0 && found.iter().any(|(start, end)| cell.bytes.0 < *end && *start < cell.bytes.1);
        if is_found != reverse {
            row += if is_found { "\x1b[7m" } else { "\x1b[27m" };
            reverse = is_found;
        }
        colored |= cell.width == 0 && cell.text.starts_with('\x1b');
        row += &cell.text;
        at += cell.width;
    }
    end(&mut row, &mut reverse, colored);
    rows.push(row);
    rows
}

/// Ends a row: nothing of it goes on in the next one.
fn end(row: &mut String, reverse: &mut bool, colored: bool) {
    if *reverse || colored {
        row.push_str("\x1b[m");
    }
    *reverse = false;
}

/// Characters as they are shown: `^X` and `<XX>` for those that are not text.
fn cells(line: &[u8], colors: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    let (mut at, mut column) = (0, 0);
    while at < line.len() {
        let color = if colors { color(&line[at..]) } else { 0 };
        let (text, width, length) = if color > 0 {
            (String::from_utf8_lossy(&line[at..at + color]).into_owned(), 0, color)
        } else {
            character(&line[at..], column)
        };
        cells.push(Cell { text, width, bytes: (at, at + length) });
        at += length;
        column += width;
    }
    cells
}

/// The first character of `bytes`: its output, its cells, its bytes.
fn character(bytes: &[u8], column: usize) -> (String, usize, usize) {
    let length = match bytes[0] {
        b'\t' => {
            let width = 8 - column % 8;
            return (" ".repeat(width), width, 1);
        }
        byte @ 0..0x20 => return (format!("^{}", char::from(byte + 0x40)), 2, 1),
        0x7f => return ("^?".to_owned(), 2, 1),
        0..0x80 => return (char::from(bytes[0]).to_string(), 1, 1),
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    match bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()) {
        Some(text) if !text.chars().any(char::is_control) => {
            let width = text.chars().map(width).sum();
            (text.to_owned(), width, length)
        }
        _ => (format!("<{:02X}>", bytes[0]), 4, 1),
    }
}

/// Cells of a character: East Asian wide ones and pictures have two, combining ones none (the ranges that terminals
/// agree on).
fn width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Length of the sequence at the start of `bytes` that sets colours (SGR of ECMA-48); 0: there is none.
pub fn color(bytes: &[u8]) -> usize {
    let Some(rest) = bytes.strip_prefix(b"\x1b[") else { return 0 };
    match rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':')) {
        Some(end) if rest[end] == b'm' => end + 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::bytes::RegexBuilder;

    #[test]
    fn lines() {
        let check = |line: &str, colors: bool, pattern: Option<&str>, expect: &[&str]| {
            let found = pattern.map(|pattern| RegexBuilder::new(pattern).unicode(false).build().unwrap());
            let style = Style { columns: 10, colors, found: found.as_ref() };
            assert_eq!(rows(line.as_bytes(), &style), expect, "{line:?}");
        };
        check("", false, None, &[""]);
        check("short", false, None, &["short"]);
        check("0123456789ab", false, None, &["0123456789", "ab"]);
        check("a\tb", false, None, &["a       b"]);
        check("a\x07b\x7f", false, None, &["a^Gb^?"]);
        check("日本語日本語", false, None, &["日本語日本", "語"]);
        check("\x1b[1mx\x1b[m", true, None, &["\x1b[1mx\x1b[m\x1b[m"]);
        check("\x1b[1mx", false, None, &["^[[1mx"]);
        check("abcabc", false, Some("b."), &["a\x1b[7mbc\x1b[27ma\x1b[7mbc\x1b[m"]);
        assert_eq!(rows(b"\xff", &Style { columns: 10, colors: false, found: None }), ["<FF>"]);
    }
}
