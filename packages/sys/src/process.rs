// SPDX-License-Identifier: MIT OR Apache-2.0
//! Processes: waits for them, and signals them.

use rustix::process::{Pid, WaitOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

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
                    // Stopped or continued: not requested, and no end.
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

/// The end of a child process, as a descriptor for poll(2): readable when it has ended (pidfd_open(2)).
pub struct Exit {
    descriptor: OwnedFd,
}

impl Exit {
    /// That of the child `pid`, which nobody has waited for yet.
    ///
    /// # Errors
    /// As in pidfd_open(2): ESRCH when there is no such process.
    pub fn of(pid: i32) -> io::Result<Self> {
        let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Exit { descriptor: rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())? })
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
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

/// Whether a terminal controls process `pid` (`tty_nr` of proc_pid_stat(5)); `false` also for one that is not there.
#[must_use]
pub fn has_terminal(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/stat")).is_ok_and(|stat| names_terminal(&stat))
}

/// The name of the program is in parentheses and can have any byte in it, so that the last one ends it.
fn names_terminal(stat: &[u8]) -> bool {
    let after_name = stat.iter().rposition(|&byte| byte == b')').map_or(0, |at| at + 1);
    // Behind the name: state, ppid, pgrp, session, tty_nr.
    let mut fields = stat[after_name..].split(|&byte| byte == b' ').filter(|field| !field.is_empty());
    fields.nth(4).is_some_and(|number| number != b"0")
}

/// The process group that the terminal at standard input serves, where there is one.
#[must_use]
pub fn foreground_group() -> Option<i32> {
    rustix::termios::tcgetpgrp(rustix::stdio::stdin()).ok().map(Pid::as_raw_pid)
}

/// Makes this process the parent of orphans below it, as process 1 is of all (PR_SET_CHILD_SUBREAPER in prctl(2)).
///
/// # Errors
/// None that a correct call has; passed on all the same.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?)
}

/// Raises the limit of open files of this process to `wanted`, or as far as it may; the limits before, soft and hard.
pub fn raise_open_files(wanted: u64) -> (Option<u64>, Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let hard = before.maximum.unwrap_or(u64::MAX);
    let set = |current: u64, maximum: u64| {
        setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: Some(maximum) })
    };
    if hard >= wanted || set(wanted, wanted).is_err() {
        // It stays as it is where this is refused too.
        let _ = set(wanted.min(hard), hard);
    }
    (before.current, before.maximum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_child() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "read x"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let exit = Exit::of(i32::try_from(child.id()).unwrap()).unwrap();
        let ended = |limit| crate::poll::readable([exit.as_fd()], Some(limit)).unwrap()[0];
        assert!(!ended(std::time::Duration::ZERO));
        drop(child.stdin.take());
        assert!(ended(std::time::Duration::from_secs(60)));
        child.wait().unwrap();
    }

    #[test]
    fn terminals_of_processes() {
        assert!(names_terminal(b"7 (sh) S 1 7 7 1088 7 4194560"));
        assert!(!names_terminal(b"7 (a b) S 1 7) S 1 7 7 0 -1 4194560"));
        assert!(!names_terminal(b""));
        assert!(!has_terminal(-1));
    }
}
