// SPDX-License-Identifier: GPL-3.0-or-later
//! The interactive shell: prompts, the line editor, the history, and a loop that continues after an interrupt.

#[cfg(feature = "edit")]
mod complete;
#[cfg(feature = "edit")]
mod edit;
mod prompt;
mod run;
mod stopped;
mod wait;

pub use run::run;
pub use stopped::warns_of_stopped_jobs;

use crate::ShellEnv;
use crate::history::{self, Shared};
use prompt::{Counts, Prompt};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use wait::{Event, next_event};
use yash_env::input::{Context, Echo, Input, Result};
use yash_env::io::Fd;
use yash_env::system::concurrency::WriteAll as _;

/// Lines that a person types, each after its prompt. A line that is given up is the error
/// [`io::ErrorKind::Interrupted`], from which [`run`] recovers.
pub fn input<'a, 'b: 'a>(fd: Fd, env: &'a RefCell<&'b mut ShellEnv>) -> impl Input + 'a {
    let history = Shared::of(&mut env.borrow_mut());
    let lines = Lines {
        fd,
        env,
        #[cfg(feature = "edit")]
        editor: edit::Editor::new(history.clone()),
        #[cfg(feature = "edit")]
        modes: edit::terminal::Modes::default(),
        history,
        pending: Pending::of(&mut env.borrow_mut()),
        commands: 0,
    };
    Echo::new(lines, env)
}

/// Lines that were entered together with one that has been taken.
#[derive(Clone, Debug, Default)]
struct Pending(Rc<RefCell<VecDeque<String>>>);

impl Pending {
    /// The pending lines of `env`, which the input fills and an interrupt empties.
    fn of(env: &mut ShellEnv) -> Self {
        env.any.get_or_insert_with(Box::<Self>::default).clone()
    }

    fn next(&self) -> Option<String> {
        self.0.borrow_mut().pop_front()
    }
}

struct Lines<'a, 'b> {
    fd: Fd,
    env: &'a RefCell<&'b mut ShellEnv>,
    history: Shared,
    pending: Pending,
    /// How many commands were begun.
    commands: usize,
    #[cfg(feature = "edit")]
    editor: edit::Editor,
    #[cfg(feature = "edit")]
    modes: edit::terminal::Modes,
}

impl Input for Lines<'_, '_> {
    async fn next_line(&mut self, context: &Context) -> Result {
        let first = context.is_first_line();
        let line = match self.pending.next() {
            Some(line) => line,
            None => match self.read(first).await {
                Ok(line) => line,
                Err(error) => {
                    if !first {
                        self.history.0.borrow_mut().abandon();
                    }
                    return Err(error);
                }
            },
        };
        if first {
            self.commands += 1;
            self.history.0.borrow_mut().begin(&line);
        } else {
            self.history.0.borrow_mut().extend(&line);
        }
        Ok(line)
    }
}

impl Lines<'_, '_> {
    #[allow(
        clippy::await_holding_refcell_ref,
        reason = "the expansion of the prompt does not run concurrently with the parser or another input"
    )]
    async fn read(&mut self, first: bool) -> Result {
        history::follow_size(&self.env.borrow(), &self.history);
        #[cfg(feature = "edit")]
        self.prepare_terminal();
        let counts = Counts { history: self.history.0.borrow().next(), command: self.commands + 1 };
        let prompt = prompt::expand(&mut self.env.borrow_mut(), first, counts).await;
        #[cfg(feature = "edit")]
        if self.can_edit() {
            return self.read_edited(&prompt).await;
        }
        self.read_plain(&prompt).await
    }

    /// Reads a line that the terminal's own line discipline edits.
    async fn read_plain(&mut self, prompt: &Prompt) -> Result {
        let system = self.env.borrow().system.clone();
        // A prompt that cannot be written is not worth the end of the shell.
        let _ = system.write_all(Fd::STDERR, prompt.text.as_bytes()).await;
        let mut line = Vec::new();
        loop {
            match next_event(self.env, self.fd).await? {
                Event::Byte(byte) => {
                    line.push(byte);
                    if byte == b'\n' {
                        break;
                    }
                }
                Event::Eof => break,
                Event::Interrupt => {
                    let _ = system.write_all(Fd::STDERR, b"\n").await;
                    return Err(io::ErrorKind::Interrupted.into());
                }
                Event::Child | Event::Signal => {}
            }
        }
        Ok(String::from_utf8(line)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

#[cfg(feature = "edit")]
impl Lines<'_, '_> {
    /// Restores modes that the last command may have changed, and sets the shell's variables to the terminal's size.
    fn prepare_terminal(&mut self) {
        let terminal = rustix::stdio::stdin();
        if self.fd != Fd::STDIN {
            return;
        }
        let mut env = self.env.borrow_mut();
        self.modes.settle(terminal, !env.exit_status.is_successful());
        let Some(size) = edit::terminal::known_size(terminal) else { return };
        for (name, value) in [("COLUMNS", size.columns), ("LINES", size.rows)] {
            let value = value.to_string();
            if env.variables.get_scalar(name) != Some(&value) {
                // A variable that is read-only keeps its value.
                let _ = env.variables.get_or_new(name, yash_env::variable::Scope::Global).assign(value, None);
            }
        }
    }

    fn can_edit(&self) -> bool {
        use yash_env::system::Isatty as _;
        let env = self.env.borrow();
        self.fd == Fd::STDIN
            && env.system.isatty(Fd::STDIN)
            && env.system.isatty(Fd::STDERR)
            && edit::terminal::can_edit(env.variables.get_scalar("TERM"))
    }

    async fn read_edited(&mut self, prompt: &Prompt) -> Result {
        let text = match self.editor.read_line(self.env, prompt).await? {
            edit::Outcome::Line(text) => text,
            edit::Outcome::Eof => return Ok(String::new()),
            edit::Outcome::Interrupt => return Err(io::ErrorKind::Interrupted.into()),
            edit::Outcome::Edit(text) => {
                self.history.0.borrow_mut().set_draft(text);
                "fc -e \"${VISUAL:-${EDITOR:-vi}}\"".to_owned()
            }
        };
        self.pending.0.borrow_mut().extend(text.split('\n').map(|line| format!("{line}\n")));
        Ok(self.pending.next().unwrap_or_default())
    }
}
