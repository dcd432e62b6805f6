// SPDX-License-Identifier: GPL-3.0-or-later
//! The command history: one list for the line editor, the prompt and `fc` (POSIX.1-2024, `sh`, "Command History List").

mod file;

use crate::ShellEnv;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;

/// The default of `HISTSIZE`, the number of entries that are kept. POSIX requires at least 128.
const DEFAULT_SIZE: usize = 1000;

/// The history of an interactive shell, shared by all that read or extend it. A shell that is not interactive has none.
#[derive(Clone, Debug)]
pub struct Shared(pub Rc<RefCell<History>>);

impl Shared {
    /// The history of `env`: that of an earlier call, or a new one with the entries of `$HISTFILE`.
    pub fn of(env: &mut ShellEnv) -> Self {
        if let Some(shared) = Self::existing(env) {
            return shared;
        }
        let limit = size(env.variables.get_scalar("HISTSIZE"));
        let path = path(env.variables.get_scalar("HISTFILE"), env.variables.get_scalar("HOME"));
        let shared = Self(Rc::new(RefCell::new(History::open(path, limit))));
        env.any.insert(Box::new(shared.clone()));
        shared
    }

    /// The history of `env` if it has one.
    pub fn existing(env: &ShellEnv) -> Option<Self> {
        env.any.get::<Self>().cloned()
    }
}

/// The number of entries according to `HISTSIZE`.
fn size(variable: Option<&str>) -> usize {
    variable.and_then(|value| value.trim().parse().ok()).unwrap_or(DEFAULT_SIZE)
}

/// The file that keeps the history: `$HISTFILE`, else `.sh_history` in the home directory. An empty `HISTFILE` means
/// no file.
fn path(histfile: Option<&str>, home: Option<&str>) -> Option<PathBuf> {
    match (histfile, home) {
        (Some(""), _) | (None, None | Some("")) => None,
        (Some(path), _) => Some(PathBuf::from(path)),
        (None, Some(home)) => Some(PathBuf::from(home).join(".sh_history")),
    }
}

/// A list of command lines. Numbers of entries start at 1 and are not used again.
#[derive(Debug, Default)]
pub struct History {
    entries: VecDeque<Rc<str>>,
    /// The number of the first entry.
    oldest: usize,
    limit: usize,
    file: Option<PathBuf>,
    /// Entries that this shell has appended to the file since it was last cut.
    appended: usize,
    /// The newest entry may still grow, and is not in the file.
    open: bool,
    /// A line that the next `fc` is to edit.
    draft: Option<String>,
}

impl History {
    /// A history of at most `limit` entries, with those of `file`. A file that cannot be read or written is not used.
    #[must_use]
    pub fn open(file: Option<PathBuf>, limit: usize) -> Self {
        let loaded = file.as_deref().and_then(|path| file::load(path, limit));
        let file = file.filter(|_| loaded.is_some());
        let entries = loaded.unwrap_or_default().into_iter().map(Rc::from).collect();
        Self { entries, oldest: 1, limit, file, appended: 0, open: false, draft: None }
    }

    /// The number of the oldest entry, or of the next one if there is none.
    #[must_use]
    pub fn oldest(&self) -> usize {
        self.oldest
    }

    /// The number that the next entry gets.
    #[must_use]
    pub fn next(&self) -> usize {
        self.oldest + self.entries.len()
    }

