// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a program does and takes, written once: `--help` prints it, and `tools/man` makes a page of the manual of it.

mod layout;
mod rows;
#[cfg(test)]
mod tests;

pub use rows::{Row, rows};

use layout::{WIDTH, table, wrap};
use std::fmt::Write;

/// The description of a program. Its name is not part of it, so that a program with two names has one description.
///
/// Tables ([`commands`](Help::commands), [`options`](Help::options), [`status`](Help::status), [`files`](Help::files)) are text: a
/// row has a term, two spaces or more, and what it means; lines that begin with a space continue the row, and a line that ends with a
/// colon is a heading ([`rows`]). Plain text costs less than a structure: in a position-independent program, each string in a
/// structure is a relocation at each start.
#[derive(Debug, Clone, Copy)]
pub struct Help {
    /// The section of the manual: 1 for commands of all users, 8 for those of the administrator, and for daemons.
    pub section: u8,
    /// What the program does, in the imperative, without a full stop: `create a group`.
    pub purpose: &'static str,
    /// Arguments, a line for each way to call the program.
    pub usage: &'static str,
    /// Paragraphs, with an empty line between two of them.
    pub text: &'static str,
    /// Table of commands, for programs whose first argument is one.
    pub commands: &'static str,
    /// Table of options and operands.
    pub options: &'static str,
    /// Table of exit statuses.
    pub status: &'static str,
    /// Table of files.
    pub files: &'static str,
    /// Related pages of the manual, with spaces between them: `passwd(1) shadow(5)`.
    pub see: &'static str,
}

impl Help {
    /// No description, and the usual exit statuses. Descriptions replace fields of it.
    pub const NONE: Help = Help {
        section: 1,
        purpose: "",
        usage: "",
        text: "",
        commands: "",
        options: "",
        status: "0  success\n1  failure\n2  usage error\n",
        files: "",
        see: "",
    };

    /// The usage lines of program `name`; the last has no line feed.
    #[must_use]
    pub fn usage_of(&self, name: &str) -> String {
        // A program without arguments has one way to be called.
        let ways = if self.usage.is_empty() { vec![""] } else { self.usage.lines().collect() };
        let mut out = String::new();
        for (number, arguments) in ways.iter().enumerate() {
            let first = format!("{}{name}", if number == 0 { "usage: " } else { "\n       " });
            let indent = first.trim_start_matches('\n').len() + 1;
            out += &wrap(&first, layout::arguments(arguments), indent);
        }
        out
    }

    /// What a usage error of program `name` prints below its message, without a line feed at the end.
    #[must_use]
    pub fn hint_of(&self, name: &str) -> String {
        format!("{}\nTry '{name} --help' for more information.", self.usage_of(name))
    }

    /// The text that `NAME --help` prints: at most 80 columns wide, with a line feed at its end.
    #[must_use]
    pub fn text_of(&self, name: &str) -> String {
        let mut out = self.usage_of(name);
        let mut purpose = self.purpose.to_owned();
        if let Some(first) = purpose.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let _ = write!(out, "\n\n{purpose}.\n");
        for paragraph in self.paragraphs() {
            let _ = write!(out, "\n{}\n", wrap("", paragraph.split_whitespace(), 0));
        }
        let tables = [
            ("Commands", rows(self.commands)),
            ("Options", self.options()),
            ("Exit status", rows(self.status)),
            ("Files", rows(self.files)),
        ];
        for (title, rows) in tables {
            if !rows.is_empty() {
                let _ = write!(out, "\n{title}:\n{}", table(&rows));
            }
        }
        if !self.see.is_empty() {
            let _ = write!(out, "\n{}\n", wrap("See also:", self.see.split(' '), 10));
        }
        out
    }

    /// The paragraphs of [`text`](Help::text).
    pub fn paragraphs(&self) -> impl Iterator<Item = &'static str> {
        self.text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty())
    }

    /// The rows of [`options`](Help::options), and `--help`, which every program has.
    #[must_use]
    pub fn options(&self) -> Vec<Row> {
        let mut all = rows(self.options);
        let help = Row { term: "--help", text: "print this help".to_owned() };
        // Among the options without a heading, which come first.
        let end = all.iter().position(Row::is_heading).unwrap_or(all.len());
        all.insert(end, help);
        all
    }

    /// What is wrong with the description, for tests: each defect a line.
    #[must_use]
    pub fn defects(&self, name: &str) -> Vec<String> {
        let text = self.text_of(name);
        let mut defects = Vec::new();
        let mut check = |holds: bool, defect: &str| {
            if !holds {
                defects.push(format!("{name}: {defect}"));
            }
        };
        check(
            self.purpose.starts_with(|first: char| first.is_ascii_lowercase()),
            "purpose starts in lower case",
        );
        check(!self.purpose.ends_with('.'), "purpose has no full stop");
        check(matches!(self.section, 1 | 8), "section is 1 or 8");
        check(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "text is ASCII");
        for line in text.lines() {
            check(line.len() <= WIDTH, &format!("line is wider than {WIDTH} columns: {line}"));
            check(line.trim_end() == line, &format!("line ends with a space: {line:?}"));
        }
        for row in [self.commands, self.options, self.status, self.files].into_iter().flat_map(rows) {
            let described = row.is_heading() || !row.text.is_empty();
            check(described && !row.term.is_empty(), &format!("row lacks a term or a text: {row:?}"));
        }
        for page in self.see.split_whitespace() {
            let section = page.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
            let known =
                section.is_some_and(|section| section.parse().is_ok_and(|number| (1..=8).contains(&number)));
            check(known, &format!("see also: {page} is not NAME(SECTION)"));
        }
        defects
    }
}
