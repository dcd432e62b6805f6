// SPDX-License-Identifier: MIT OR Apache-2.0
//! The user's terminal: in raw mode while the guest uses it, and restored afterwards in every case.

use crate::error::{Error, Result};
use crate::host::duplicate;
use qos_protocol::Winsize;
use rustix::termios::{OptionalActions, Termios};
use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::panic;
use std::sync::{Mutex, Once, PoisonError};

/// What a guest may have switched on that a shell does not expect: no wrapping, no cursor, colours, bracketed paste,
/// mouse, the alternate screen's keys.
const RESET: &[u8] = b"\x1b[?7h\x1b[?25h\x1b[0m\x1b[?2004l\x1b[?1000l\x1b[?1l\x1b>\x1b[J";

struct Saved {
    terminal: File,
    settings: Termios,
}

static SAVED: Mutex<Option<Saved>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// The terminal in raw mode. Dropping it puts the settings back.
pub(crate) struct RawTerminal;

impl RawTerminal {
    /// Puts `terminal` in raw mode: every key goes to the guest, including Ctrl-C.
    pub(crate) fn new(terminal: &impl AsFd) -> Result<Self> {
        let failed =
            |error: rustix::io::Errno| Error::io("cannot set the terminal to raw mode", &error.into());
        let settings = rustix::termios::tcgetattr(terminal).map_err(failed)?;
        let mut raw = settings.clone();
        raw.make_raw();
        let copy = duplicate(terminal).map_err(|error| Error::io("cannot use the terminal", &error))?;
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Saved { terminal: copy, settings });
        // After a panic the terminal must be restored, so that the message is readable. With panic = "abort" only the
        // hook runs.
        HOOK.call_once(|| {
            let previous = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                restore();
                previous(info);
            }));
        });
        rustix::termios::tcsetattr(terminal, OptionalActions::Now, &raw).map_err(failed)?;
        Ok(Self)
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    let Some(mut saved) = SAVED.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return;
    };
    // If the terminal has been closed, nothing else can be done.
    let _ = rustix::termios::tcsetattr(&saved.terminal, OptionalActions::Now, &saved.settings);
    let _ = saved.terminal.write_all(RESET);
}

/// The size of the terminal at standard output, if it is one.
pub(crate) fn size() -> Option<Winsize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let size = Winsize { rows: size.ws_row, cols: size.ws_col };
    (size.rows > 0 && size.cols > 0).then_some(size)
}
