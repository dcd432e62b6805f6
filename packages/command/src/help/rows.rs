// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the tables of a description.

/// A row of a table: a term, such as `-g, --gid GID`, and what it means; or a heading, which has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The term; of a heading, the whole line with its colon.
    pub term: &'static str,
    /// What the term means, with single spaces between words.
    pub text: String,
}

impl Row {
    /// Whether this is the heading of the rows that follow.
    #[must_use]
    pub fn is_heading(&self) -> bool {
        self.text.is_empty() && self.term.ends_with(':')
    }
}

/// The rows of `table`. A line is `TERM  TEXT`, with two spaces or more between the two; a line that begins with a space continues
/// the text of the row above; empty lines mean nothing.
#[must_use]
pub fn rows(table: &'static str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in table.lines() {
        let (term, text) =
            if line.starts_with(' ') { ("", line) } else { line.split_once("  ").unwrap_or((line, "")) };
        match rows.last_mut() {
            _ if line.trim().is_empty() => {}
            Some(row) if term.is_empty() => {
                row.text = format!("{} {}", row.text, text.trim()).trim_start().to_owned();
            }
            _ => rows.push(Row { term, text: text.trim().to_owned() }),
        }
    }
    rows
}
