// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals that are waited for instead of handled: sigprocmask(2), sigwaitinfo(2).

use crate::error::check;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

pub use libc::{
    SIGBUS, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGPWR, SIGQUIT, SIGSEGV, SIGSTOP, SIGTERM,
    SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// A set of signals that this thread has blocked, to take them by [`wait`](Blocked::wait).
#[derive(Clone, Copy)]
pub struct Blocked {
    set: libc::sigset_t,
}

impl Blocked {
    /// Blocks `signals` in this thread, and so in threads and processes that it starts ([`crate::spawn`] unblocks).
    ///
    /// # Errors
    /// With a number that is no signal (EINVAL).
    pub fn new(signals: &[i32]) -> io::Result<Self> {
        let mut set = empty();
        for &signal in signals {
            // SAFETY: `set` is an initialized set that outlives the call.
            check(unsafe { libc::sigaddset(&mut set, signal) })?;
        }
        // SAFETY: `set` outlives the call, and a null pointer asks for no old set.
        check(unsafe { libc::sigprocmask(libc::SIG_BLOCK, &set, ptr::null_mut()) })?;
        Ok(Blocked { set })
    }

    /// Waits until one of the signals is there, takes it and gives its number; `None` when `limit` went by before.
    ///
    /// # Errors
    /// None that a correct set has; passed on all the same.
    pub fn wait(&self, limit: Option<Duration>) -> io::Result<Option<i32>> {
        let limit = limit.map(|limit| libc::timespec {
            tv_sec: libc::time_t::try_from(limit.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        });
        let limit = limit.as_ref().map_or(ptr::null(), ptr::from_ref);
        loop {
            // SAFETY: the set and the limit (or null, which is none) outlive the call; a null pointer asks for no details.
            match check(unsafe { libc::sigtimedwait(&self.set, ptr::null_mut(), limit) }) {
                Ok(signal) => return Ok(Some(signal)),
                Err(error) => match error.raw_os_error() {
                    Some(libc::EAGAIN) => return Ok(None),
                    Some(libc::EINTR) => {}
                    _ => return Err(error),
                },
            }
        }
    }
}

impl Blocked {
    /// A descriptor that can be read from while one of the signals is there (signalfd(2)): for poll(2), beside others.
    /// [`wait`](Blocked::wait) takes the signal.
    ///
    /// # Errors
    /// When there are too many open files (EMFILE, ENFILE).
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        // SAFETY: the set outlives the call; -1 asks for a new descriptor.
        let descriptor = check(unsafe { libc::signalfd(-1, &self.set, libc::SFD_CLOEXEC) })?;
        // SAFETY: the call has succeeded: it is an open descriptor, and nobody else's.
        Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
    }

    /// Blocks the signals no longer: one that is there takes effect now.
    ///
    /// # Errors
    /// None that a correct set has; passed on all the same.
    pub fn unblock(self) -> io::Result<()> {
        // SAFETY: `set` outlives the call, and a null pointer asks for no old set.
        check(unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, &self.set, ptr::null_mut()) }).map(drop)
    }
}

pub(crate) fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initializes the whole set that it is given, and does not fail.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_pending_signal_and_no_other() {
        let blocked = Blocked::new(&[SIGUSR1]).unwrap();
        assert_eq!(blocked.wait(Some(Duration::ZERO)).unwrap(), None);
        // SAFETY: raise only queues the signal for this thread, which has blocked it.
        assert_eq!(unsafe { libc::raise(SIGUSR1) }, 0);
        assert_eq!(blocked.wait(Some(Duration::ZERO)).unwrap(), Some(SIGUSR1));
    }

    #[test]
    fn refuses_what_is_no_signal() {
        assert!(Blocked::new(&[0]).is_err());
    }
}
