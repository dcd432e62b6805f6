// SPDX-License-Identifier: GPL-3.0-or-later
//! The keys of vi (POSIX.1-2024, `sh`, "Command Line Editing (vi-mode)").

use super::buffer::Words;
use super::key::Key;
use super::motion::{Find, is_motion, target};
use super::search::Search;
use super::session::{Session, Step};

/// The greatest count.
const GREATEST: usize = 9999;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Mode {
    #[default]
    Insert,
    Replace,
    Command,
}

/// A command that waits for its next key.
#[derive(Clone, Copy, Debug, Default)]
enum Pending {
    #[default]
    None,
    Find(char),
    Replace(usize),
    Alias,
}

/// What the keys before have begun, and what `.`, `;` and `,` repeat.
#[derive(Debug, Default)]
pub struct Vi {
    mode: Mode,
    count: Option<usize>,
    /// `c`, `d` or `y` with its count, before the motion.
    operator: Option<(char, usize)>,
    pending: Pending,
    find: Option<Find>,
    /// The keys of the command that is being typed, and whether it changes the text.
    typed: Vec<Key>,
    changes: bool,
    /// The keys of the last command that changed the text.
    last_change: Vec<Key>,
}

impl Vi {
    /// Begins a new line: in insert mode.
    pub fn start(&mut self) {
        self.mode = Mode::Insert;
        self.reset();
        self.typed.clear();
        self.changes = false;
    }

    fn reset(&mut self) {
        self.count = None;
        self.operator = None;
        self.pending = Pending::None;
    }

    pub fn key(&mut self, session: &mut Session, key: Key) -> Step {
        // ESC and a character that came at once are two keys here.
        let second = match key {
            Key::Alt(c) => Some(Key::Char(c)),
            Key::AltBackspace => Some(Key::Backspace),
            _ => None,
        };
        if let Some(second) = second {
            self.key(session, Key::Escape);
            return self.key(session, second);
        }
        if self.mode == Mode::Command && self.is_idle() {
            self.typed.clear();
            self.changes = false;
        }
        self.typed.push(key.clone());
        let step = match self.mode {
            Mode::Command => self.command(session, key),
            Mode::Insert | Mode::Replace => self.insert(session, &key),
        };
        if self.mode == Mode::Command {
            if self.changes && self.is_idle() {
                self.last_change = std::mem::take(&mut self.typed);
                self.changes = false;
            }
            // The cursor is on a character, not behind the last.
            let buffer = &mut session.buffer;
            let (cursor, start) = (buffer.cursor(), buffer.line_start(buffer.cursor()));
            if cursor > start && cursor == buffer.line_end(cursor) && step != Step::Accept {
                buffer.go(buffer.before(cursor));
            }
        }
        step
    }

    fn is_idle(&self) -> bool {
        self.count.is_none() && self.operator.is_none() && matches!(self.pending, Pending::None)
    }

    fn insert(&mut self, session: &mut Session, key: &Key) -> Step {
        let cursor = session.buffer.cursor();
        match key {
            Key::Escape => {
                self.mode = Mode::Command;
                session.buffer.go(session.buffer.left(cursor, 1));
                Step::Show
            }
            Key::Char(c) if self.mode == Mode::Replace => {
                session.replace(cursor..session.buffer.right(cursor, 1), c.encode_utf8(&mut [0; 4]))
            }
            Key::Char(c) => session.insert(c.encode_utf8(&mut [0; 4])),
            Key::Backspace => session.delete(session.buffer.before(cursor)..cursor),
            Key::Ctrl('U') => session.delete(session.buffer.line_start(cursor)..cursor),
            Key::Ctrl('W') => session.delete(session.buffer.previous_word(cursor, Words::Vi)..cursor),
            Key::Eof if session.buffer.is_empty() => Step::Eof,
            key => session.common_key(key).unwrap_or(Step::Bell),
        }
    }

