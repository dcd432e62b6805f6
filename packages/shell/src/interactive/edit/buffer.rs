// SPDX-License-Identifier: GPL-3.0-or-later
//! The edited text, its cursor, and how keys move in it. All positions are byte offsets at characters.

use std::ops::Range;
use unicode_width::UnicodeWidthChar as _;

/// What separates words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Words {
    /// Letters and digits make words; all else separates (emacs).
    Emacs,
    /// Letters, digits and `_` make words, and so does each run of other characters (vi's `w`).
    Vi,
    /// Blanks separate (vi's `W`).
    Big,
}

impl Words {
    /// The kind of a character; 0 separates.
    fn class(self, c: char) -> u8 {
        match self {
            Self::Emacs => u8::from(c.is_alphanumeric()),
            Self::Vi if c.is_alphanumeric() || c == '_' => 1,
            Self::Vi | Self::Big => 2 * u8::from(!c.is_whitespace()),
        }
    }
}

/// A text with a cursor in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Buffer {
    text: String,
    cursor: usize,
}

impl Buffer {
    pub fn new(text: &str, cursor: usize) -> Self {
        Self { text: text.to_owned(), cursor }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn at_end(&self) -> bool {
        self.cursor == self.text.len()
    }

    /// Sets the cursor.
    pub fn go(&mut self, cursor: usize) {
        debug_assert!(self.text.is_char_boundary(cursor));
        self.cursor = cursor;
    }

    /// Inserts text at the cursor and moves behind it.
    pub fn insert(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// Puts other text in the place of a range; the cursor is behind it.
    pub fn replace(&mut self, range: Range<usize>, text: &str) -> String {
        let old = self.text[range.clone()].to_owned();
        self.text.replace_range(range.clone(), text);
        self.cursor = range.start + text.len();
        old
    }

    /// Removes a range and returns it; the cursor is where it was.
    pub fn delete(&mut self, range: Range<usize>) -> String {
        self.replace(range, "")
    }

    /// The position after the character at `at`; characters without a width belong to the one before them.
    pub fn after(&self, at: usize) -> usize {
        let mut chars = self.text[at..].char_indices();
        chars.next();
        let next = chars.find(|&(_, c)| c.width() != Some(0));
        next.map_or(self.text.len(), |(offset, _)| at + offset)
    }

    /// The position of the character before `at`.
    pub fn before(&self, at: usize) -> usize {
        let previous = self.text[..at].char_indices().rfind(|&(_, c)| c.width() != Some(0));
        previous.map_or(0, |(offset, _)| offset)
    }

    /// `count` characters on, but not over the line's end.
    pub fn right(&self, at: usize, count: usize) -> usize {
        let end = self.line_end(at);
        (0..count).fold(at, |at, _| if at < end { self.after(at) } else { at })
    }

    /// `count` characters back, but not over the line's start.
    pub fn left(&self, at: usize, count: usize) -> usize {
        let start = self.line_start(at);
        (0..count).fold(at, |at, _| if at > start { self.before(at) } else { at })
    }

    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    pub fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline)
    }

    /// The first character of the line that is not blank.
    pub fn first_nonblank(&self, at: usize) -> usize {
        let (start, end) = (self.line_start(at), self.line_end(at));
        self.text[start..end].find(|c: char| !c.is_whitespace()).map_or(end, |offset| start + offset)
    }

    /// The position in the line above or below at the same column, or `None` if there is no such line.
    pub fn vertical(&self, at: usize, down: bool) -> Option<usize> {
        let start = self.line_start(at);
        let column = self.text[start..at].chars().count();
        let target = match down {
            true => self.line_end(at) + 1,
            false => self.line_start(start.checked_sub(1)?),
        };
        (target <= self.text.len()).then(|| self.right(target, column))
    }

    /// The character at a position.
    pub fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn class_at(&self, at: usize, words: Words) -> Option<u8> {
        self.char_at(at).map(|c| words.class(c))
    }

    fn skip(&self, mut at: usize, test: impl Fn(u8) -> bool, words: Words) -> usize {
        while self.class_at(at, words).is_some_and(&test) {
            at = self.after(at);
        }
        at
    }

    fn skip_back(&self, mut at: usize, test: impl Fn(u8) -> bool, words: Words) -> usize {
        while at > 0 && self.class_at(self.before(at), words).is_some_and(&test) {
            at = self.before(at);
        }
        at
    }

    /// The start of the next word (vi's `w`).
    pub fn next_word(&self, at: usize, words: Words) -> usize {
        let here = self.class_at(at, words).unwrap_or(0);
        let end = if here == 0 { at } else { self.skip(at, |class| class == here, words) };
        self.skip(end, |class| class == 0, words)
    }

    /// The position behind the word here or the next one (emacs' `M-f`).
    pub fn word_end(&self, at: usize, words: Words) -> usize {
        let start = self.skip(at, |class| class == 0, words);
        match self.class_at(start, words) {
            Some(class) => self.skip(start, |other| other == class, words),
            None => start,
        }
    }

    /// The start of the word here or before (`b`, `M-b`).
    pub fn previous_word(&self, at: usize, words: Words) -> usize {
        let end = self.skip_back(at, |class| class == 0, words);
        if end == 0 {
            return 0;
        }
        match self.class_at(self.before(end), words) {
            Some(class) => self.skip_back(end, |other| other == class, words),
            None => end,
        }
    }

