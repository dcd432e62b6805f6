// SPDX-License-Identifier: GPL-3.0-or-later
//! The line editor: emacs' or vi's keys, history, completion.
//!
//! No crate for this is used, for each lacks what a shell on a serial line needs. reedline asks the terminal where its
//! cursor is and fails without an answer. rustyline reads 1,024 bytes ahead, so that input typed for the next program is
//! lost, erases output that does not end in a newline, writes prompts to the standard output, and has half of POSIX's
//! vi commands.
//!
//! Keys and text ([`session`], [`emacs`], [`vi`]) know nothing of terminals, [`display`] computes what is written, and
//! [`Editor::read_line`] is what reads and writes. It waits in the shell's own event loop, which also tells it of
//! signals; a byte is read only when it is needed, so that what is typed ahead belongs to the program that reads it.

mod buffer;
mod display;
mod emacs;
#[cfg(test)]
mod emulator;
mod key;
mod listing;
mod motion;
mod search;
mod session;
pub mod terminal;
mod vi;

use super::complete::{self, Completion};
use super::prompt::Prompt;
use super::wait::{Event, next_event};
use crate::ShellEnv;
use crate::history::Shared;
use display::{Screen, Size};
use key::{Decoder, Key};
use session::{Session, Step};
use std::cell::RefCell;
use std::io;
use std::os::fd::BorrowedFd;
use terminal::Raw;
use yash_env::io::Fd;
use yash_env::job::fmt::Accumulator;
use yash_env::option::{Notify, On, Vi};
use yash_env::system::concurrency::WriteAll as _;
use yash_env::system::{Disposition, Signals as _};
use yash_env::trap::SignalSystem as _;

/// How long a byte after ESC may take if it belongs to the same key. A slow line needs 1 ms a byte.
const ESCAPE_MILLISECONDS: u32 = 50;

/// What a person did with a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Entered it. The text has no newline at its end.
    Line(String),
    /// Asked for an editor program to go on with it.
    Edit(String),
    /// Typed the end-of-file character in an empty line.
    Eof,
    /// Typed the interrupt character.
    Interrupt,
}

/// The editor of one shell.
#[derive(Debug)]
pub struct Editor {
    session: Session,
    screen: Screen,
    decoder: Decoder,
}

impl Editor {
    /// An editor with a history.
    pub fn new(history: Shared) -> Self {
        Self { session: Session::new(history), screen: Screen::default(), decoder: Decoder::default() }
    }

    /// Reads a line from the terminal, which is standard input; the display goes to standard error.
    ///
    /// # Errors
    ///
    /// The terminal cannot be read or written.
    #[allow(
        clippy::await_holding_refcell_ref,
        reason = "the setting of a disposition does not run concurrently with another user of the environment"
    )]
    pub async fn read_line(&mut self, env: &RefCell<&mut ShellEnv>, prompt: &Prompt) -> io::Result<Outcome> {
        let terminal = rustix::stdio::stdin();
        let raw = Raw::enter(terminal)?;
        self.decoder = Decoder::new(raw.specials());
        self.session.start(env.borrow().options.get(Vi) == On);
        self.screen.forget();

        let system = env.borrow().system.clone();
        if env.borrow().options.get(Notify) == On {
            // Where this fails, jobs are reported at the next prompt.
            let _ = env.borrow_mut().traps.enable_internal_disposition_for_sigchld(&system).await;
        }
        let winch = crate::System::SIGWINCH;
        let before = system.set_disposition(winch, Disposition::Catch).await;
        let mut line =
            Line { editor: self, env, prompt, terminal, out: "\x1b[?2004h".into(), changed: false };
        let outcome = line.edit().await;
        let mut end = std::mem::take(&mut line.out);
        end.push_str(&self.screen.leave());
        end.push_str("\x1b[?2004l");
        // The modes of the command come first: a person who sees the new line may type for the command, and the terminal
        // is to echo that.
        drop(raw);
        let written = write(env, &end).await;
        if let Ok(before) = before {
            // Where this fails, a change of the size is caught and has no effect.
            let _ = system.set_disposition(winch, before).await;
        }
        written.and(outcome)
    }
}

