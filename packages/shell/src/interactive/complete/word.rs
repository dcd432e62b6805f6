// SPDX-License-Identifier: GPL-3.0-or-later
//! The word before the cursor, and what it is in the grammar. The line need not be complete, so this is no parser: it
//! knows quotes, operators and substitutions, and treats all else as words.

use super::quote::Quote;
use std::iter::Peekable;
use std::str::CharIndices;

/// Reserved words after which a command follows.
const BEFORE_COMMAND: &[&str] = &["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"];
/// Programs whose first operand is a command.
const TAKE_COMMAND: &[&str] =
    &["command", "type", "exec", "nohup", "nice", "env", "xargs", "which", "sudo", "watch"];
/// Commands whose operands are directories.
const TAKE_DIRECTORY: &[&str] = &["cd", "rmdir"];

/// What a word is to become.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// The name of a command.
    #[default]
    Command,
    /// A path.
    Path,
    /// The name of a variable, after `$` or `${`.
    Variable { braced: bool },
    /// The name of a user, after `~`.
    User,
    /// A word that begins with the output of a command.
    Unknown,
}

/// A word up to the cursor.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Word {
    pub kind: Kind,
    /// Where the word starts in the line; for a variable or a user, where the name starts.
    pub start: usize,
    /// The word without its quotes.
    pub text: String,
    /// The path of `text`, up to its last slash.
    pub directory: String,
    /// The rest of `text`, and where it starts in the line.
    pub base: String,
    pub base_start: usize,
    /// The quotes that are open where `base` starts.
    pub quote: Quote,
    /// The word begins with `~` that is not quoted.
    pub tilde: bool,
    /// The command takes directories only.
    pub wants_directory: bool,
}

/// Where a command substitution was entered.
#[derive(Debug)]
struct Outer {
    closing: char,
    quote: Quote,
    command: String,
}

impl Word {
    /// The word before `cursor`.
    pub fn before(line: &str, cursor: usize) -> Self {
        let mut scanner = Scanner { chars: line[..cursor].char_indices().peekable(), ..Scanner::new() };
        scanner.scan(cursor);
        scanner.finish(&line[..cursor])
    }
}

struct Scanner<'a> {
    chars: Peekable<CharIndices<'a>>,
    word: Word,
    /// A word has begun.
    inside: bool,
    quote: Quote,
    /// The next word is the name of a command.
    command_follows: bool,
    /// The next word is the target of a redirection.
    target_follows: bool,
    /// The name of the command whose operands are read.
    command: String,
    outer: Vec<Outer>,
    /// Where a `$` that is not quoted by `'` or `\` is, behind which only a name has come.
    dollar: Option<(usize, bool)>,
    /// Some of the word is quoted.
    quoted: bool,
}

