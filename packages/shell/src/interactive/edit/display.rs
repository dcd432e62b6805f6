// SPDX-License-Identifier: GPL-3.0-or-later
//! The line on the screen: the output to a terminal that shows the prompt, the text and the cursor.
//!
//! Only what ECMA-48 and every emulator has is used: CR, cursor movements, erasing. The terminal is never asked anything.
//! After a change, only what follows the first difference is written.

use super::super::prompt::Prompt;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// Columns between tab stops.
const TAB: usize = 8;

/// The size of a terminal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// A place relative to the start of the prompt. A column equal to the number of columns is that of a cursor which waits
/// behind the last column: the next character goes to the next row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Place {
    row: usize,
    column: usize,
}

impl Place {
    /// Where something of this width ends that begins here; it begins in the next row if it does not fit.
    fn advance(self, width: usize, columns: usize) -> (Self, Self) {
        let start = if self.column + width > columns && width > 0 {
            Self { row: self.row + 1, column: 0 }
        } else {
            self
        };
        (start, Self { column: start.column + width, ..start })
    }

    /// The place where the next character would go.
    fn settled(self, columns: usize) -> Self {
        if self.column >= columns { Self { row: self.row + 1, column: 0 } } else { self }
    }
}

/// Something of the text that is shown as one.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Glyph {
    shown: String,
    place: Place,
    newline: bool,
}

/// Where everything is for one width of the terminal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Layout {
    glyphs: Vec<Glyph>,
    prompt_end: Place,
    cursor: Place,
    end: Place,
}

impl Layout {
    fn new(prompt: &str, text: &str, cursor: usize, columns: usize) -> Self {
        let mut at = Place::default();
        for c in prompt.chars() {
            at = match c {
                '\n' => Place { row: at.row + 1, column: 0 },
                c => at.advance(c.width().unwrap_or(0), columns).1,
            };
        }
        let mut layout = Self { prompt_end: at, cursor: at, ..Self::default() };
        for (offset, c) in text.char_indices() {
            if offset == cursor {
                layout.cursor = at.settled(columns);
            }
            let (shown, width) = glyph(c, at.settled(columns).column);
            if width == 0 && c != '\n' {
                match layout.glyphs.last_mut() {
                    Some(glyph) => glyph.shown.push(c),
                    None => layout.glyphs.push(Glyph { shown, place: at, newline: false }),
                }
                continue;
            }
            let (start, end) = if c == '\n' {
                // Behind a full row, the newline and the cursor before it are in the next one.
                let start = at.settled(columns);
                (start, Place { row: start.row + 1, column: 0 })
            } else {
                at.advance(width, columns)
            };
            layout.glyphs.push(Glyph { shown, place: start, newline: c == '\n' });
            at = end;
        }
        layout.end = at.settled(columns);
        if cursor >= text.len() {
            layout.cursor = layout.end;
        }
        layout
    }
}

/// How a character is shown at a column, and in how many columns.
fn glyph(c: char, column: usize) -> (String, usize) {
    match c {
        '\n' => (String::new(), 0),
        '\t' => {
            let width = TAB - column % TAB;
            (" ".repeat(width), width)
        }
        c if c.is_ascii_control() => (format!("^{}", char::from(c as u8 ^ 0x40)), 2),
        c if c.is_control() => ("\u{fffd}".into(), 1),
        c => (c.into(), c.width().unwrap_or(0)),
    }
}

/// What the terminal shows now.
#[derive(Debug, Default)]
pub struct Screen {
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    prompt: Prompt,
    text: String,
    cursor: usize,
    layout: Layout,
    size: Size,
    /// The first row that is on the screen, where the text has more rows than the screen.
    top: usize,
    /// Where the terminal's cursor is.
    at: Place,
}

impl Screen {
    /// Discards the state of the screen: the cursor is at a place where a prompt may begin.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// What to write so that the terminal shows this.
    pub fn show(&mut self, prompt: &Prompt, text: &str, cursor: usize, size: Size) -> String {
        let layout = Layout::new(&prompt.visible, text, cursor, size.columns);
        let top = top(&layout, size, self.shown.as_ref().map_or(0, |shown| shown.top));
        let mut pen = Pen {
            out: String::new(),
            at: Place::default(),
            columns: size.columns,
            visible: top..top + size.rows,
        };
        match &self.shown {
            Some(old) if old.prompt == *prompt && old.size == size && old.top == top => {
                pen.at = old.at;
                pen.update(&old.layout, &layout);
            }
            old => {
                if let Some(old) = old {
                    pen.home(old, size);
                }
                if top == 0 {
                    let newline = if old.is_some() { "\x1b[K\r\n" } else { "\r\n" };
                    pen.out.push_str(&prompt.text.replace('\n', newline));
                    pen.at = layout.prompt_end;
                } else {
                    pen.at = Place { row: top, column: 0 };
                }
                pen.glyphs(&layout.glyphs, old.is_some());
                pen.settle();
                if old.is_some() {
                    // Not before: an emulator may keep a copy of its screen when the whole screen is erased.
                    pen.out.push_str("\x1b[J");
                }
            }
        }
        pen.go(layout.cursor);
        let Pen { out, at, .. } = pen;
        self.shown =
            Some(Shown { prompt: prompt.clone(), text: text.to_owned(), cursor, layout, size, top, at });
        out
    }

