// SPDX-License-Identifier: GPL-3.0-or-later
//! The keys of emacs, as readline has them.

use super::buffer::{Buffer, Words};
use super::key::Key;
use super::session::{Session, Step};

/// The greatest numeric argument.
const GREATEST: usize = 9999;

/// What the keys before have begun.
#[derive(Debug, Default)]
pub struct Emacs {
    /// ESC came alone: the next key is as with Alt.
    meta: bool,
    /// Ctrl-X came.
    prefix: bool,
    /// Ctrl-] came: find the next key; true for backwards.
    find: Option<bool>,
    argument: Option<usize>,
}

impl Emacs {
    pub fn key(&mut self, session: &mut Session, mut key: Key) -> Step {
        if std::mem::take(&mut self.meta) {
            key = match key {
                Key::Char(c) => Key::Alt(c),
                Key::Backspace => Key::AltBackspace,
                Key::Left => Key::WordLeft,
                Key::Right => Key::WordRight,
                other => other,
            };
        }
        if std::mem::take(&mut self.prefix) {
            return match key {
                Key::Ctrl('E') => Step::EditExternally,
                Key::Ctrl('U') => session.undo(),
                _ => Step::Bell,
            };
        }
        if let Some(backward) = self.find.take() {
            let target = match key {
                Key::Char(c) => session.buffer.find(c, !backward, self.count()),
                _ => None,
            };
            return target.map_or(Step::Bell, |target| session.go(target));
        }
        match key {
            Key::Escape => self.meta = true,
            Key::Ctrl('X') => self.prefix = true,
            Key::Alt(digit @ '0'..='9') => self.digit(digit),
            Key::Char(digit @ '0'..='9') if self.argument.is_some() => self.digit(digit),
            Key::Ctrl(']') => self.find = Some(false),
            key => {
                let count = self.count();
                return command(session, &key, count);
            }
        }
        Step::Show
    }

    fn digit(&mut self, digit: char) {
        let digit = digit.to_digit(10).map_or(0, |digit| digit as usize);
        self.argument = Some((self.argument.unwrap_or(0) * 10 + digit).min(GREATEST));
    }

    fn count(&mut self) -> usize {
        self.argument.take().unwrap_or(1)
    }
}

fn command(session: &mut Session, key: &Key, count: usize) -> Step {
    let cursor = session.buffer.cursor();
    let words = |session: &Session, step: fn(&Buffer, usize, Words) -> usize, words| {
        (0..count).fold(cursor, |at, _| step(&session.buffer, at, words))
    };
    match key {
        Key::Char(c) => session.insert(&c.to_string().repeat(count)),
        Key::Ctrl('A') => session.go(session.buffer.line_start(cursor)),
        Key::Ctrl('E') => session.go(session.buffer.line_end(cursor)),
        Key::Ctrl('B') | Key::Left => session.go(session.buffer.left(cursor, count)),
        Key::Ctrl('F') | Key::Right => session.go(session.buffer.right(cursor, count)),
        Key::Alt('b' | 'B') | Key::WordLeft => {
            let target = words(session, Buffer::previous_word, Words::Emacs);
            session.go(target)
        }
        Key::Alt('f' | 'F') | Key::WordRight => {
            let target = words(session, Buffer::word_end, Words::Emacs);
            session.go(target)
        }
        Key::Alt('<') => session.show_oldest(),
        Key::Alt('>') => session.show_new(),
        Key::Ctrl('P') => session.step_entry(false, count),
        Key::Ctrl('N') => session.step_entry(true, count),
        Key::Backspace => {
            let start = (0..count).fold(cursor, |at, _| session.buffer.before(at));
            session.delete(start..cursor)
        }
        Key::Eof if session.buffer.is_empty() => Step::Eof,
        Key::Eof | Key::Ctrl('D') | Key::Delete => {
            let end = (0..count).fold(cursor, |at, _| session.buffer.after(at));
            session.delete(cursor..end)
        }
        Key::Ctrl('K') => match session.buffer.line_end(cursor) {
            end if end == cursor => session.kill(cursor..session.buffer.after(cursor)),
            end => session.kill(cursor..end),
        },
        Key::Ctrl('U') => session.kill(session.buffer.line_start(cursor)..cursor),
        Key::Ctrl('W') => {
            let start = words(session, Buffer::previous_word, Words::Big);
            session.kill(start..cursor)
        }
        Key::AltBackspace => {
            let start = words(session, Buffer::previous_word, Words::Emacs);
            session.kill(start..cursor)
        }
        Key::Alt('d' | 'D') => {
            let end = words(session, Buffer::word_end, Words::Emacs);
            session.kill(cursor..end)
        }
        Key::Ctrl('Y') => session.yank(),
        Key::Alt('y' | 'Y') => session.yank_older(),
        Key::Alt('.' | '_') => session.last_word(),
        Key::Ctrl('_') => session.undo(),
        Key::Alt('r' | 'R') => session.undo_all(),
        Key::Ctrl('T') => transpose_characters(session),
        Key::Alt('t' | 'T') => transpose_words(session),
        Key::Alt('u' | 'U') => change_word(session, str::to_uppercase),
        Key::Alt('l' | 'L') => change_word(session, str::to_lowercase),
        Key::Alt('c' | 'C') => change_word(session, capitalized),
        Key::Alt('?' | '=') => Step::List,
        Key::Alt('*') => Step::Expand,
        Key::Alt('#') => {
            session.go(session.buffer.line_start(0));
            session.insert("#");
            Step::Accept
        }
        key => session.common_key(key).unwrap_or(Step::Bell),
    }
}

