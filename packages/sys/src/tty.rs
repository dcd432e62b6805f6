// SPDX-License-Identifier: MIT OR Apache-2.0
//! Terminals: ioctl_tty(2).

use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, Termios};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens the terminal at `path` for reading and writing. It does not become this process's controlling terminal.
///
/// # Errors
/// As in open(2).
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(path)
}

/// Sets the size of `terminal` in character cells.
///
/// # Errors
/// When it is no terminal (ENOTTY).
pub fn set_size(terminal: impl AsFd, rows: u16, cols: u16) -> io::Result<()> {
    let size = rustix::termios::Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(rustix::termios::tcsetwinsize(terminal, size)?)
}

/// Size of `terminal` in character cells: rows and columns.
///
/// # Errors
/// When it is no terminal (ENOTTY).
pub fn size(terminal: impl AsFd) -> io::Result<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(terminal)?;
    Ok((size.ws_row, size.ws_col))
}

/// Settings that are on or off, by their names in termios(3).
#[allow(missing_docs, reason = "termios(3) has them")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Brkint,
    Icrnl,
    Ixon,
    Ixoff,
    Opost,
    Onlcr,
    Isig,
    Icanon,
    Iexten,
    Echo,
    Echoe,
    Echok,
    Tostop,
}

enum Flag {
    Input(InputModes),
    Output(OutputModes),
    Local(LocalModes),
}

impl Mode {
    fn flag(self) -> Flag {
        match self {
            Mode::Brkint => Flag::Input(InputModes::BRKINT),
            Mode::Icrnl => Flag::Input(InputModes::ICRNL),
            Mode::Ixon => Flag::Input(InputModes::IXON),
            Mode::Ixoff => Flag::Input(InputModes::IXOFF),
            Mode::Opost => Flag::Output(OutputModes::OPOST),
            Mode::Onlcr => Flag::Output(OutputModes::ONLCR),
            Mode::Isig => Flag::Local(LocalModes::ISIG),
            Mode::Icanon => Flag::Local(LocalModes::ICANON),
            Mode::Iexten => Flag::Local(LocalModes::IEXTEN),
            Mode::Echo => Flag::Local(LocalModes::ECHO),
            Mode::Echoe => Flag::Local(LocalModes::ECHOE),
            Mode::Echok => Flag::Local(LocalModes::ECHOK),
            Mode::Tostop => Flag::Local(LocalModes::TOSTOP),
        }
    }
}

/// Settings of a terminal.
#[derive(Clone)]
pub struct Terminal(Termios);

impl Terminal {
    /// Those of standard input.
    ///
    /// # Errors
    /// When it is no terminal (ENOTTY).
    pub fn of_stdin() -> io::Result<Self> {
        Self::of(rustix::stdio::stdin())
    }

    /// Those of `terminal`.
    ///
    /// # Errors
    /// When it is no terminal (ENOTTY).
    pub fn of(terminal: impl AsFd) -> io::Result<Self> {
        Ok(Terminal(rustix::termios::tcgetattr(terminal)?))
    }

    /// Gives them to `terminal`, once what was written there is out.
    ///
    /// # Errors
    /// When it is no terminal (ENOTTY).
    pub fn give(&self, terminal: impl AsFd) -> io::Result<()> {
        Ok(rustix::termios::tcsetattr(terminal, OptionalActions::Drain, &self.0)?)
    }

    /// Gives them to standard input, once what was written there is out.
    ///
    /// # Errors
    /// When it is no terminal (ENOTTY).
    pub fn set_stdin(&self) -> io::Result<()> {
        self.give(rustix::stdio::stdin())
    }

    /// Whether `mode` is on.
    #[must_use]
    pub fn is(&self, mode: Mode) -> bool {
        match mode.flag() {
            Flag::Input(flag) => self.0.input_modes.contains(flag),
            Flag::Output(flag) => self.0.output_modes.contains(flag),
            Flag::Local(flag) => self.0.local_modes.contains(flag),
        }
    }

    /// Turns `mode` on or off.
    pub fn set(&mut self, mode: Mode, on: bool) {
        match mode.flag() {
            Flag::Input(flag) => self.0.input_modes.set(flag, on),
            Flag::Output(flag) => self.0.output_modes.set(flag, on),
            Flag::Local(flag) => self.0.local_modes.set(flag, on),
        }
    }

    /// Passes every byte on as it is, both ways (cfmakeraw(3)).
    pub fn make_raw(&mut self) {
        self.0.make_raw();
    }
}
