// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of cells as lines: a cell that is too wide takes the space of those after it, as in procps.

use crate::columns::{Align, Column};

/// One line. The last column is not padded, and not cut unless by `limit`, the width of the terminal.
pub fn line(columns: &[Column], cells: &[String], limit: Option<usize>) -> String {
    let fitted = cells.iter().zip(columns).enumerate();
    let fitted: Vec<_> =
        fitted.map(|(n, (cell, column))| fit(cell, column, n + 1 == columns.len())).collect();
    place(columns, &fitted, limit)
}

/// The line of titles: none is cut.
pub fn titles(columns: &[Column], limit: Option<usize>) -> String {
    let titles: Vec<String> = columns.iter().map(|column| column.title.clone()).collect();
    place(columns, &titles, limit)
}

fn place(columns: &[Column], cells: &[String], limit: Option<usize>) -> String {
    let mut text = String::new();
    // Where the text is, and where the column ends that would have been if every cell fitted.
    let (mut at, mut end) = (0_usize, 0_usize);
    for (n, (column, cell)) in columns.iter().zip(cells).enumerate() {
        let first = n == 0;
        let start = if first { 0 } else { end + 1 };
        end = start + column.width;
        let length = cell.chars().count();
        let wish = if column.align == Align::Right { end.saturating_sub(length) } else { start };
        let to = if first { wish } else { wish.max(at + 1) };
        text.extend(std::iter::repeat_n(' ', to - at));
        text.push_str(cell);
        at = to + length;
    }
    let text = match limit {
        Some(limit) => text.chars().take(limit).collect(),
        None => text,
    };
    text.trim_end().to_owned()
}

fn fit(cell: &str, column: &Column, last: bool) -> String {
    let length = cell.chars().count();
    match column.align {
        Align::Cut if !last && length > column.width => cell.chars().take(column.width).collect(),
        Align::Name if length > column.width => {
            cell.chars().take(column.width.saturating_sub(1)).chain(['+']).collect()
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &[(usize, Align)], cells: &[&str], expect: &str) {
        let columns: Vec<Column> = columns
            .iter()
            .map(|&(width, align)| Column { title: String::new(), width, align, cell: |_, _| String::new() })
            .collect();
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        assert_eq!(line(&columns, &cells, Some(30)), expect);
    }

    #[test]
    fn cells() {
        use Align::*;
        check(&[(5, Right), (8, Left), (4, Cut)], &["1", "ttyS0", "long name"], "    1 ttyS0    long name");
        check(&[(1, Right), (5, Right), (3, Right)], &["ADDR", "SZ", "X"], "ADDR SZ   X");
        check(&[(3, Right), (3, Right), (3, Right)], &["1", "123456", "7"], "  1 123456 7");
        check(&[(4, Cut), (4, Name), (1, Right)], &["abcdef", "abcdef", "x"], "abcd abc+ x");
        check(&[(2, Cut)], &["0123456789012345678901234567890123"], "012345678901234567890123456789");
    }
}