/// Exchanges the two characters around the cursor; at the end, the two before it.
fn transpose_characters(session: &mut Session) -> Step {
    let buffer = &session.buffer;
    let cursor = buffer.cursor();
    let middle = if cursor == buffer.line_end(cursor) { buffer.left(cursor, 1) } else { cursor };
    let (start, end) = (buffer.left(middle, 1), buffer.right(middle, 1));
    if start == middle || middle == end {
        return Step::Bell;
    }
    let text = format!("{}{}", &buffer.text()[middle..end], &buffer.text()[start..middle]);
    session.replace(start..end, &text)
}

/// Exchanges the word before the cursor and the one after it.
fn transpose_words(session: &mut Session) -> Step {
    let buffer = &session.buffer;
    let second_end = buffer.word_end(buffer.cursor(), Words::Emacs);
    let second = buffer.previous_word(second_end, Words::Emacs);
    let first = buffer.previous_word(second, Words::Emacs);
    let first_end = buffer.word_end(first, Words::Emacs);
    if first_end > second {
        return Step::Bell;
    }
    let text = buffer.text();
    let swapped =
        format!("{}{}{}", &text[second..second_end], &text[first_end..second], &text[first..first_end]);
    session.replace(first..second_end, &swapped)
}

fn change_word(session: &mut Session, change: fn(&str) -> String) -> Step {
    let cursor = session.buffer.cursor();
    let end = session.buffer.word_end(cursor, Words::Emacs);
    let text = change(&session.buffer.text()[cursor..end]);
    session.replace(cursor..end, &text)
}

