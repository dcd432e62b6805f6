// SPDX-License-Identifier: MIT OR Apache-2.0
//! The position in the current text, and the part that is on the screen.

use super::keys::Action;
use crate::document::Document;
use crate::options::Options;
use crate::render::{self, Style};
use regex::bytes::{Regex, RegexBuilder};

const HELP: &str = "q quit  space b page  j k line  d u half  g G ends  / ? n N search  :n :p file";

/// The first row on the screen: a line, and one of the rows that it is folded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Top {
    line: usize,
    row: usize,
}

pub struct View {
    pub options: Options,
    pub message: Option<String>,
    documents: Vec<Document>,
    current: usize,
    height: usize,
    columns: usize,
    top: Top,
    /// Cells that are left of the screen, where lines are cut.
    shift: usize,
    pattern: Option<(Regex, bool)>,
}

impl View {
    pub fn new(options: Options, documents: Vec<Document>, rows: usize, columns: usize) -> Self {
        let top = Top { line: 0, row: 0 };
        let mut view = View {
            options,
            message: None,
            documents,
            current: 0,
            height: 1,
            columns,
            top,
            shift: 0,
            pattern: None,
        };
        view.resize(rows, columns);
        view
    }

    pub fn resize(&mut self, rows: usize, columns: usize) {
        self.height = rows.saturating_sub(1).max(1);
        self.columns = columns.max(1);
        self.top.row = 0;
    }

    /// Rows for text.
    pub fn height(&self) -> usize {
        self.height
    }

    /// `text` in one row, which the cursor stays in: of a longer one the end.
    pub fn clip(&self, text: &str) -> String {
        let style = Style { columns: usize::MAX, colors: false, found: None };
        let row = render::rows(text.as_bytes(), &style).remove(0);
        let over = row.chars().count().saturating_sub(self.columns - 1);
        row.chars().skip(over).collect()
    }

    fn document(&mut self) -> &mut Document {
        &mut self.documents[self.current]
    }

    /// Whether all texts together fit on the screen.
    pub fn fits(&mut self) -> bool {
        if self.documents.len() > 1 {
            return false;
        }
        let height = self.height;
        self.document().load(height + 1);
        let document = &self.documents[self.current];
        document.is_complete() && (0..document.len()).map(|n| self.fold(n).len()).sum::<usize>() <= height
    }

