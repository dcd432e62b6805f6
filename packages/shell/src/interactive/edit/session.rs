// SPDX-License-Identifier: GPL-3.0-or-later
//! The state of a line during editing, with the actions of both sets of keys. No input or output on a terminal.

use super::buffer::{Buffer, Words};
use super::emacs::Emacs;
use super::key::Key;
use super::search::Search;
use super::vi::Vi;
use crate::history::Shared;
use std::ops::Range;

/// How many killed texts are kept.
const KILLS: usize = 32;

/// What the editor has to do after a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Show the line.
    Show,
    /// The key had no effect.
    Bell,
    /// The line is complete.
    Accept,
    /// The input ends.
    Eof,
    /// The line is given up.
    Interrupt,
    /// Complete the word before the cursor.
    Complete,
    /// List what the word before the cursor could become.
    List,
    /// Put all that the word before the cursor could become in its place.
    Expand,
    /// Clear the screen.
    Clear,
    /// Hand the line to an editor program.
    EditExternally,
    /// Type the value of the alias `_x` (vi's `@x`).
    Alias(char),
}

/// The kind of the previous change: kinds that go together are undone or killed together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Group {
    #[default]
    Other,
    Insert,
    Kill,
    Yank,
    LastWord,
}

/// Which keys edit.
#[derive(Debug)]
enum Keymap {
    Emacs(Emacs),
    Vi(Vi),
}

/// A line during editing, and the state that is kept from line to line.
#[derive(Debug)]
pub struct Session {
    pub buffer: Buffer,
    pub history: Shared,
    pub search: Option<Search>,
    keymap: Keymap,
    /// The number of the history entry that is shown; the next number stands for the new line.
    position: usize,
    /// The new line while an entry is shown.
    draft: Buffer,
    undo: Vec<Buffer>,
    previous: Group,
    group: Group,
    kills: Vec<String>,
    /// Where the text of the last yank, or the last word of an entry, is.
    inserted: Range<usize>,
    /// What the last yank or last-word command took, counted from the newest.
    taken: usize,
    /// The next key is inserted as it is.
    quoted: bool,
    /// The last pattern that was searched for, and whether forward.
    pub last_pattern: (String, bool),
}

impl Session {
    pub fn new(history: Shared) -> Self {
        Self {
            buffer: Buffer::default(),
            history,
            search: None,
            keymap: Keymap::Emacs(Emacs::default()),
            position: 0,
            draft: Buffer::default(),
            undo: Vec::new(),
            previous: Group::Other,
            group: Group::Other,
            kills: Vec::new(),
            inserted: 0..0,
            taken: 0,
            quoted: false,
            last_pattern: (String::new(), false),
        }
    }