impl Scanner<'_> {
    fn new() -> Self {
        Scanner {
            chars: "".char_indices().peekable(),
            word: Word::default(),
            inside: false,
            quote: Quote::None,
            command_follows: true,
            target_follows: false,
            command: String::new(),
            outer: Vec::new(),
            dollar: None,
            quoted: false,
        }
    }

    fn scan(&mut self, cursor: usize) {
        while let Some((at, c)) = self.chars.next() {
            match (self.quote, c) {
                (Quote::Single, '\'') => self.quote = Quote::None,
                (Quote::Single, c) => self.add(at, c, true),
                (_, '\\') => self.escape(at),
                (_, '$') => self.dollar(at),
                (_, '`') if self.outer.last().is_some_and(|outer| outer.closing == '`') => self.leave(at),
                (_, '`') => self.enter(at, '`'),
                (Quote::Double, '"') => self.quote = Quote::None,
                (Quote::Double, c) => self.add(at, c, true),
                (Quote::None, '\'' | '"') => {
                    self.begin(at);
                    self.quoted = true;
                    self.quote = if c == '"' { Quote::Double } else { Quote::Single };
                    self.dollar = None;
                    if self.word.base.is_empty() && self.word.base_start == at {
                        self.word.base_start = at + 1;
                        self.word.quote = self.quote;
                    }
                }
                (Quote::None, ')') if self.outer.last().is_some_and(|outer| outer.closing == ')') => {
                    self.leave(at)
                }
                (Quote::None, ' ' | '\t') => self.end_word(),
                (Quote::None, '\n' | ';' | '|' | '&' | '(' | ')') => {
                    self.end_word();
                    self.start_command();
                }
                (Quote::None, '<' | '>') => {
                    // The digits before are the descriptor's number, no word.
                    self.inside = false;
                    self.target_follows = true;
                    if let Some((_, '<' | '>' | '&' | '-' | '|')) = self.chars.peek() {
                        self.chars.next();
                    }
                }
                (Quote::None, '#') if !self.inside => {
                    while self.chars.next_if(|&(_, c)| c != '\n').is_some() {}
                }
                (Quote::None, c) => self.add(at, c, false),
            }
        }
        if !self.inside {
            self.begin(cursor);
        }
    }

    fn begin(&mut self, at: usize) {
        if self.inside {
            return;
        }
        self.inside = true;
        self.quoted = false;
        self.dollar = None;
        let is_command = self.command_follows && !self.target_follows;
        let kind = if is_command { Kind::Command } else { Kind::Path };
        self.word = Word { kind, start: at, base_start: at, ..Word::default() };
        self.word.wants_directory = !self.target_follows && TAKE_DIRECTORY.contains(&&*self.command);
    }

    /// Adds a character to the word.
    fn add(&mut self, at: usize, c: char, quoted: bool) {
        self.begin(at);
        let is_name = c.is_ascii_alphanumeric() || c == '_';
        if !is_name {
            self.dollar = None;
        }
        self.word.tilde |= c == '~' && !quoted && self.word.directory.is_empty() && self.word.base.is_empty();
        self.word.text.push(c);
        if c == '/' {
            self.word.directory.push_str(&self.word.base);
            self.word.directory.push('/');
            self.next_base(at + 1);
        } else {
            self.word.base.push(c);
        }
        // A path may follow `NAME=`, `--option=` and, in an assignment, `:`.
        let assigns = !quoted && (c == '=' || (c == ':' && self.word.text.contains('=')));
        if assigns && (self.word.kind == Kind::Path || is_assignment(&self.word.text)) {
            let start = self.word.start;
            let text = std::mem::take(&mut self.word.text);
            self.word = Word { kind: Kind::Path, start, text, ..Word::default() };
            self.next_base(at + 1);
        }
    }

    fn next_base(&mut self, start: usize) {
        self.word.base.clear();
        self.word.base_start = start;
        self.word.quote = self.quote;
    }

    fn escape(&mut self, at: usize) {
        self.begin(at);
        self.dollar = None;
        let Some((_, c)) = self.chars.next() else {
            // The backslash quotes the text to come; it is replaced with the rest of the word.
            return;
        };
        match (self.quote, c) {
            (_, '\n') => {}
            (Quote::Double, c) if !matches!(c, '$' | '`' | '"' | '\\') => {
                self.add(at, '\\', true);
                self.add(at + 1, c, true);
            }
            (_, c) => {
                self.quoted = true;
                self.add(at, c, true);
                if c == '/' {
                    self.word.base_start = at + 2;
                }
            }
        }
    }

    fn dollar(&mut self, at: usize) {
        match self.chars.peek() {
            Some((_, '(')) => {
                self.chars.next();
                self.enter(at, ')');
            }
            Some((_, '{')) => {
                self.add(at, '$', false);
                self.chars.next();
                self.add(at + 1, '{', false);
                self.dollar = Some((at + 2, true));
            }
            _ => {
                self.add(at, '$', false);
                self.dollar = Some((at + 1, false));
            }
        }
    }

    fn enter(&mut self, at: usize, closing: char) {
        self.begin(at);
        let command = std::mem::take(&mut self.command);
        self.outer.push(Outer { closing, quote: std::mem::take(&mut self.quote), command });
        self.inside = false;
        self.start_command();
    }

    /// Ends a substitution. What it yields is not known, so the word around it cannot be completed.
    fn leave(&mut self, at: usize) {
        if let Some(outer) = self.outer.pop() {
            self.quote = outer.quote;
            self.command = outer.command;
            self.command_follows = false;
            self.target_follows = false;
            self.inside = false;
            self.begin(at + 1);
            self.word.kind = Kind::Unknown;
        }
    }

    fn start_command(&mut self) {
        self.inside = false;
        self.command_follows = true;
        self.target_follows = false;
        self.command.clear();
    }

    fn end_word(&mut self) {
        if !std::mem::take(&mut self.inside) {
            return;
        }
        if std::mem::take(&mut self.target_follows) {
            return;
        }
        let text = &*self.word.text;
        let reserved = !self.quoted && BEFORE_COMMAND.contains(&text);
        if self.command_follows && !reserved && !is_assignment(text) {
            self.command_follows = TAKE_COMMAND.contains(&text);
            self.command = text.to_owned();
        }
    }

    fn finish(mut self, line: &str) -> Word {
        if let (Some((start, braced)), true) = (self.dollar, self.quote != Quote::Single) {
            let name = &line[start..];
            if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.word.kind = Kind::Variable { braced };
                self.word.start = start;
                self.word.text = name.to_owned();
            }
        } else if self.word.tilde && self.word.directory.is_empty() {
            self.word.kind = Kind::User;
            self.word.start = self.word.base_start + 1;
            self.word.text = self.word.base.split_off(1);
        }
        self.word
    }
}

/// True for text that begins with `NAME=`.
fn is_assignment(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
#[path = "word_tests.rs"]
mod tests;
