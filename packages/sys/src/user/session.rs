// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions of users at terminals: setsid(2), ioctl_tty(2).

use super::Credentials;
use crate::error::check;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts `command` as the leader of a session that standard input, a terminal, controls, with the identities of `user`
/// and in `directory`, or in `/` where the user cannot enter that.
///
/// The session does not outlive the thread that calls this: if it ends, also by SIGKILL, the session's leader gets SIGHUP,
/// as if the terminal had hung up.
///
/// # Errors
/// With a number that is nobody's, as in [`become_user`](super::become_user); as in fork(2), setsid(2), ioctl_tty(2),
/// setgroups(2), setuid(2), execve(2).
pub fn spawn_session(mut command: Command, user: &Credentials, directory: CString) -> io::Result<Child> {
    user.check()?;
    let user = user.clone();
    let parent = rustix::process::getpid();
    let before_exec = move || {
        let none = crate::signal::empty();
        // SAFETY: an initialized set, and null for "no old set".
        check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut()) })?;
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
        let (uid, gid) = (libc::c_long::from(user.uid), libc::c_long::from(user.gid));
        // The system calls themselves: the C library's functions would look for other threads.
        // SAFETY: the pointer and the length are those of a vector that outlives the call.
        raw(unsafe { libc::syscall(libc::SYS_setgroups, user.groups.len(), user.groups.as_ptr()) })?;
        // SAFETY: these two have no memory to be wrong about.
        raw(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
        // SAFETY: as above.
        raw(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) })?;
        // A change of the user clears it, so it comes after that.
        // SAFETY: numbers only.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGHUP, 0, 0, 0) })?;
        if rustix::process::getppid() != Some(parent) {
            // It ended before the signal was asked for.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        if enter(&directory).is_err() {
            enter(c"/")?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only: it takes no lock and allocates nothing.
    unsafe { command.pre_exec(before_exec) };
    command.spawn()
}

fn raw(returned: libc::c_long) -> io::Result<()> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn enter(directory: &CStr) -> io::Result<()> {
    // SAFETY: a string that ends with a NUL, which chdir only reads.
    check(unsafe { libc::chdir(directory.as_ptr()) }).map(drop)
}

/// Hangs `terminal` up: the leader of the session that it controls gets SIGHUP, the session loses it, and programs that
/// have it open, this one among them, get end of file.
///
/// # Errors
/// When this process is not root's (EPERM), or it is no terminal (ENOTTY).
pub fn hang_up_terminal(terminal: impl AsFd) -> io::Result<()> {
    // SAFETY: TIOCVHANGUP takes no argument, and the descriptor is open as long as it is borrowed.
    check(unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCVHANGUP) }).map(drop)
}

/// Makes `terminal` the one that controls this process's session, also where it controls another one, which loses it.
///
/// # Errors
/// When this process does not lead its session, has another terminal, or is not root's (EPERM).
pub fn take_terminal(terminal: impl AsFd) -> io::Result<()> {
    const BY_FORCE: libc::c_int = 1;
    // SAFETY: TIOCSCTTY takes a number, and the descriptor is open as long as it is borrowed.
    check(unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCSCTTY, BY_FORCE) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_terminal() {
        let file = std::fs::File::open("/dev/null").unwrap();
        for error in [hang_up_terminal(&file), take_terminal(&file)].map(Result::unwrap_err) {
            assert!(matches!(error.raw_os_error(), Some(libc::ENOTTY | libc::EPERM)), "{error}");
        }
    }
}
