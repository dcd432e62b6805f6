// SPDX-License-Identifier: MIT OR Apache-2.0
//! The current line of a terminal: characters, cursor, and the control sequences that act on one line.

use crate::escape;

/// A line longer than this is cut into several: a guest that never ends its line must not use up the host's memory.
pub(crate) const MAX_CELLS: usize = 64 * 1024;

/// One line under construction.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    cells: Vec<Cell>,
    cursor: usize,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Char(char),
    Byte(u8),
}

impl Screen {
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.cells.len() >= MAX_CELLS
    }

    pub(crate) fn put_char(&mut self, character: char) {
        self.put(Cell::Char(character));
    }

    pub(crate) fn put_byte(&mut self, byte: u8) {
        self.put(Cell::Byte(byte));
    }

    fn put(&mut self, cell: Cell) {
        // The cursor can stand behind the end after a movement to the right.
        while self.cells.len() < self.cursor {
            self.cells.push(Cell::Char(' '));
        }
        match self.cells.get_mut(self.cursor) {
            Some(old) => *old = cell,
            None => self.cells.push(cell),
        }
        self.cursor += 1;
    }

    pub(crate) fn carriage_return(&mut self) {
        self.cursor = 0;
    }

    pub(crate) fn left(&mut self, columns: usize) {
        self.cursor = self.cursor.saturating_sub(columns);
    }

    /// `ESC [ parameters final`: cursor movements within the line and erasures are applied, the rest is decoration.
    pub(crate) fn control_sequence(&mut self, parameters: &[u8], last: u8) {
        let number = std::str::from_utf8(parameters).ok().and_then(|text| text.parse::<usize>().ok());
        let count = number.unwrap_or(1).clamp(1, MAX_CELLS);
        match last {
            b'C' => self.cursor = (self.cursor + count).min(MAX_CELLS - 1),
            b'D' => self.left(count),
            b'G' => self.cursor = count - 1,
            b'K' => match number.unwrap_or(0) {
                0 => self.cells.truncate(self.cursor),
                1 => {
                    let end = (self.cursor + 1).min(self.cells.len());
                    self.cells[..end].fill(Cell::Char(' '));
                }
                _ => self.cells.clear(),
            },
            _ => {}
        }
    }

    /// The line's text; the screen is empty afterwards.
    pub(crate) fn take(&mut self) -> String {
        self.cursor = 0;
        let cells = std::mem::take(&mut self.cells);
        let mut text = String::with_capacity(cells.len());
        let mut bytes = Vec::with_capacity(cells.len());
        for cell in cells {
            match cell {
                // A tab is the one control character that stays: logs are full of them.
                Cell::Char('\t') => {
                    text.push_str(&escape::escape(&bytes));
                    bytes.clear();
                    text.push('\t');
                }
                Cell::Char(character) => {
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Cell::Byte(byte) => bytes.push(byte),
            }
        }
        text.push_str(&escape::escape(&bytes));
        text
    }
}
