// SPDX-License-Identifier: MIT OR Apache-2.0
//! Wraps and aligns text for a terminal.

use super::Row;

/// Columns of a line, at most.
pub(super) const WIDTH: usize = 80;

/// The widest column of terms; a longer term has its text on the next line.
const TERMS: usize = 26;

/// `first` and then `words`, with a space between two of them and a line feed where a line would be too wide. Lines after the first are
/// indented by `indent` columns.
pub(super) fn wrap<'a>(first: &str, words: impl IntoIterator<Item = &'a str>, indent: usize) -> String {
    let mut out = first.to_owned();
    let mut column = first.trim_start_matches('\n').len();
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        if column > indent.saturating_sub(1) && column + 1 + word.len() > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

/// Splits a usage line at spaces that are not in brackets: `[-g GID]` stays whole.
pub(super) fn arguments(line: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    line.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ' ' && depth == 0
    })
}

/// The rows, with terms and texts in columns; headings stand out by an empty line.
pub(super) fn table(rows: &[Row]) -> String {
    let fitting = rows.iter().filter(|row| !row.is_heading()).map(|row| row.term.len());
    let column = 2 + fitting.filter(|width| *width <= TERMS).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for row in rows {
        if row.is_heading() {
            out.push_str(&format!("\n{}\n", row.term));
            continue;
        }
        // One column less than the text's, because `wrap` adds a space.
        let first = if row.term.len() <= TERMS {
            format!("{:width$}", format!("  {}", row.term), width = column - 1)
        } else {
            format!("  {}\n{}", row.term, " ".repeat(column - 1))
        };
        let text = wrap(&" ".repeat(column - 1), row.text.split(' '), column);
        out.push_str(&first);
        out.push_str(&text[column - 1..]);
        out.push('\n');
    }
    out
}