fn capitalized(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .flat_map(|c| {
            let lower: Vec<char> = if std::mem::replace(&mut inside, c.is_alphanumeric()) {
                c.to_lowercase().collect()
            } else {
                c.to_uppercase().collect()
            };
            lower
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::session::tests::{session, type_in};
    use super::*;

    fn check(keys: &str, wanted: &str) {
        let mut session = session(&["echo one", "ls -l /tmp", "for i in 1\ndo :\ndone"]);
        session.start(false);
        assert_eq!(type_in(&mut session, keys).0, wanted, "{keys:?}");
    }

    #[test]
    fn moving() {
        for (keys, wanted) in [
            ("abc", "abc|"),
            ("ab\x02\x02c", "c|ab"),
            ("ab\x01c\x05d", "cabd|"),
            ("a b-c\x1bb\x1bb", "a |b-c"),
            ("a b-c\x01\x1bf\x1bf", "a b|-c"),
            ("ab\x1b[D\x1b[Dc\x1b[Cd", "cad|b"),
            ("ab cd\x1b[1;5D\x1b[1;5D", "|ab cd"),
            ("ab\x1b[H\x1b[F!", "ab!|"),
            ("漢字\x02x", "漢x|字"),
            ("abcabc\x01\x1b2\x1dc", "abcab|c"),
            ("a\x1b4b", "abbbb|"),
            ("a\x1b\x1b[D", "|a"),
        ] {
            check(keys, wanted);
        }
    }

    #[test]
    fn deleting_and_yanking() {
        for (keys, wanted) in [
            ("abc\x7f", "ab|"),
            ("abc\x01\x04", "|bc"),
            ("abc\x02\x02\x1b[3~", "a|c"),
            ("a b\x17c", "a c|"),
            ("a b c\x17\x17\x19", "a b c|"),
            ("ab cd\x01\x1bd\x0b\x19\x19", "ab cdab cd|"),
            ("ab\x15x\x19", "xab|"),
            ("one two\x1b\x7f\x19", "one two|"),
            ("a\x15b\x15\x19\x1by", "a|"),
            ("ab\x14", "ba|"),
            ("abc\x01\x06\x14", "ba|c"),
            ("one two\x1bt", "two one|"),
            ("one two\x01\x1bu\x1bc", "ONE Two|"),
            ("abc\x1f", "|"),
            ("ab\x17cd\x1f\x1f", "ab|"),
            ("a\x16\x03b", "a\x03b|"),
            ("e\u{301}\x7f", "|"),
        ] {
            check(keys, wanted);
        }
    }

    #[test]
    fn history() {
        for (keys, wanted) in [
            ("\x10", "for i in 1\ndo :\ndone|"),
            ("\x10\x10", "ls -l /tmp|"),
            ("\x1b[A\x1b[A\x1b[A", "for |i in 1\ndo :\ndone"),
            ("\x1b[A\x1b[A\x1b[A\x1b[A", "ls -l /tmp|"),
            ("new\x10\x10\x0e\x0e", "new|"),
            ("\x1b<", "echo one|"),
            ("\x1b<\x1b>", "|"),
            ("\x10\x10\x10\x10\x10\x10", "echo one|"),
            ("cat \x1b.", "cat done|"),
            ("cat \x1b.\x1b.", "cat /tmp|"),
            ("\x12 one", "echo| one"),
            ("\x12o", "f|or i in 1\ndo :\ndone"),
            ("\x12o\x12", "ech|o one"),
            ("\x12tmp\x07x", "x|"),
            ("a\x12tmp\x05!", "ls -l /tmp!|"),
            ("\x12tmpx\x7f\x7f", "ls -l /|tmp"),
            ("\x12nothing", "for i i|n 1\ndo :\ndone"),
        ] {
            check(keys, wanted);
        }
    }

    #[test]
    fn steps() {
        for (keys, wanted) in [
            ("a\r", Step::Accept),
            ("\x12one\r", Step::Accept),
            ("\x04", Step::Eof),
            ("a\x04", Step::Bell),
            ("a\x03", Step::Interrupt),
            ("\x12a\x03", Step::Interrupt),
            ("a\t", Step::Complete),
            ("\x0c", Step::Clear),
            ("a\x18\x05", Step::EditExternally),
            ("\x07", Step::Bell),
            ("a\x1b#", Step::Accept),
        ] {
            let mut session = session(&["echo one"]);
            session.start(false);
            assert_eq!(type_in(&mut session, keys).1, wanted, "{keys:?}");
        }
    }

    #[test]
    fn pastes() {
        check("\x1b[200~a\rb\r\x1b[201~c", "a\nbc|");
        check("\x1b[200~a\x01\tb\x1b[201~\x1f", "|");
    }
}
