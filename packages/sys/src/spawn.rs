// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts a program, with a new session and a controlling terminal if requested.

use crate::signal;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::ptr;

/// What a new process belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// This process's session and process group.
    Same,
    /// A session of its own, without a terminal.
    Own,
    /// A session of its own; its standard input, a terminal, controls it, unless it controls another session.
    OwnWithTerminal,
}

/// Starts `command` in `session`, with no signal blocked and SIGPIPE, which Rust programs ignore, as it was.
///
/// # Errors
/// As in fork(2), setsid(2), ioctl_tty(2), execve(2).
pub fn spawn(mut command: Command, session: Session) -> io::Result<Child> {
    prepare(&mut command, session);
    command.spawn()
}

/// Makes this process the program of `command`, with the rest as [`spawn`] has it. Comes back only with an error; then
/// this process may be in another session, with other standard streams.
pub fn exec(mut command: Command, session: Session) -> io::Error {
    prepare(&mut command, session);
    command.exec()
}

fn prepare(command: &mut Command, session: Session) {
    let before_exec = move || {
        let none = signal::empty();
        // SAFETY: an initialized set, and null for "no old set".
        crate::error::check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &none, ptr::null_mut()) })?;
        if session == Session::Same {
            return Ok(());
        }
        rustix::process::setsid()?;
        if session == Session::OwnWithTerminal {
            match rustix::process::ioctl_tiocsctty(rustix::stdio::stdin()) {
                // A login prompt has it: the program can write to it, but has no job control.
                Ok(()) | Err(rustix::io::Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only: it takes no lock and allocates nothing.
    unsafe { command.pre_exec(before_exec) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_leads_its_session() {
        let mut command = Command::new("sh");
        command.args(["-c", "set -- $(cat /proc/$$/stat); test $1 = $6"]);
        assert!(spawn(command, Session::Own).unwrap().wait().unwrap().success());
    }

    #[test]
    fn exec_of_a_program_that_is_not_there_comes_back() {
        let error = exec(Command::new("/no/such/program"), Session::Same);
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_program_that_is_not_there() {
        let error = spawn(Command::new("/no/such/program"), Session::Own).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
