// SPDX-License-Identifier: GPL-3.0-or-later
//! A terminal for tests: the part of ECMA-48 that the editor writes, and what emulators do at the right margin and when
//! their window is resized.

use unicode_width::UnicodeWidthChar as _;

/// A row of the screen.
#[derive(Clone, Debug, Default)]
struct Row {
    /// What each column shows; a wide character is followed by an empty string.
    cells: Vec<String>,
    /// The text goes on in the next row.
    wrapped: bool,
}

/// A terminal's screen. Rows that scroll off the top are kept.
#[derive(Clone, Debug)]
pub struct Emulator {
    columns: usize,
    height: usize,
    rows: Vec<Row>,
    row: usize,
    column: usize,
    /// Bytes of a character or a sequence that has not ended.
    partial: Vec<u8>,
    /// How often the bell rang.
    pub bells: usize,
}

impl Emulator {
    pub fn new(columns: usize, height: usize) -> Self {
        Self { columns, height, rows: vec![Row::default()], row: 0, column: 0, partial: Vec::new(), bells: 0 }
    }

    /// Takes output of a program.
    pub fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.partial.push(byte);
            let done = match self.partial[..] {
                [0x1b] => false,
                [0x1b, b'[', ref parameters @ .., last @ 0x40..=0x7e] => {
                    let parameters = String::from_utf8_lossy(parameters).into_owned();
                    self.control(&parameters, last);
                    true
                }
                [0x1b, b'[', ..] => false,
                [0x1b, ..] => true,
                ref bytes => match std::str::from_utf8(bytes).map(|text| text.chars().next()) {
                    Ok(Some(c)) => {
                        self.character(c);
                        true
                    }
                    _ => false,
                },
            };
            if done {
                self.partial.clear();
            }
        }
    }

    /// The text of the screen and of what scrolled off, without blanks at the ends of rows, and without empty rows at the
    /// end.
    pub fn text(&self) -> String {
        let rows: Vec<String> =
            self.rows.iter().map(|row| row.cells.concat().trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// The text with `|` where the cursor is.
    pub fn marked(&self) -> String {
        let mut copy = self.clone();
        let row = &mut copy.rows[copy.row];
        while row.cells.len() < copy.column {
            row.cells.push(" ".into());
        }
        row.cells.insert(copy.column, "|".into());
        copy.text()
    }

    /// Changes the width as emulators do that break long lines anew.
    pub fn resize(&mut self, columns: usize) {
        let mut rows = vec![];
        let mut cursor = None;
        let mut line: Vec<String> = vec![];
        for (number, row) in self.rows.iter().enumerate() {
            if number == self.row {
                cursor = Some(line.len() + self.column);
            }
            line.extend(row.cells.iter().cloned());
            if row.wrapped {
                continue;
            }
            if let Some(at) = cursor.take() {
                self.row = rows.len() + at / columns;
                self.column = at % columns;
                line.resize(line.len().max(at), " ".into());
            }
            let mut pieces: Vec<Row> =
                line.chunks(columns).map(|cells| Row { cells: cells.to_vec(), wrapped: true }).collect();
            if pieces.is_empty() {
                pieces.push(Row::default());
            }
            pieces.last_mut().unwrap().wrapped = false;
            rows.extend(pieces);
            line.clear();
        }
        rows.resize_with(rows.len().max(self.row + 1), Row::default);
        self.rows = rows;
        self.columns = columns;
    }

    /// The first row that is on the screen.
    fn first(&self) -> usize {
        self.rows.len().saturating_sub(self.height)
    }

    fn character(&mut self, c: char) {
        match c {
            '\r' => self.column = 0,
            '\n' => self.down(),
            '\x08' => self.column = self.column.saturating_sub(1),
            '\x07' => self.bells += 1,
            '\t' => self.column = (self.column / 8 * 8 + 8).min(self.columns - 1),
            c => match c.width() {
                Some(0) | None => {
                    if let Some(cell) =
                        self.column.checked_sub(1).and_then(|at| self.rows[self.row].cells.get_mut(at))
                    {
                        cell.push(c);
                    }
                }
                Some(width) => self.put(c, width),
            },
        }
    }

    fn put(&mut self, c: char, width: usize) {
        if self.column + width > self.columns {
            self.rows[self.row].wrapped = true;
            self.down();
            self.column = 0;
        }
        let cells = &mut self.rows[self.row].cells;
        while cells.len() < self.column + width {
            cells.push(" ".into());
        }
        cells[self.column] = c.into();
        for cell in &mut cells[self.column + 1..self.column + width] {
            cell.clear();
        }
        self.column += width;
    }

    fn down(&mut self) {
        self.row += 1;
        if self.row == self.rows.len() {
            self.rows.push(Row::default());
        }
    }

    fn control(&mut self, parameters: &str, last: u8) {
        let number = parameters.parse().unwrap_or(1);
        let last_column = self.columns - 1;
        match last {
            b'A' => self.row = self.row.saturating_sub(number).max(self.first()),
            b'B' => self.row = (self.row + number).min(self.rows.len() - 1),
            b'C' => self.column = (self.column + number).min(last_column),
            b'D' => self.column = self.column.min(last_column).saturating_sub(number),
            b'H' => (self.row, self.column) = (self.first(), 0),
            b'K' | b'J' if parameters.is_empty() => {
                let row = &mut self.rows[self.row];
                row.cells.truncate(self.column.min(last_column));
                row.wrapped = false;
                if last == b'J' {
                    self.rows.truncate(self.row + 1);
                }
            }
            b'J' if parameters == "2" => {
                let first = self.first();
                self.rows.truncate(first);
                self.rows.push(Row::default());
                (self.row, self.column) = (first, 0);
            }
            b'h' | b'l' | b'm' => {}
            other => panic!("the terminal does not know CSI {parameters} {}", char::from(other)),
        }
    }
}
