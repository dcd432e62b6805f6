// SPDX-License-Identifier: GPL-3.0-or-later
//! The source of the parser's lines: a string, a script, standard input, a terminal.

use super::args::Source;
use super::lines::{Lines, Sharing};
use crate::{ShellEnv, System};
use std::cell::RefCell;
use std::ffi::CString;
use std::fmt;
use yash_env::input::{Echo, EofGuard, Reporter};
use yash_env::io::{Fd, move_fd_internal};
use yash_env::option::Option::Interactive;
use yash_env::option::State::On;
use yash_env::parser::Config;
use yash_env::system::{Errno, Fcntl as _, Fstat as _, Isatty as _, Mode, OfdAccess, Open as _, OpenFlag};
use yash_syntax::input::{InputObject, Memory};
use yash_syntax::parser::lex::Lexer;
use yash_syntax::source::Source as Origin;

/// A script file that could not be opened.
#[derive(Debug)]
pub struct Error {
    /// The script's path.
    path: String,
    /// Why it could not be opened.
    pub errno: Errno,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: cannot open the script: {}", self.path, self.errno)
    }
}

/// The parser over `source`. `env` is shared with the read-eval loop that consumes the parser.
///
/// # Errors
///
/// The script cannot be opened.
pub async fn prepare<'a, 'b: 'a>(
    env: &'a RefCell<&'b mut ShellEnv>,
    source: &'a Source,
) -> Result<Lexer<'a>, Error> {
    match source {
        Source::Stdin => {
            let system = env.borrow().system.clone();
            if system.isatty(Fd::STDIN) || system.fd_is_pipe(Fd::STDIN) {
                // POSIX, `sh`, STDIN: a FIFO or terminal is made blocking for the programs that share it.
                let _ = system.get_and_set_nonblocking(Fd::STDIN, false);
            }
            let input = commands(Fd::STDIN, env);
            Ok(lexer(input, Origin::Stdin))
        }
        Source::File(path) => {
            let system = env.borrow().system.clone();
            let fd = open(&system, path).await.map_err(|errno| Error { path: path.clone(), errno })?;
            Ok(lexer(commands(fd, env), Origin::CommandFile { path: path.clone() }))
        }
        Source::String(command) => {
            let input = Memory::new(command);
            let interactive = env.borrow().options.get(Interactive) == On;
            let input: Box<dyn InputObject> =
                if interactive { Box::new(Reporter::new(input, env)) } else { Box::new(input) };
            Ok(lexer(input, Origin::CommandString))
        }
    }
}

/// Opens `path` for reading commands, on a descriptor that scripts do not see.
///
/// # Errors
///
/// As open(2).
pub async fn open(system: &System, path: &str) -> Result<Fd, Errno> {
    let path = CString::new(path).map_err(|_| Errno::EILSEQ)?;
    let fd = system.open(&path, OfdAccess::ReadOnly, OpenFlag::CloseOnExec.into(), Mode::empty()).await?;
    move_fd_internal(system, fd)
}

/// The parser over an initialization file that is open as `fd`.
pub fn file_lexer<'a, 'b: 'a>(fd: Fd, env: &'a RefCell<&'b mut ShellEnv>, origin: Origin) -> Lexer<'a> {
    let system = env.borrow().system.clone();
    lexer(Box::new(Echo::new(Lines::new(fd, system, Sharing::Private), env)), origin)
}

fn lexer(input: Box<dyn InputObject + '_>, origin: Origin) -> Lexer<'_> {
    let mut config = Config::with_input(input);
    config.source = Some(origin.into());
    config.into()
}

/// Lines from `fd`, echoed by `set -v`; for an interactive shell with a prompt, reports of jobs, and the guard
/// against an accidental end of file.
fn commands<'a, 'b: 'a>(fd: Fd, env: &'a RefCell<&'b mut ShellEnv>) -> Box<dyn InputObject + 'a> {
    let system = env.borrow().system.clone();
    if env.borrow().options.get(Interactive) != On {
        let sharing = if fd == Fd::STDIN { Sharing::Shared } else { Sharing::Private };
        return Box::new(Echo::new(Lines::new(fd, system, sharing), env));
    }
    // Jobs are reported before the prompt; both are repeated when an end of file is ignored.
    let lines = crate::interactive::input(fd, env);
    Box::new(EofGuard::new(Reporter::new(lines, env), fd, env))
}
