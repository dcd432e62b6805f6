// SPDX-License-Identifier: MIT OR Apache-2.0
//! Processes: waiting for them, signalling them.

use rustix::process::{Pid, WaitOptions};
use std::io;

/// How a child process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It exited with this status.
    Exited(u8),
    /// This signal ended it.
    Killed(u8),
}

/// What [`reap`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaped {
    /// A child ended: its process id, and how.
    Child(i32, Ended),
    /// There are children, and all of them run.
    None,
    /// There is no child.
    NoChildren,
}

/// Collects one child that has ended, without waiting.
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn reap() -> io::Result<Reaped> {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(None) => return Ok(Reaped::None),
            Ok(Some((pid, status))) => {
                let ended = match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => Ended::Exited(code as u8),
                    (None, Some(signal)) => Ended::Killed(signal as u8),
                    // Stopped or continued: not asked for, and no end.
                    (None, None) => continue,
                };
                return Ok(Reaped::Child(pid.as_raw_nonzero().get(), ended));
            }
            Err(rustix::io::Errno::CHILD) => return Ok(Reaped::NoChildren),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends signal number `signal` to the processes that `pid` means, as in kill(2): a process, -1 for every process
/// but the sender and process 1, -N for process group N.
///
/// # Errors
/// As in kill(2): ESRCH when there is none.
pub fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: kill has no memory to be wrong about; whatever the numbers are, the kernel checks them.
    crate::error::check(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// This process's id.
#[must_use]
pub fn id() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

/// Whether this process may do what only root may.
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The process group that the terminal at standard input serves, where there is one.
#[must_use]
pub fn foreground_group() -> Option<i32> {
    rustix::termios::tcgetpgrp(rustix::stdio::stdin()).ok().map(Pid::as_raw_pid)
}