    /// What to write so that the cursor is in a free row below the text.
    pub fn leave(&mut self) -> String {
        let Some(shown) = self.shown.take() else { return String::new() };
        let mut pen = Pen {
            out: String::new(),
            at: shown.at,
            columns: shown.size.columns,
            visible: shown.top..usize::MAX,
        };
        pen.go(shown.layout.end);
        pen.out.push_str("\r\n");
        pen.out
    }

    /// The output that removes the prompt and the text, and puts the cursor where they began.
    pub fn erase(&mut self) -> String {
        let Some(shown) = self.shown.take() else { return String::new() };
        let mut pen = Pen {
            out: String::new(),
            at: shown.at,
            columns: shown.size.columns,
            visible: shown.top..usize::MAX,
        };
        pen.home(&shown, shown.size);
        pen.out.push_str("\x1b[J");
        pen.out
    }
}

/// The first row to show: the cursor's row has to be on the screen.
fn top(layout: &Layout, size: Size, before: usize) -> usize {
    let rows = size.rows.max(1);
    let last = layout.end.row.max(layout.cursor.row);
    let lowest = (layout.cursor.row + 1).saturating_sub(rows);
    before.clamp(lowest, layout.cursor.row.max(lowest)).min((last + 1).saturating_sub(rows).max(lowest))
}

struct Pen {
    out: String,
    at: Place,
    columns: usize,
    visible: std::ops::Range<usize>,
}

impl Pen {
    /// Writes what differs from the old layout to the new one.
    fn update(&mut self, old: &Layout, new: &Layout) {
        let same = old.glyphs.iter().zip(&new.glyphs).take_while(|(old, new)| old == new).count();
        let rest = &new.glyphs[same..];
        if rest.is_empty() && old.glyphs.len() == same {
            return;
        }
        let first = rest.first().map_or(new.end, |glyph| glyph.place);
        // If a wide character has moved to the next row, its former cells have to be cleared.
        let gone = old.glyphs.get(same).map_or(first, |glyph| glyph.place);
        self.go(if gone.row < first.row { gone } else { first });
        self.glyphs(rest, true);
        self.settle();
        if old.end.row > new.end.row || (old.end.row == new.end.row && old.end.column > new.end.column) {
            self.out.push_str("\x1b[J");
        }
    }

    fn glyphs(&mut self, glyphs: &[Glyph], erase: bool) {
        for glyph in glyphs {
            if !self.visible.contains(&glyph.place.row) {
                continue;
            }
            if glyph.newline {
                self.settle();
                if erase && self.at.column < self.columns {
                    self.out.push_str("\x1b[K");
                }
                if self.visible.contains(&(self.at.row + 1)) {
                    self.out.push_str("\r\n");
                    self.at = Place { row: self.at.row + 1, column: 0 };
                }
                continue;
            }
            if glyph.place.row > self.at.row && self.at.column < self.columns && erase {
                // A wide character that does not fit leaves a column free.
                self.out.push_str("\x1b[K");
            }
            self.out.push_str(&glyph.shown);
            let width: usize = glyph.shown.chars().filter_map(|c| c.width()).sum();
            self.at = self.at.advance(width, self.columns).1;
        }
    }

    /// Ends a wait behind the last column, as the next character would.
    fn settle(&mut self) {
        if self.at.column >= self.columns && self.visible.contains(&(self.at.row + 1)) {
            self.out.push_str(" \r");
            self.at = self.at.settled(self.columns);
        }
    }

    /// Moves the cursor within the rows that have been written.
    fn go(&mut self, to: Place) {
        if self.at == to {
            return;
        }
        if to.row < self.at.row {
            let _ = write!(self.out, "\x1b[{}A", self.at.row - to.row);
        } else if to.row > self.at.row {
            let _ = write!(self.out, "\x1b[{}B", to.row - self.at.row);
        }
        if to.column == 0 {
            self.out.push('\r');
        } else if to.column < self.at.column && self.at.column < self.columns {
            let _ = write!(self.out, "\x1b[{}D", self.at.column - to.column);
        } else if to.column != self.at.column {
            let _ = match self.at.column {
                from if from < to.column => write!(self.out, "\x1b[{}C", to.column - from),
                _ => write!(self.out, "\r\x1b[{}C", to.column),
            };
        }
        self.at = to;
    }

    /// Moves to where the prompt begins. If the terminal has another size now, it has broken
    /// the lines anew, as emulators do: the cursor is where the old text has it at the new width.
    fn home(&mut self, old: &Shown, size: Size) {
        let row = if old.size.columns == size.columns {
            old.at.row - old.top
        } else {
            Layout::new(&old.prompt.visible, &old.text, old.cursor, size.columns).cursor.row
        };
        let up = row.min(size.rows.saturating_sub(1));
        if up > 0 {
            let _ = write!(self.out, "\x1b[{up}A");
        }
        self.out.push('\r');
        self.at = Place::default();
    }
}

#[cfg(test)]
#[path = "display_tests.rs"]
mod tests;