    /// The last character of the word after the one at `at` (vi's `e`).
    pub fn last_of_word(&self, at: usize, words: Words) -> usize {
        let next = self.after(at);
        let end = self.word_end(next, words);
        if end > next { self.before(end) } else { at }
    }

    /// The `count`th `wanted` in the line, after the cursor or before it.
    pub fn find(&self, wanted: char, forward: bool, count: usize) -> Option<usize> {
        let nth = count.max(1) - 1;
        if forward {
            let from = self.right(self.cursor, 1);
            let line = &self.text[from..self.line_end(self.cursor)];
            line.match_indices(wanted).nth(nth).map(|(offset, _)| from + offset)
        } else {
            let start = self.line_start(self.cursor);
            self.text[start..self.cursor].rmatch_indices(wanted).nth(nth).map(|(offset, _)| start + offset)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A buffer from text with `|` at the cursor.
    fn buffer(marked: &str) -> Buffer {
        let cursor = marked.find('|').unwrap();
        Buffer::new(&marked.replacen('|', "", 1), cursor)
    }

    fn check(marked: &str, motion: impl Fn(&Buffer) -> usize, wanted: &str) {
        let mut buffer = buffer(marked);
        buffer.go(motion(&buffer));
        let mut shown = buffer.text().to_owned();
        shown.insert(buffer.cursor(), '|');
        assert_eq!(shown, wanted, "from {marked:?}");
    }

    #[test]
    fn words() {
        use Words::{Big, Emacs, Vi};
        for (words, marked, next, end, previous) in [
            (Emacs, "|foo-bar baz", "foo-|bar baz", "foo|-bar baz", "|foo-bar baz"),
            (Vi, "|foo-bar baz", "foo|-bar baz", "foo|-bar baz", "|foo-bar baz"),
            (Big, "|foo-bar baz", "foo-bar |baz", "foo-bar| baz", "|foo-bar baz"),
            (Emacs, "a.b/c_d| e", "a.b/c_d |e", "a.b/c_d e|", "a.b/c_|d e"),
            (Vi, "a.b/c_d| e", "a.b/c_d |e", "a.b/c_d e|", "a.b/|c_d e"),
            (Big, "a.b/c_d| e", "a.b/c_d |e", "a.b/c_d e|", "|a.b/c_d e"),
            (Vi, "x  |", "x  |", "x  |", "|x  "),
            (Vi, "|", "|", "|", "|"),
            (Vi, "é|à 漢字", "éà |漢字", "éà| 漢字", "|éà 漢字"),
        ] {
            check(marked, |b| b.next_word(b.cursor(), words), next);
            check(marked, |b| b.word_end(b.cursor(), words), end);
            check(marked, |b| b.previous_word(b.cursor(), words), previous);
        }
        for (marked, wanted) in [("|foo bar", "fo|o bar"), ("fo|o bar", "foo ba|r"), ("foo ba|r", "foo ba|r")]
        {
            check(marked, |b| b.last_of_word(b.cursor(), Vi), wanted);
        }
    }

    #[test]
    fn characters() {
        // e with a combining acute accent is one character to the person.
        check("e\u{301}|x", |b| b.left(b.cursor(), 1), "|e\u{301}x");
        check("|e\u{301}x", |b| b.right(b.cursor(), 1), "e\u{301}|x");
        check("漢|字", |b| b.right(b.cursor(), 9), "漢字|");
        check("a\n|b", |b| b.left(b.cursor(), 1), "a\n|b");
        check("a|\nb", |b| b.right(b.cursor(), 1), "a|\nb");
    }

    #[test]
    fn lines() {
        check("one\ntw|o", |b| b.line_start(b.cursor()), "one\n|two");
        check("o|ne\ntwo", |b| b.line_end(b.cursor()), "one|\ntwo");
        check("  a|b", |b| b.first_nonblank(b.cursor()), "  |ab");
        check("one|\nto\nthree", |b| b.vertical(b.cursor(), true).unwrap(), "one\nto|\nthree");
        check("one\nto\nth|ree", |b| b.vertical(b.cursor(), false).unwrap(), "one\nto|\nthree");
        check("one|\n", |b| b.vertical(b.cursor(), true).unwrap(), "one\n|");
        assert_eq!(buffer("on|e\ntwo").vertical(2, false), None);
        assert_eq!(buffer("one\ntw|o").vertical(6, true), None);
    }

    #[test]
    fn finding() {
        let text = buffer("a.b.c|.d.e");
        assert_eq!(text.find('.', true, 1), Some(7));
        assert_eq!(text.find('.', false, 2), Some(1));
        assert_eq!(text.find('x', true, 1), None);
        assert_eq!(text.find('.', true, 3), None);
    }

    #[test]
    fn changes() {
        let mut text = buffer("ab|cd");
        text.insert("漢");
        assert_eq!((text.text(), text.cursor()), ("ab漢cd", 5));
        assert_eq!(text.delete(1..5), "b漢");
        assert_eq!((text.text(), text.cursor()), ("acd", 1));
        assert_eq!(text.replace(0..2, "xyz"), "ac");
        assert_eq!((text.text(), text.cursor()), ("xyzd", 3));
    }
}