    /// The text as it is, where it fits.
    pub fn whole(&self) -> Vec<u8> {
        let document = &self.documents[self.current];
        let mut text = Vec::new();
        for line in (0..document.len()).filter_map(|n| document.line(n)) {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        text
    }

    /// The rows of a line.
    fn fold(&self, n: usize) -> Vec<String> {
        let Some(line) = self.documents[self.current].line(n) else { return Vec::new() };
        let number = if self.options.numbers { format!("{:7} ", n + 1) } else { String::new() };
        let columns = self.columns.saturating_sub(number.len()).max(1);
        let found = self.pattern.as_ref().map(|(pattern, _)| pattern);
        let width = if self.options.chop { usize::MAX } else { columns };
        let mut rows = render::rows(line, &Style { columns: width, colors: self.options.colors, found });
        if self.options.chop {
            rows = vec![cut(&rows[0], self.shift, columns)];
        }
        for (n, row) in rows.iter_mut().enumerate() {
            let number = if n == 0 { number.clone() } else { " ".repeat(number.len()) };
            row.insert_str(0, &number);
        }
        rows
    }

    /// What is on the screen, `~` after the end.
    pub fn rows(&mut self) -> Vec<String> {
        let (top, height) = (self.top, self.height);
        self.document().load(top.line + height + 1);
        let mut rows: Vec<String> = Vec::new();
        let mut line = top.line;
        while rows.len() < height + top.row {
            let folded = self.fold(line);
            if folded.is_empty() {
                break;
            }
            rows.extend(folded);
            line += 1;
        }
        rows.drain(..top.row.min(rows.len()));
        rows.resize(height, "~".to_owned());
        rows
    }

    /// The line at the bottom.
    pub fn prompt(&mut self) -> String {
        if let Some(message) = &self.message {
            return message.clone();
        }
        let name = self.documents[self.current].name.clone();
        let several = match self.documents.len() {
            1 => String::new(),
            all => format!(" (file {} of {all})", self.current + 1),
        };
        if self.is_at_end() {
            let next = if self.current + 1 < self.documents.len() { " - next: :n" } else { "" };
            return format!("{name}{several} (END){next}");
        }
        format!("{name}{several} line {}", self.top.line + 1)
    }

    /// Whether the end of the text is on the screen.
    pub fn is_at_end(&mut self) -> bool {
        let (top, height) = (self.top, self.height);
        self.document().load(top.line + height + 1);
        let document = &self.documents[self.current];
        document.is_complete() && {
            let rows: usize =
                (top.line..document.len().min(top.line + height + 1)).map(|n| self.fold(n).len()).sum();
            top.line + height + 1 > document.len() && rows <= height + top.row
        }
    }

    /// Shows line `line`, from 0, at the top.
    pub fn go_to(&mut self, line: usize) {
        self.document().load(line + 1);
        let last = self.document().len().saturating_sub(1);
        self.top = Top { line: line.min(last), row: 0 };
    }

    /// Shows the end at the bottom.
    pub fn go_to_end(&mut self) {
        self.document().load_all();
        self.top = Top { line: self.document().len(), row: 0 };
        self.up(self.height);
    }

    /// Reads what has been written since; whether there was anything.
    pub fn follow(&mut self) -> bool {
        self.document().follow()
    }

    fn down(&mut self, rows: usize) {
        for _ in 0..rows {
            if self.is_at_end() {
                return;
            }
            self.top.row += 1;
            if self.top.row >= self.fold(self.top.line).len() {
                self.top = Top { line: self.top.line + 1, row: 0 };
            }
        }
    }

    fn up(&mut self, rows: usize) {
        for _ in 0..rows {
            match self.top {
                Top { line: 0, row: 0 } => return,
                Top { line, row: 0 } => {
                    let last = self.fold(line - 1).len().saturating_sub(1);
                    self.top = Top { line: line - 1, row: last };
                }
                Top { line, row } => self.top = Top { line, row: row - 1 },
            }
        }
    }

    /// Searches for `pattern`, or where it is empty for the one before.
    pub fn search(&mut self, pattern: &str, forward: bool) {
        if !pattern.is_empty() {
            let has_capitals = pattern.chars().any(char::is_uppercase);
            let any_case = self.options.ignore_all_case || (self.options.ignore_case && !has_capitals);
            match RegexBuilder::new(pattern).unicode(false).case_insensitive(any_case).build() {
                Ok(regex) => self.pattern = Some((regex, forward)),
                Err(_) => {
                    self.message = Some(format!("{pattern}: not a regular expression"));
                    return;
                }
            }
        }
        self.again(true);
    }

    fn again(&mut self, same: bool) {
        let Some((pattern, forward)) = self.pattern.clone() else {
            self.message = Some("nothing was searched for".to_owned());
            return;
        };
        let line = self.top.line;
        let found = if forward == same {
            self.document().find(&pattern, line + 1)
        } else {
            self.documents[self.current].find_back(&pattern, line)
        };
        // A first search also finds matches at the top.
        match found
            .or_else(|| self.document().find(&pattern, line).filter(|found| *found == line && line == 0))
        {
            Some(line) => self.top = Top { line, row: 0 },
            None => self.message = Some("pattern not found".to_owned()),
        }
    }

    /// `-N`, `-S`, `-R`, `-i` while it runs.
    pub fn toggle(&mut self, letter: &str) {
        let flag = match letter {
            "N" | "n" => &mut self.options.numbers,
            "S" => &mut self.options.chop,
            "R" | "r" => &mut self.options.colors,
            "i" => &mut self.options.ignore_case,
            _ => {
                self.message = Some(format!("-{letter}: no such option"));
                return;
            }
        };
        *flag = !*flag;
        self.top.row = 0;
    }

    /// `:n`, `:p`.
    pub fn command(&mut self, command: &str) {
        let next = match command {
            "n" if self.current + 1 < self.documents.len() => self.current + 1,
            "p" if self.current > 0 => self.current - 1,
            "n" | "p" => {
                self.message = Some("no such file".to_owned());
                return;
            }
            _ => return,
        };
        self.current = next;
        self.top = Top { line: 0, row: 0 };
    }

    /// Moves, or shows a message. `count` is the number that was typed.
    pub fn act(&mut self, action: Action, count: Option<usize>) {
        let half = self.height / 2;
        match action {
            Action::Down => self.down(count.unwrap_or(1)),
            Action::Up => self.up(count.unwrap_or(1)),
            Action::Forward => self.down(count.unwrap_or(self.height)),
            Action::Backward => self.up(count.unwrap_or(self.height)),
            Action::HalfForward => self.down(count.unwrap_or(half)),
            Action::HalfBackward => self.up(count.unwrap_or(half)),
            Action::Right => (self.options.chop, self.shift) = (true, self.shift + self.columns / 2),
            Action::Left => self.shift = self.shift.saturating_sub(self.columns / 2),
            Action::Start => self.go_to(count.unwrap_or(1).saturating_sub(1)),
            Action::End => match count {
                Some(line) => self.go_to(line.saturating_sub(1)),
                None => self.go_to_end(),
            },
            Action::Percent => {
                self.document().load_all();
                let lines = self.document().len();
                self.go_to(lines * count.unwrap_or(0).min(100) / 100);
            }
            Action::Again { same } => self.again(same),
            Action::Status => {
                self.document().load_all();
                let (line, all) = (self.top.line + 1, self.document().len());
                self.message = Some(format!("{} line {line} of {all}", self.document().name));
            }
            Action::Help => self.message = Some(HELP.to_owned()),
            _ => {}
        }
    }
}

/// `columns` cells of a row from cell `shift` on; sequences of colours are kept, and take no cell.
fn cut(row: &str, shift: usize, columns: usize) -> String {
    let (mut text, mut at, mut rest) = (String::new(), 0, row);
    while let Some(c) = rest.chars().next() {
        let color = render::color(rest.as_bytes());
        let length = if color > 0 { color } else { c.len_utf8() };
        if color > 0 || (shift..shift + columns).contains(&at) {
            text += &rest[..length];
        }
        at += usize::from(color == 0);
        rest = &rest[length..];
    }
    text
}

#[cfg(test)]
mod tests;