async fn write(env: &RefCell<&mut ShellEnv>, text: &str) -> io::Result<()> {
    let system = env.borrow().system.clone();
    system.write_all(Fd::STDERR, text.as_bytes()).await?;
    Ok(())
}

/// A line while it is edited.
struct Line<'l, 'e, 'p> {
    editor: &'l mut Editor,
    env: &'l RefCell<&'e mut ShellEnv>,
    prompt: &'p Prompt,
    terminal: BorrowedFd<'static>,
    /// What is to be written before the next wait.
    out: String,
    /// The line has changed since it was shown.
    changed: bool,
}

impl Line<'_, '_, '_> {
    async fn edit(&mut self) -> io::Result<Outcome> {
        self.show();
        loop {
            let Some(key) = self.next_key().await? else { return Ok(Outcome::Eof) };
            let step = self.editor.session.key(key);
            if let Some(outcome) = self.take(step).await? {
                return Ok(outcome);
            }
        }
    }

    fn size(&self) -> Size {
        terminal::size(self.terminal)
    }

    fn show(&mut self) {
        let size = self.size();
        let Editor { session, screen, .. } = &mut *self.editor;
        let (instead, text, cursor) = session.view();
        let text = match &instead {
            Some(instead) => {
                let prompt = Prompt { text: instead.clone(), visible: instead.clone() };
                screen.show(&prompt, text, cursor, size)
            }
            None => screen.show(self.prompt, text, cursor, size),
        };
        self.out.push_str(&text);
    }

    /// The next key, or `None` at the end of the input.
    async fn next_key(&mut self) -> io::Result<Option<Key>> {
        loop {
            // While more is waiting to be read, showing would only cost time.
            if !terminal::is_ready(self.terminal, 0) {
                if std::mem::take(&mut self.changed) {
                    self.show();
                }
                write(self.env, &std::mem::take(&mut self.out)).await?;
                if self.editor.decoder.ambiguous()
                    && !terminal::is_ready(self.terminal, ESCAPE_MILLISECONDS)
                    && let Some(key) = self.editor.decoder.timeout()
                {
                    return Ok(Some(key));
                }
            }
            match next_event(self.env, Fd::STDIN).await? {
                Event::Eof => return Ok(None),
                Event::Byte(byte) => {
                    if let Some(key) = self.editor.decoder.push(byte) {
                        return Ok(Some(key));
                    }
                }
                Event::Interrupt => return Ok(Some(Key::Interrupt)),
                Event::Child => self.report_jobs().await?,
                Event::Signal => self.show(),
            }
        }
    }

    /// With `set -b`, reports jobs at once, above the line.
    async fn report_jobs(&mut self) -> io::Result<()> {
        let report = job_report(&mut self.env.borrow_mut());
        if !report.is_empty() {
            let erase = self.editor.screen.erase();
            self.out.push_str(&erase);
            self.out.push_str(&report);
            self.show();
        }
        Ok(())
    }

    async fn take(&mut self, step: Step) -> io::Result<Option<Outcome>> {
        let session = &mut self.editor.session;
        match step {
            Step::Show => self.changed = true,
            Step::Bell => {
                self.changed = true;
                self.out.push('\x07');
            }
            Step::Accept | Step::EditExternally | Step::Interrupt => {
                let text = session.buffer.text().to_owned();
                session.search = None;
                self.show();
                return Ok(Some(match step {
                    Step::Accept => Outcome::Line(text),
                    Step::EditExternally => Outcome::Edit(text),
                    _ => {
                        let size = self.size();
                        // The text stays on the screen with a mark behind it.
                        let marked = format!("{text}^C");
                        let end = marked.len();
                        self.out.push_str(&self.editor.screen.show(self.prompt, &marked, end, size));
                        Outcome::Interrupt
                    }
                }));
            }
            Step::Eof => return Ok(Some(Outcome::Eof)),
            Step::Clear => {
                self.editor.screen.forget();
                self.out.push_str("\x1b[H\x1b[2J");
                self.show();
            }
            Step::Complete => self.complete().await?,
            Step::List => {
                let completion = self.completion();
                self.list(&completion).await?;
            }
            Step::Expand => {
                let completion = self.completion();
                let all: Vec<&str> = completion.candidates.iter().map(|candidate| &*candidate.text).collect();
                let end = self.editor.session.buffer.cursor();
                if !all.is_empty() {
                    self.editor.session.replace(completion.start..end, &(all.join(" ") + " "));
                }
                self.show();
            }
            Step::Alias(letter) => {
                let name = format!("_{letter}");
                let keys = self.env.borrow().aliases.get(&*name).map(|alias| alias.0.replacement.clone());
                for c in keys.unwrap_or_default().chars() {
                    let key = if c == '\x1b' { Key::Escape } else { Key::Char(c) };
                    self.editor.session.key(key);
                }
                self.show();
            }
        }
        Ok(None)
    }

    fn completion(&self) -> Completion {
        let buffer = &self.editor.session.buffer;
        complete::complete(&self.env.borrow(), buffer.text(), buffer.cursor())
    }

    /// Completes the word before the cursor as far as it is unambiguous, else lists the candidates.
    async fn complete(&mut self) -> io::Result<()> {
        let completion = self.completion();
        let buffer = &self.editor.session.buffer;
        let (start, end) = (completion.start, buffer.cursor());
        let text = match &completion.candidates[..] {
            [] => None,
            [only] => {
                let blank_follows = buffer.text()[end..].starts_with(' ');
                Some(only.text.clone() + if blank_follows { only.end.trim_end() } else { &only.end })
            }
            _ => Some(completion.common().to_owned()).filter(|common| *common != buffer.text()[start..end]),
        };
        match text {
            Some(text) => {
                self.editor.session.replace(start..end, &text);
                if completion.candidates.len() > 1 {
                    self.out.push('\x07');
                }
                self.show();
                Ok(())
            }
            None if completion.candidates.is_empty() => {
                self.out.push('\x07');
                Ok(())
            }
            None => self.list(&completion).await,
        }
    }

    /// Lists candidates below the line, and shows it again.
    async fn list(&mut self, completion: &Completion) -> io::Result<()> {
        let names: Vec<&str> = completion.candidates.iter().map(|candidate| &*candidate.name).collect();
        if names.is_empty() {
            self.out.push('\x07');
            return Ok(());
        }
        self.show();
        let leave = self.editor.screen.leave();
        self.out.push_str(&leave);
        let size = self.size();
        let (text, rows) = listing::columns(&names, size.columns);
        if rows < size.rows || self.confirm(names.len()).await? {
            self.out.push_str(&text);
        }
        self.show();
        Ok(())
    }

    /// Asks whether so many candidates are to be listed.
    async fn confirm(&mut self, count: usize) -> io::Result<bool> {
        self.out.push_str(&format!("List all {count} possibilities (y or n)? "));
        let key = self.next_key().await?;
        self.out.push_str("\r\x1b[K");
        Ok(matches!(key, Some(Key::Char('y' | 'Y' | ' ') | Key::Tab)))
    }
}

/// With `set -b`, the report of jobs whose state has changed; they count as reported.
fn job_report(env: &mut ShellEnv) -> String {
    if env.options.get(Notify) != On {
        return String::new();
    }
    env.update_all_subshell_statuses();
    let mut report = Accumulator::new();
    report.current_job_index = env.jobs.current_job();
    report.previous_job_index = env.jobs.previous_job();
    for (index, job) in env.jobs.iter().filter(|(_, job)| job.state_changed) {
        report.add(index, job, &env.system);
    }
    for index in report.indices_reported {
        if let Some(mut job) = env.jobs.get_mut(index) {
            job.state_reported();
        }
    }
    report.print
}
