// SPDX-License-Identifier: GPL-3.0-or-later
//! The terminal's modes, size and pending input.

use super::display::Size;
use super::key::Specials;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize,
    tcsetattr,
};
use std::io;
use std::os::fd::BorrowedFd;

/// The default size, for a terminal of unknown size.
const USUAL: Size = Size { columns: 80, rows: 24 };

/// True if a terminal of this type can be edited on: every other type moves its cursor by ECMA-48.
pub fn can_edit(term: Option<&str>) -> bool {
    !matches!(term, None | Some("" | "dumb" | "unknown" | "emacs" | "network"))
}

/// The terminal's size, if it is known.
pub fn known_size(terminal: BorrowedFd<'_>) -> Option<Size> {
    let size = tcgetwinsize(terminal).ok()?;
    let size = Size { columns: size.ws_col.into(), rows: size.ws_row.into() };
    (size.columns > 0 && size.rows > 0).then_some(size)
}

/// The terminal's size, or the usual one.
pub fn size(terminal: BorrowedFd<'_>) -> Size {
    // In one column, a wide character would never fit.
    known_size(terminal).map_or(USUAL, |size| Size { columns: size.columns.max(2), ..size })
}

/// True if a byte can be read at once, or within some milliseconds.
pub fn is_ready(terminal: BorrowedFd<'_>, milliseconds: u32) -> bool {
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(milliseconds) * 1_000_000 };
    matches!(poll(&mut [PollFd::new(&terminal, PollFlags::IN)], Some(&timeout)), Ok(1..))
}

/// The modes that commands find and leave.
#[derive(Debug, Default)]
pub struct Modes {
    sane: Option<Termios>,
}

impl Modes {
    /// Before a prompt: takes the terminal's modes as those for the next command, or, where the last command failed and
    /// left modes in which a person could not type, sets those from before it.
    pub fn settle(&mut self, terminal: BorrowedFd<'_>, failed: bool) {
        let Ok(now) = tcgetattr(terminal) else { return };
        if let (Some(sane), true, false) = (&self.sane, failed, is_usable(&now)) {
            // An error means that the terminal was closed.
            let _ = tcsetattr(terminal, OptionalActions::Drain, sane);
        } else {
            self.sane = Some(now);
        }
    }
}

fn is_usable(modes: &Termios) -> bool {
    let wanted = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    modes.local_modes.contains(wanted)
        && modes.output_modes.contains(OutputModes::OPOST)
        && modes.input_modes.contains(InputModes::ICRNL)
}

/// The modes for editing, until dropped.
#[derive(Debug)]
pub struct Raw<'a> {
    terminal: BorrowedFd<'a>,
    before: Termios,
}

impl<'a> Raw<'a> {
    /// Sets the modes: every byte is read as it is typed, and output is as before.
    pub fn enter(terminal: BorrowedFd<'a>) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut raw = before.clone();
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        // The return key stays a newline, also in type-ahead for a program.
        raw.input_modes -= InputModes::INLCR | InputModes::IXON | InputModes::ISTRIP;
        raw.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Drain, &raw)?;
        Ok(Self { terminal, before })
    }

    /// The terminal's special characters.
    pub fn specials(&self) -> Specials {
        let code = |index| self.before.special_codes[index];
        Specials {
            intr: code(SpecialCodeIndex::VINTR),
            eof: code(SpecialCodeIndex::VEOF),
            erase: code(SpecialCodeIndex::VERASE),
            kill: code(SpecialCodeIndex::VKILL),
            werase: code(SpecialCodeIndex::VWERASE),
        }
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        // An error means that the terminal was closed.
        let _ = tcsetattr(self.terminal, OptionalActions::Drain, &self.before);
    }
}
