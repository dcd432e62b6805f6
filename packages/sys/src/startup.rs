// SPDX-License-Identifier: MIT OR Apache-2.0
//! Attributes of this process at its start, which Rust's runtime then changes: it ignores SIGPIPE before `main`.

use std::sync::atomic::{AtomicBool, Ordering};

static PIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// The C library calls what is in this section before `main`, and so before the runtime.
#[used]
// SAFETY: the section holds pointers to C functions that take no arguments they need, which this one is.
#[unsafe(link_section = ".init_array")]
static CAPTURE: extern "C" fn() = capture;

extern "C" fn capture() {
    let ignored = crate::disposition::is_ignored(libc::SIGPIPE).unwrap_or(false);
    PIPE_WAS_IGNORED.store(ignored, Ordering::Relaxed);
}

/// Gives SIGPIPE the disposition that this process was started with: if not ignored, it ends a program that writes to a
/// pipe nobody reads.
///
/// # Errors
/// None that a correct number of a signal has; passed on all the same.
pub fn restore_sigpipe() -> std::io::Result<()> {
    if PIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        return Ok(());
    }
    crate::disposition::set(libc::SIGPIPE, crate::disposition::Disposition::Default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disposition::is_ignored;

    #[test]
    fn restores_what_was() {
        // Of the test's own process it is not known what it was started with; but the runtime has ignored the signal.
        restore_sigpipe().unwrap();
        assert_eq!(is_ignored(libc::SIGPIPE).unwrap(), PIPE_WAS_IGNORED.load(Ordering::Relaxed));
    }
}