    fn command(&mut self, session: &mut Session, key: Key) -> Step {
        match std::mem::take(&mut self.pending) {
            Pending::None => {}
            Pending::Find(kind) => {
                let Key::Char(wanted) = key else { return self.give_up() };
                let (forward, beside) = (kind.is_ascii_lowercase(), kind.eq_ignore_ascii_case(&'t'));
                self.find = Some(Find { wanted, forward, beside });
                return self.move_to(session, ';');
            }
            Pending::Replace(count) => return self.replace(session, &key, count),
            Pending::Alias => {
                let Key::Char(letter) = key else { return self.give_up() };
                return Step::Alias(letter);
            }
        }
        let c = match key {
            Key::Char(c) => c,
            Key::Backspace | Key::Left => 'h',
            Key::Right => 'l',
            Key::Home => '0',
            Key::End => '$',
            Key::Up => 'k',
            Key::Down => 'j',
            Key::Delete => 'x',
            Key::Escape => return self.give_up(),
            Key::Eof if session.buffer.is_empty() => return Step::Eof,
            Key::Ctrl('R' | 'S') => {
                self.mode = Mode::Insert;
                return session.common_key(&key).unwrap_or(Step::Bell);
            }
            _ => {
                self.reset();
                return session.common_key(&key).unwrap_or(Step::Bell);
            }
        };
        match c {
            '1'..='9' => self.digit(c),
            '0' if self.count.is_some() => self.digit(c),
            'f' | 'F' | 't' | 'T' => self.pending = Pending::Find(c),
            'c' | 'd' | 'y' if self.operator.is_none() => self.operator = Some((c, self.take_count())),
            _ if self.operator.is_some() || is_motion(c) => return self.move_to(session, c),
            _ => return self.change(session, c),
        }
        Step::Show
    }

    fn digit(&mut self, digit: char) {
        let digit = digit.to_digit(10).map_or(0, |digit| digit as usize);
        self.count = Some((self.count.unwrap_or(0) * 10 + digit).min(GREATEST));
    }

    fn take_count(&mut self) -> usize {
        self.count.take().unwrap_or(1)
    }

    fn give_up(&mut self) -> Step {
        self.reset();
        Step::Bell
    }

    /// Moves the cursor by a motion, or applies the operator to the text up to there.
    fn move_to(&mut self, session: &mut Session, motion: char) -> Step {
        let operator = self.operator.take();
        let cursor = session.buffer.cursor();
        let column = self.count;
        let count = self.take_count().saturating_mul(operator.map_or(1, |(_, count)| count)).min(GREATEST);
        let Some((operator, _)) = operator else {
            let target = target(&session.buffer, motion, count, column, self.find);
            return target.map_or(Step::Bell, |target| session.go(target.at));
        };
        if motion == operator {
            let line = session.buffer.line_start(cursor)..session.buffer.line_end(cursor);
            return self.operate(session, operator, line.start, line.end);
        }
        let Some(target) = target(&session.buffer, motion, count, column, self.find) else {
            return Step::Bell;
        };
        let (start, mut end) = (cursor.min(target.at), cursor.max(target.at));
        if target.inclusive {
            end = session.buffer.right(end, 1);
        }
        if operator == 'c' && matches!(motion, 'w' | 'W') {
            // `cw` does not take the blanks behind the word.
            let words = session.buffer.text()[start..end].trim_end().len();
            end = if words == 0 { end } else { start + words };
        }
        self.operate(session, operator, start, end)
    }

    fn operate(&mut self, session: &mut Session, operator: char, start: usize, end: usize) -> Step {
        session.keep(session.buffer.text()[start..end].to_owned());
        match operator {
            'y' => {
                session.buffer.go(start);
                Step::Show
            }
            'd' => {
                self.changes = true;
                session.delete(start..end)
            }
            _ => {
                self.changes = true;
                self.mode = Mode::Insert;
                session.replace(start..end, "")
            }
        }
    }

    /// A command that is no motion.
    fn change(&mut self, session: &mut Session, c: char) -> Step {
        let explicit = self.count;
        let count = self.take_count();
        let cursor = session.buffer.cursor();
        let (start, end) = (session.buffer.line_start(cursor), session.buffer.line_end(cursor));
        let next = session.buffer.right(cursor, count);
        self.changes = matches!(
            c,
            'a' | 'A' | 'i' | 'I' | 'R' | 'C' | 'S' | 's' | 'D' | 'x' | 'X' | 'p' | 'P' | '~' | '_'
        );
        match c {
            'i' => self.insert_at(session, cursor),
            'a' => self.insert_at(session, session.buffer.right(cursor, 1)),
            'I' => self.insert_at(session, session.buffer.first_nonblank(cursor)),
            'A' => self.insert_at(session, end),
            'R' => {
                self.mode = Mode::Replace;
                Step::Show
            }
            'C' => self.operate(session, 'c', cursor, end),
            'S' => self.operate(session, 'c', start, end),
            's' => self.operate(session, 'c', cursor, next),
            'D' => self.operate(session, 'd', cursor, end),
            'Y' => self.operate(session, 'y', cursor, end),
            'x' => self.operate(session, 'd', cursor, next),
            'X' => self.operate(session, 'd', session.buffer.left(cursor, count), cursor),
            'r' => {
                self.pending = Pending::Replace(count);
                Step::Show
            }
            'p' => self.put(session, session.buffer.right(cursor, 1), count),
            'P' => self.put(session, cursor, count),
            '~' => swap_case(session, cursor, next),
            '_' => self.word_of_last_entry(session, explicit),
            '.' => self.repeat(session, explicit),
            'u' => session.undo(),
            'U' => session.undo_all(),
            'k' | '-' => self.entry(session, false, count),
            'j' | '+' => self.entry(session, true, count),
            'G' => {
                let oldest = session.history.0.borrow().oldest();
                let step = session.show_entry(explicit.unwrap_or(oldest));
                self.to_start(session, step)
            }
            '/' | '?' => {
                session.search = Some(Search::pattern(c == '?'));
                Step::Show
            }
            'n' | 'N' => {
                let forward = session.last_pattern.1 == (c == 'n');
                session.search_again(forward)
            }
            '#' => {
                session.replace(start..start, "#");
                Step::Accept
            }
            'v' => match explicit {
                Some(number) if session.show_entry(number) == Step::Bell => Step::Bell,
                _ => Step::EditExternally,
            },
            '@' => {
                self.pending = Pending::Alias;
                Step::Show
            }
            '=' | '\\' | '*' => {
                session.buffer.go(session.buffer.word_end(cursor, Words::Big));
                self.mode = Mode::Insert;
                match c {
                    '=' => Step::List,
                    '*' => Step::Expand,
                    _ => Step::Complete,
                }
            }
            _ => Step::Bell,
        }
    }