    /// The entry of a number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Rc<str>> {
        number.checked_sub(self.oldest).and_then(|index| self.entries.get(index)).cloned()
    }

    /// Sets the greatest number of entries.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.shrink();
    }

    /// Begins an entry with the first line of a command. A blank line makes none.
    pub fn begin(&mut self, line: &str) {
        self.commit();
        let line = line.trim_end_matches('\n');
        if line.trim().is_empty() {
            return;
        }
        self.entries.push_back(line.into());
        self.open = true;
        self.shrink();
    }

    /// Adds a further line of the same command to the entry that was begun last.
    pub fn extend(&mut self, line: &str) {
        if let (true, Some(last)) = (self.open, self.entries.back_mut()) {
            *last = format!("{last}\n{}", line.trim_end_matches('\n')).into();
        }
    }

    /// Takes back the entry that was begun last: its command was interrupted while it was being typed.
    pub fn abandon(&mut self) {
        if std::mem::take(&mut self.open) {
            self.entries.pop_back();
        }
    }

    /// Puts `text` in the place of the newest entry, which is the `fc` command that makes it.
    pub fn replace_newest(&mut self, text: &str) {
        if std::mem::take(&mut self.open) {
            self.entries.pop_back();
        }
        self.begin(text);
    }

    /// Hands a line that is no entry to the `fc` command that follows.
    pub fn set_draft(&mut self, text: String) {
        self.draft = Some(text);
    }

    /// The line of [`History::set_draft`], once.
    pub fn take_draft(&mut self) -> Option<String> {
        self.draft.take()
    }

    /// Completes the newest entry before its command runs. An `fc` command may replace itself, so it stays open.
    pub fn commit_unless_fc(&mut self) {
        let is_fc = |entry: &Rc<str>| entry.split_whitespace().next() == Some("fc");
        if !self.entries.back().is_some_and(is_fc) {
            self.commit();
        }
    }

    /// Completes the newest entry: it does not change any more and is appended to the file.
    pub fn commit(&mut self) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        let (Some(path), Some(entry)) = (&self.file, self.entries.back()) else { return };
        // Where the file has become unusable, the history still serves this session.
        if file::append(path, entry).is_ok() {
            self.appended += 1;
        }
        if self.appended > self.limit {
            let _ = file::cut(path, self.limit);
            self.appended = 0;
        }
    }

    fn shrink(&mut self) {
        // The newest entry stays: `fc` has to find itself in the list.
        while self.entries.len() > self.limit.max(1) {
            self.entries.pop_front();
            self.oldest += 1;
        }
    }
}

/// Applies a change of `HISTSIZE` to the history of `env`.
pub fn follow_size(env: &ShellEnv, shared: &Shared) {
    shared.0.borrow_mut().set_limit(size(env.variables.get_scalar("HISTSIZE")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(history: &History) -> Vec<String> {
        (history.oldest()..history.next()).map(|number| history.get(number).unwrap().to_string()).collect()
    }

    #[test]
    fn numbers_and_limit() {
        let mut history = History::open(None, 3);
        assert_eq!((history.oldest(), history.next()), (1, 1));
        for line in ["a\n", "b\n", "\n", "  \n", "c\n", "d\n"] {
            history.begin(line);
        }
        assert_eq!((history.oldest(), history.next()), (2, 5));
        assert_eq!(entries(&history), ["b", "c", "d"]);
        assert_eq!(history.get(1), None);
        history.set_limit(0);
        assert_eq!(entries(&history), ["d"]);
        assert_eq!(history.next(), 5);
    }

    #[test]
    fn entries_of_several_lines() {
        let mut history = History::open(None, 9);
        history.begin("for i in 1 2\n");
        history.extend("do echo $i\n");
        history.extend("done\n");
        history.commit();
        history.extend("not a part\n");
        assert_eq!(entries(&history), ["for i in 1 2\ndo echo $i\ndone"]);
        history.begin("if true\n");
        history.abandon();
        history.abandon();
        assert_eq!(history.next(), 2);
    }

    #[test]
    fn fc_replaces_itself() {
        let mut history = History::open(None, 9);
        history.begin("echo a\n");
        history.commit_unless_fc();
        history.begin("fc -s a=b\n");
        history.commit_unless_fc();
        history.replace_newest("echo b");
        assert_eq!(entries(&history), ["echo a", "echo b"]);
    }

    #[test]
    fn files_and_sizes_of_variables() {
        let file = |histfile, home| path(histfile, home).map(|path| path.display().to_string());
        assert_eq!(file(None, Some("/root")).as_deref(), Some("/root/.sh_history"));
        assert_eq!(file(Some("/tmp/h"), Some("/root")).as_deref(), Some("/tmp/h"));
        for (histfile, home) in [(Some(""), Some("/root")), (None, None), (None, Some(""))] {
            assert_eq!(file(histfile, home), None);
        }
        for (value, wanted) in
            [(None, 1000), (Some("5"), 5), (Some("0"), 0), (Some("x"), 1000), (Some("-1"), 1000)]
        {
            assert_eq!(size(value), wanted, "{value:?}");
        }
    }
}