    /// Begins a new line, with vi's keys if `vi`.
    pub fn start(&mut self, vi: bool) {
        self.buffer = Buffer::default();
        self.draft = Buffer::default();
        self.position = self.history.0.borrow().next();
        self.search = None;
        self.undo.clear();
        self.group = Group::Other;
        self.quoted = false;
        match (&mut self.keymap, vi) {
            (Keymap::Vi(keys), true) => keys.start(),
            (keymap, true) => *keymap = Keymap::Vi(Vi::default()),
            (keymap, false) => *keymap = Keymap::Emacs(Emacs::default()),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Step {
        self.previous = std::mem::take(&mut self.group);
        if std::mem::take(&mut self.quoted) {
            return self.insert_literally(&key);
        }
        if key == Key::Interrupt {
            return Step::Interrupt;
        }
        if let Some(mut search) = self.search.take()
            && let Some(step) = search.key(self, &key)
        {
            return step;
        }
        match &mut self.keymap {
            Keymap::Emacs(keys) => {
                let mut keys = std::mem::take(keys);
                let step = keys.key(self, key);
                self.keymap = Keymap::Emacs(keys);
                step
            }
            Keymap::Vi(keys) => {
                let mut keys = std::mem::take(keys);
                let step = keys.key(self, key);
                self.keymap = Keymap::Vi(keys);
                step
            }
        }
    }

    /// What takes the prompt's place, the text to show, and the cursor in it.
    pub fn view(&self) -> (Option<String>, &str, usize) {
        match &self.search {
            Some(search) => search.view(&self.buffer),
            None => (None, self.buffer.text(), self.buffer.cursor()),
        }
    }

    /// The keys that both sets have in common. `None` if the key is not one of them.
    pub fn common_key(&mut self, key: &Key) -> Option<Step> {
        let cursor = self.buffer.cursor();
        Some(match key {
            Key::Enter => Step::Accept,
            Key::Tab => Step::Complete,
            Key::Paste(text) => self.insert(text.strip_suffix('\n').unwrap_or(text)),
            Key::Left => self.go(self.buffer.left(cursor, 1)),
            Key::Right => self.go(self.buffer.right(cursor, 1)),
            Key::Home => self.go(self.buffer.line_start(cursor)),
            Key::End => self.go(self.buffer.line_end(cursor)),
            Key::WordLeft => self.go(self.buffer.previous_word(cursor, Words::Emacs)),
            Key::WordRight => self.go(self.buffer.word_end(cursor, Words::Emacs)),
            Key::Up => self.vertical(false),
            Key::Down => self.vertical(true),
            Key::PageUp => self.show_oldest(),
            Key::PageDown => self.show_new(),
            Key::Delete if self.buffer.at_end() => Step::Bell,
            Key::Delete => self.delete(cursor..self.buffer.after(cursor)),
            Key::Ctrl('L') => Step::Clear,
            Key::Ctrl('R' | 'S') => {
                self.search = Some(Search::incremental(self, *key == Key::Ctrl('R')));
                Step::Show
            }
            Key::Ctrl('V' | 'Q') => {
                self.quoted = true;
                Step::Show
            }
            _ => return None,
        })
    }

    fn insert_literally(&mut self, key: &Key) -> Step {
        let c = match *key {
            Key::Char(c) => c,
            Key::Ctrl(c) => char::from_u32(u32::from(c) & 0x1f).unwrap_or(c),
            Key::Enter => '\n',
            Key::Tab => '\t',
            Key::Escape => '\x1b',
            Key::Interrupt => '\x03',
            Key::Eof => '\x04',
            Key::Backspace => '\x7f',
            _ => return Step::Bell,
        };
        self.insert(c.encode_utf8(&mut [0; 4]))
    }

    // Moving and changing.

    pub fn go(&mut self, cursor: usize) -> Step {
        let moved = cursor != self.buffer.cursor();
        self.buffer.go(cursor);
        if moved { Step::Show } else { Step::Bell }
    }

    /// Remembers the text for [`Session::undo`], once for changes of the same kind in a row.
    fn remember(&mut self, group: Group) {
        if self.previous != group || group != Group::Insert {
            self.undo.push(self.buffer.clone());
        }
        self.group = group;
    }

    pub fn insert(&mut self, text: &str) -> Step {
        self.remember(Group::Insert);
        self.buffer.insert(text);
        Step::Show
    }

    /// Puts `text` in the place of a range, as one change.
    pub fn replace(&mut self, range: Range<usize>, text: &str) -> Step {
        self.remember(Group::Other);
        self.buffer.replace(range, text);
        Step::Show
    }

    /// Removes a range that is not kept.
    pub fn delete(&mut self, range: Range<usize>) -> Step {
        if range.is_empty() { Step::Bell } else { self.replace(range, "") }
    }

    /// Removes a range and keeps it; consecutive kills are kept together.
    pub fn kill(&mut self, range: Range<usize>) -> Step {
        if range.is_empty() {
            self.group = self.previous;
            return Step::Bell;
        }
        let before = range.end == self.buffer.cursor();
        self.remember(Group::Kill);
        let text = self.buffer.delete(range);
        match self.kills.last_mut() {
            Some(last) if self.previous == Group::Kill && before => last.insert_str(0, &text),
            Some(last) if self.previous == Group::Kill => last.push_str(&text),
            _ => self.keep(text),
        }
        Step::Show
    }

    /// Keeps text for a later [`Session::yank`].
    pub fn keep(&mut self, text: String) {
        self.kills.push(text);
        if self.kills.len() > KILLS {
            self.kills.remove(0);
        }
    }

    /// The text that was killed last.
    pub fn killed(&self) -> Option<String> {
        self.kills.last().cloned()
    }

    /// Inserts the last killed text.
    pub fn yank(&mut self) -> Step {
        let Some(text) = self.killed() else { return Step::Bell };
        let start = self.buffer.cursor();
        self.replace(start..start, &text);
        self.inserted = start..self.buffer.cursor();
        self.taken = 0;
        self.group = Group::Yank;
        Step::Show
    }

    /// Puts an older killed text in the place of the one just yanked.
    pub fn yank_older(&mut self) -> Step {
        if self.previous != Group::Yank {
            return Step::Bell;
        }
        self.taken = (self.taken + 1) % self.kills.len().max(1);
        let text = self.kills[self.kills.len() - 1 - self.taken].clone();
        self.replace(self.inserted.clone(), &text);
        self.inserted.end = self.buffer.cursor();
        self.group = Group::Yank;
        Step::Show
    }

    /// Inserts the last word of the newest entry; again, that of the entry before.
    pub fn last_word(&mut self) -> Step {
        let cursor = self.buffer.cursor();
        let (range, back) = match self.previous {
            Group::LastWord => (self.inserted.clone(), self.taken + 1),
            _ => (cursor..cursor, 1),
        };
        self.group = self.previous;
        let entry = {
            let history = self.history.0.borrow();
            history.next().checked_sub(back).and_then(|number| history.get(number))
        };
        let word = entry.as_deref().and_then(|entry| entry.split_whitespace().next_back());
        let Some(word) = word else { return Step::Bell };
        self.inserted.start = range.start;
        self.replace(range, word);
        self.inserted.end = self.buffer.cursor();
        self.taken = back;
        self.group = Group::LastWord;
        Step::Show
    }

    pub fn undo(&mut self) -> Step {
        match self.undo.pop() {
            Some(buffer) => {
                self.buffer = buffer;
                Step::Show
            }
            None => Step::Bell,
        }
    }

    /// Undoes all changes since the line was shown.
    pub fn undo_all(&mut self) -> Step {
        match self.undo.drain(..).next() {
            Some(buffer) => {
                self.buffer = buffer;
                Step::Show
            }
            None => Step::Bell,
        }
    }

    // The history.

    /// The number of the entry that is shown.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Shows an entry, or the new line for the next number.
    pub fn show_entry(&mut self, number: usize) -> Step {
        let (next, entry) = {
            let history = self.history.0.borrow();
            (history.next(), history.get(number))
        };
        let buffer = match entry {
            _ if number == self.position => return Step::Bell,
            Some(entry) => Buffer::new(&entry, entry.len()),
            None if number == next => self.draft.clone(),
            None => return Step::Bell,
        };
        if self.position == next {
            self.draft = std::mem::take(&mut self.buffer);
        }
        self.buffer = buffer;
        self.position = number;
        self.undo.clear();
        Step::Show
    }

    pub fn show_oldest(&mut self) -> Step {
        let oldest = self.history.0.borrow().oldest();
        self.show_entry(oldest)
    }

    /// Shows the new line again.
    pub fn show_new(&mut self) -> Step {
        let next = self.history.0.borrow().next();
        self.show_entry(next)
    }

    /// Shows the entry that is `count` newer or older, as far as there are.
    pub fn step_entry(&mut self, newer: bool, count: usize) -> Step {
        let (oldest, next) = {
            let history = self.history.0.borrow();
            (history.oldest(), history.next())
        };
        self.show_entry(if newer {
            self.position.saturating_add(count).min(next)
        } else {
            self.position.saturating_sub(count).max(oldest)
        })
    }

    /// Moves to another line of the text, or to another entry where there is no line.
    fn vertical(&mut self, down: bool) -> Step {
        match self.buffer.vertical(self.buffer.cursor(), down) {
            Some(target) => self.go(target),
            None => self.step_entry(down, 1),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::super::key::Decoder;
    use super::*;
    use crate::history::History;
    use std::cell::RefCell;
    use std::rc::Rc;

    pub fn session(entries: &[&str]) -> Session {
        let mut history = History::open(None, 100);
        entries.iter().for_each(|entry| history.begin(entry));
        history.commit();
        Session::new(Shared(Rc::new(RefCell::new(history))))
    }

    /// Types bytes; returns the text with `|` at the cursor, and the last step.
    pub fn type_in(session: &mut Session, bytes: &str) -> (String, Step) {
        let mut decoder = Decoder::default();
        let mut step = Step::Show;
        for byte in bytes.bytes() {
            if let Some(key) = decoder.push(byte) {
                step = session.key(key);
            }
        }
        if let Some(key) = decoder.timeout() {
            step = session.key(key);
        }
        let mut shown = session.buffer.text().to_owned();
        shown.insert(session.buffer.cursor(), '|');
        (shown, step)
    }
}