    fn insert_at(&mut self, session: &mut Session, at: usize) -> Step {
        self.mode = Mode::Insert;
        session.buffer.go(at);
        Step::Show
    }

    fn put(&mut self, session: &mut Session, at: usize, count: usize) -> Step {
        let Some(text) = session.killed() else { return Step::Bell };
        session.replace(at..at, &text.repeat(count));
        session.buffer.go(session.buffer.before(session.buffer.cursor()));
        Step::Show
    }

    fn replace(&mut self, session: &mut Session, key: &Key, count: usize) -> Step {
        let Key::Char(c) = *key else { return self.give_up() };
        let cursor = session.buffer.cursor();
        let end = session.buffer.right(cursor, count);
        if session.buffer.text()[cursor..end].chars().count() < count {
            return Step::Bell;
        }
        self.changes = true;
        session.replace(cursor..end, &c.to_string().repeat(count));
        session.buffer.go(session.buffer.before(session.buffer.cursor()));
        Step::Show
    }

    /// Appends a blank and a word of the newest entry, the last or the `number`th.
    fn word_of_last_entry(&mut self, session: &mut Session, number: Option<usize>) -> Step {
        let entry = {
            let history = session.history.0.borrow();
            history.get(history.next() - 1)
        };
        let mut words = entry.as_deref().unwrap_or_default().split_whitespace();
        let word = match number {
            Some(number) => words.nth(number.max(1) - 1),
            None => words.next_back(),
        };
        let Some(word) = word else { return Step::Bell };
        let at = session.buffer.right(session.buffer.cursor(), 1);
        self.mode = Mode::Insert;
        session.replace(at..at, &format!(" {word}"))
    }

    /// Types the last change again, with another count if there is one.
    fn repeat(&mut self, session: &mut Session, count: Option<usize>) -> Step {
        let keys = std::mem::take(&mut self.last_change);
        if keys.is_empty() {
            return Step::Bell;
        }
        let is_digit = |key: &&Key| matches!(key, Key::Char('0'..='9'));
        let digits = keys.iter().take_while(is_digit).count();
        self.typed.clear();
        self.count = count;
        let mut step = Step::Show;
        for key in &keys[if count.is_some() { digits } else { 0 }..] {
            step = self.command_or_insert(session, key.clone());
        }
        self.changes = false;
        self.last_change = keys;
        step
    }

    fn command_or_insert(&mut self, session: &mut Session, key: Key) -> Step {
        match self.mode {
            Mode::Command => self.command(session, key),
            Mode::Insert | Mode::Replace => self.insert(session, &key),
        }
    }

    /// Shows another entry, with the cursor at its start.
    fn entry(&mut self, session: &mut Session, newer: bool, count: usize) -> Step {
        let step = session.step_entry(newer, count);
        self.to_start(session, step)
    }

    /// Moves to the start of an entry that is shown.
    fn to_start(&self, session: &mut Session, step: Step) -> Step {
        if step == Step::Show {
            session.buffer.go(0);
        }
        step
    }
}

/// Changes upper case to lower and the other way round, and moves behind.
fn swap_case(session: &mut Session, start: usize, end: usize) -> Step {
    let swap = |c: char| -> Vec<char> {
        if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
    };
    let text: String = session.buffer.text()[start..end].chars().flat_map(swap).collect();
    session.replace(start..end, &text)
}

#[cfg(test)]
#[path = "vi_tests.rs"]
mod tests;
