// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a signal does to this process: sigaction(2). A handler only notes that the signal came.

use crate::error::check;
use crate::signal;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Signals noted and not yet taken: bit N-1 for signal N.
static NOTED: AtomicU64 = AtomicU64::new(0);

/// What happens when a signal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// What the system does by itself: for most, the process ends.
    Default,
    /// Nothing. Programs that are started inherit this.
    Ignored,
    /// It is noted, for [`take_noted`]; system calls that it interrupts go on. Programs that are started get the
    /// default.
    Noted,
}

/// Gives `signal` a disposition.
///
/// # Errors
/// With a number that is no signal, or one that cannot be caught or ignored (EINVAL).
pub fn set(signal: i32, disposition: Disposition) -> io::Result<()> {
    // SAFETY: the structure's fields are integers, sets of bits, or an optional pointer: zero is a value of each.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignored => libc::SIG_IGN,
        Disposition::Noted => note as extern "C" fn(libc::c_int) as libc::sighandler_t,
    };
    action.sa_flags = libc::SA_RESTART;
    action.sa_mask = signal::empty();
    // SAFETY: `action` outlives the call; its handler is one of the two constants or `note`, which does nothing that is
    // not allowed in a handler; a null pointer asks for no old action.
    check(unsafe { libc::sigaction(signal, &action, ptr::null_mut()) }).map(drop)
}

/// Whether `signal` is ignored, as a parent may have left it.
///
/// # Errors
/// With a number that is no signal (EINVAL).
pub fn is_ignored(signal: i32) -> io::Result<bool> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null pointer asks for no change, and `action` is a place for the old one that outlives the call.
    check(unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) })?;
    // SAFETY: zero is a value of every field, and the call has succeeded and written them.
    Ok(unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN)
}

/// Takes one of the signals that were noted, the lowest number first. How often it came is not counted.
#[must_use]
pub fn take_noted() -> Option<i32> {
    loop {
        let noted = NOTED.load(Ordering::Relaxed);
        let bit = noted.trailing_zeros();
        if bit == u64::BITS {
            return None;
        }
        if NOTED.fetch_and(!(1 << bit), Ordering::Relaxed) & (1 << bit) != 0 {
            return Some(bit as i32 + 1);
        }
    }
}

/// The handler: one atomic instruction, which is all that is safe to do here.
extern "C" fn note(signal: libc::c_int) {
    NOTED.fetch_or(1 << (signal - 1), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noted_ignored_refused() {
        set(libc::SIGUSR2, Disposition::Noted).unwrap();
        assert!(!is_ignored(libc::SIGUSR2).unwrap());
        assert_eq!(take_noted(), None);
        for _ in 0..2 {
            // SAFETY: raise has no memory to be wrong about, and the signal is one that this test handles.
            assert_eq!(unsafe { libc::raise(libc::SIGUSR2) }, 0);
        }
        assert_eq!(take_noted(), Some(libc::SIGUSR2));
        assert_eq!(take_noted(), None);
        set(libc::SIGUSR2, Disposition::Ignored).unwrap();
        assert!(is_ignored(libc::SIGUSR2).unwrap());
        // SAFETY: as above.
        assert_eq!(unsafe { libc::raise(libc::SIGUSR2) }, 0);
        assert_eq!(take_noted(), None);
        assert_eq!(set(libc::SIGKILL, Disposition::Ignored).unwrap_err().raw_os_error(), Some(libc::EINVAL));
        assert!(is_ignored(1000).is_err());
    }
}
