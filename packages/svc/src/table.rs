// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables: columns as wide as their widest value.

/// Lines of a table; the last column is not padded.
pub fn lines(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:width$} "));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns() {
        let rows: Vec<Vec<String>> =
            [["a", "bb", "c"], ["aaa", "b", "c d"]].map(|row| row.map(str::to_owned).to_vec()).to_vec();
        assert_eq!(super::lines(&rows), "a   bb c\naaa b  c d\n");
        assert_eq!(super::lines(&[]), "");
    }
}
