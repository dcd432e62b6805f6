// SPDX-License-Identifier: GPL-3.0-or-later
//! Names in columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns between names.
const GAP: usize = 2;

/// The names in as many columns as the width has room for, sorted downwards; and the number of rows.
pub fn columns(names: &[&str], width: usize) -> (String, usize) {
    let names: Vec<String> = names.iter().map(|name| printable(name)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0) + GAP;
    let columns = ((width + GAP) / widest.max(1)).max(1);
    let rows = names.len().div_ceil(columns);
    let mut text = String::new();
    for row in 0..rows {
        let mut in_row = names.iter().skip(row).step_by(rows.max(1)).peekable();
        while let Some(name) = in_row.next() {
            text.push_str(name);
            if in_row.peek().is_some() {
                text.extend(std::iter::repeat_n(' ', widest - name.width()));
            }
        }
        text.push_str("\r\n");
    }
    (text, rows)
}

/// A name without characters that a terminal would act on.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.width().is_none() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_columns() {
        for (names, width, wanted, rows) in [
            (&["a"][..], 80, "a\r\n", 1),
            (&["a", "b", "c"], 80, "a  b  c\r\n", 1),
            (&["a", "b", "c"], 7, "a  b  c\r\n", 1),
            (&["a", "b", "c"], 6, "a  c\r\nb\r\n", 2),
            (&["a", "b", "c", "d", "e"], 5, "a  d\r\nb  e\r\nc\r\n", 3),
            (&["long", "x"], 3, "long\r\nx\r\n", 2),
            (&["漢字", "b"], 10, "漢字  b\r\n", 1),
            (&["a\x1b[2J\n", "b"], 80, "a?[2J?  b\r\n", 1),
            (&[], 80, "", 0),
        ] {
            assert_eq!(columns(names, width), (wanted.into(), rows), "{names:?} {width}");
        }
    }
}
