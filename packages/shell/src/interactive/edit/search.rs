// SPDX-License-Identifier: GPL-3.0-or-later
//! Searching the history: step by step while the text is typed (Ctrl-R), and for a whole pattern (vi's `/` and `?`).

use super::buffer::Buffer;
use super::key::Key;
use super::session::{Session, Step};
use yash_fnmatch::{Config, Pattern, with_escape};

/// A search whose text is being typed.
#[derive(Clone, Debug)]
pub struct Search {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Each key searches.
    Incremental {
        backward: bool,
        failed: bool,
        /// The line and its number from before.
        saved: (Buffer, usize),
    },
    /// Enter searches.
    Pattern { forward: bool },
}

impl Search {
    pub fn incremental(session: &Session, backward: bool) -> Self {
        let saved = (session.buffer.clone(), session.position());
        Self { text: String::new(), kind: Kind::Incremental { backward, failed: false, saved } }
    }

    pub fn pattern(forward: bool) -> Self {
        Self { text: String::new(), kind: Kind::Pattern { forward } }
    }

    pub fn view<'a>(&'a self, buffer: &'a Buffer) -> (Option<String>, &'a str, usize) {
        match &self.kind {
            Kind::Pattern { forward } => {
                (Some(if *forward { "?" } else { "/" }.into()), &self.text, self.text.len())
            }
            Kind::Incremental { backward, failed, .. } => {
                let failed = if *failed { "failed " } else { "" };
                let direction = if *backward { "reverse-i-search" } else { "i-search" };
                (Some(format!("({failed}{direction})`{}': ", self.text)), buffer.text(), buffer.cursor())
            }
        }
    }

    /// Takes a key. `None` if the search has ended and the key is for the line.
    pub fn key(&mut self, session: &mut Session, key: &Key) -> Option<Step> {
        match self.kind.clone() {
            Kind::Incremental { saved, .. } => self.incremental_key(session, key, saved),
            Kind::Pattern { forward } => {
                match key {
                    Key::Enter => return Some(session.find_pattern(&self.text, forward)),
                    Key::Char(c) => self.text.push(*c),
                    Key::Paste(text) => self.text.push_str(text.lines().next().unwrap_or_default()),
                    Key::Backspace if self.text.pop().is_some() => {}
                    Key::Ctrl('U') => self.text.clear(),
                    // Backspace in an empty pattern, too, gives the search up.
                    _ => return Some(Step::Show),
                }
                session.search = Some(self.clone());
                Some(Step::Show)
            }
        }
    }

    fn incremental_key(&mut self, session: &mut Session, key: &Key, saved: (Buffer, usize)) -> Option<Step> {
        let found = match key {
            Key::Char(c) => {
                self.text.push(*c);
                self.find(session, self.backward(), false)
            }
            Key::Paste(text) => {
                self.text.push_str(text.lines().next().unwrap_or_default());
                self.find(session, self.backward(), false)
            }
            Key::Ctrl('R') => self.find(session, true, true),
            Key::Ctrl('S') => self.find(session, false, true),
            Key::Backspace => {
                self.text.pop();
                session.show_entry(saved.1);
                session.buffer = saved.0;
                self.find(session, self.backward(), false)
            }
            Key::Ctrl('G') => {
                session.show_entry(saved.1);
                session.buffer = saved.0;
                return Some(Step::Show);
            }
            Key::Escape => return Some(Step::Show),
            _ => return None,
        };
        if let Kind::Incremental { failed, .. } = &mut self.kind {
            *failed = !found;
        }
        session.search = Some(self.clone());
        Some(if found { Step::Show } else { Step::Bell })
    }

    fn backward(&self) -> bool {
        matches!(self.kind, Kind::Incremental { backward: true, .. })
    }

    /// Shows the next entry that contains the text, the one that is shown included unless `further`.
    fn find(&mut self, session: &mut Session, back: bool, further: bool) -> bool {
        if let Kind::Incremental { backward, .. } = &mut self.kind {
            *backward = back;
        }
        if self.text.is_empty() {
            return true;
        }
        let shown = session.buffer.text().to_owned();
        let contains = |entry: &str| if further && entry == shown { None } else { entry.find(&self.text) };
        match session.find_entry(back, further, contains) {
            Some((number, offset)) => {
                session.show_entry(number);
                session.buffer.go(offset);
                true
            }
            None => false,
        }
    }
}

impl Session {
    /// The nearest entry that `test` accepts, older or newer than the one that is shown, and what it yields.
    fn find_entry<T>(
        &self,
        back: bool,
        further: bool,
        test: impl Fn(&str) -> Option<T>,
    ) -> Option<(usize, T)> {
        let history = self.history.0.borrow();
        let here = self.position();
        let of = |number| history.get(number).and_then(|entry| Some((number, test(&entry)?)));
        if back {
            let from = if further { here } else { here + 1 };
            (history.oldest()..from).rev().find_map(of)
        } else {
            (here + usize::from(further)..history.next()).find_map(of)
        }
    }

    /// Shows the next entry that matches a pattern in the notation of the shell (vi's `/`); `^` at its start stands for
    /// the start of the line. An empty pattern is the last one again.
    pub fn find_pattern(&mut self, text: &str, forward: bool) -> Step {
        let text = if text.is_empty() { self.last_pattern.0.clone() } else { text.to_owned() };
        self.last_pattern = (text, forward);
        self.search_again(forward)
    }

    /// Shows the next entry that matches the last pattern.
    pub fn search_again(&mut self, forward: bool) -> Step {
        let text = &self.last_pattern.0;
        let mut config = Config::default();
        config.anchor_begin = text.starts_with('^');
        let source = text.strip_prefix('^').unwrap_or(text);
        let Ok(pattern) = Pattern::parse_with_config(with_escape(source), config) else { return Step::Bell };
        let matches = |entry: &str| pattern.is_match(entry).then_some(());
        match self.find_entry(!forward, true, matches) {
            Some((number, ())) if !text.is_empty() => {
                let step = self.show_entry(number);
                self.buffer.go(0);
                step
            }
            _ => Step::Bell,
        }
    }
}
