// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables as text and Markdown, whose cells may come from anywhere.

/// A table.
#[derive(Debug)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns and no row.
    pub fn new(head: &[&'static str]) -> Table {
        Table { head: head.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Aligned columns with two spaces between them. A column without content is left out.
    pub fn text(&self) -> String {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let used: Vec<usize> = (0..self.head.len())
            .filter(|column| rows.iter().any(|row| !cell(row, *column).is_empty()))
            .collect();
        let head = self.head.iter().map(|word| word.to_uppercase()).collect();
        let all: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        let width =
            |column: usize| all.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = used.iter().map(|column| width(*column)).collect();
        let mut text = String::new();
        for row in &all {
            let cells: Vec<_> = used
                .iter()
                .zip(&widths)
                .map(|(column, width)| format!("{:width$}", cell(row, *column)))
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// A table of GitHub Flavored Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("| {} |\n|{}\n", self.head.join(" | "), " --- |".repeat(self.head.len()));
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(|cell| markdown(cell)).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text
    }
}

/// `text` without what could control a terminal: each control character, and each that changes the direction of text, becomes
/// U+FFFD.
pub fn plain(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// `text` as Markdown that shows just it: no markup, no HTML, no mention of a user.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let mut table = Table::new(&["crate", "note", "title"]);
        table.row(["a".into(), String::new(), "x | <b>\u{1b}[31m @user".into()]);
        table.row(["longer".into(), String::new(), String::new()]);
        assert_eq!(table.text(), "CRATE   TITLE\na       x | <b>\u{fffd}[31m @user\nlonger\n");
        assert_eq!(
            table.markdown(),
            "| crate | note | title |\n| --- | --- | --- |\n\
             | a |  | x \\| &lt;b&gt;\u{fffd}\\[31m &#64;user |\n| longer |  |  |\n"
        );
    }

    #[test]
    fn text_cannot_change_its_direction() {
        assert_eq!(plain("a\u{202e}b\u{2066}\n"), "a\u{fffd}b\u{fffd}\u{fffd}");
    }
}
