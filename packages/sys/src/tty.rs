// SPDX-License-Identifier: MIT OR Apache-2.0
//! Terminals: ioctl_tty(2).

use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios,
};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

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
    Ixany,
    Iutf8,
    Opost,
    Onlcr,
    Isig,
    Icanon,
    Iexten,
    Echo,
    Echoe,
    Echok,
    Echonl,
    Tostop,
    Clocal,
    Crtscts,
    Hupcl,
}

enum Flag {
    Control(ControlModes),
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
            Mode::Ixany => Flag::Input(InputModes::IXANY),
            Mode::Iutf8 => Flag::Input(InputModes::IUTF8),
            Mode::Opost => Flag::Output(OutputModes::OPOST),
            Mode::Onlcr => Flag::Output(OutputModes::ONLCR),
            Mode::Isig => Flag::Local(LocalModes::ISIG),
            Mode::Icanon => Flag::Local(LocalModes::ICANON),
            Mode::Iexten => Flag::Local(LocalModes::IEXTEN),
            Mode::Echo => Flag::Local(LocalModes::ECHO),
            Mode::Echoe => Flag::Local(LocalModes::ECHOE),
            Mode::Echok => Flag::Local(LocalModes::ECHOK),
            Mode::Echonl => Flag::Local(LocalModes::ECHONL),
            Mode::Tostop => Flag::Local(LocalModes::TOSTOP),
            Mode::Clocal => Flag::Control(ControlModes::CLOCAL),
            Mode::Crtscts => Flag::Control(ControlModes::CRTSCTS),
            Mode::Hupcl => Flag::Control(ControlModes::HUPCL),
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
            Flag::Control(flag) => self.0.control_modes.contains(flag),
            Flag::Input(flag) => self.0.input_modes.contains(flag),
            Flag::Output(flag) => self.0.output_modes.contains(flag),
            Flag::Local(flag) => self.0.local_modes.contains(flag),
        }
    }

    /// Turns `mode` on or off.
    pub fn set(&mut self, mode: Mode, on: bool) {
        match mode.flag() {
            Flag::Control(flag) => self.0.control_modes.set(flag, on),
            Flag::Input(flag) => self.0.input_modes.set(flag, on),
            Flag::Output(flag) => self.0.output_modes.set(flag, on),
            Flag::Local(flag) => self.0.local_modes.set(flag, on),
        }
    }

    /// Passes every byte on as it is, both ways (cfmakeraw(3)).
    pub fn make_raw(&mut self) {
        self.0.make_raw();
    }

    /// Gives the usual settings of a terminal at which a person types lines (`stty sane`): the kernel's own of a new
    /// terminal, eight bits, no parity. The speed stays.
    pub fn make_sane(&mut self) {
        let terminal = &mut self.0;
        terminal.input_modes =
            InputModes::BRKINT | InputModes::ICRNL | InputModes::IXON | InputModes::IMAXBEL;
        terminal.output_modes = OutputModes::OPOST | OutputModes::ONLCR;
        terminal.local_modes = LocalModes::ISIG
            | LocalModes::ICANON
            | LocalModes::IEXTEN
            | LocalModes::ECHO
            | LocalModes::ECHOE
            | LocalModes::ECHOK
            | LocalModes::ECHOCTL
            | LocalModes::ECHOKE;
        terminal.control_modes.remove(ControlModes::CSIZE | ControlModes::PARENB | ControlModes::CSTOPB);
        terminal.control_modes.insert(ControlModes::CS8 | ControlModes::CREAD);
        for (code, byte) in [
            (SpecialCodeIndex::VINTR, 0x03),
            (SpecialCodeIndex::VQUIT, 0x1c),
            (SpecialCodeIndex::VERASE, 0x7f),
            (SpecialCodeIndex::VKILL, 0x15),
            (SpecialCodeIndex::VEOF, 0x04),
            (SpecialCodeIndex::VTIME, 0),
            (SpecialCodeIndex::VMIN, 1),
            (SpecialCodeIndex::VSTART, 0x11),
            (SpecialCodeIndex::VSTOP, 0x13),
            (SpecialCodeIndex::VSUSP, 0x1a),
            (SpecialCodeIndex::VEOL, 0),
            (SpecialCodeIndex::VREPRINT, 0x12),
            (SpecialCodeIndex::VWERASE, 0x17),
            (SpecialCodeIndex::VLNEXT, 0x16),
            (SpecialCodeIndex::VEOL2, 0),
        ] {
            terminal.special_codes[code] = byte;
        }
    }

    /// Sets the speed in both directions, in bits per second.
    ///
    /// # Errors
    /// With a speed that the system has no name for (EINVAL).
    pub fn set_speed(&mut self, speed: u32) -> io::Result<()> {
        Ok(self.0.set_speed(speed)?)
    }

    /// The speed of what is written, in bits per second.
    #[must_use]
    pub fn speed(&self) -> u32 {
        self.0.output_speed()
    }
}

/// Path of `terminal` (ttyname(3)).
///
/// # Errors
/// When it is no terminal (ENOTTY), or has no path in this name space (ENODEV).
pub fn path(terminal: impl AsFd) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let name = rustix::termios::ttyname(terminal, Vec::new())?;
    Ok(std::ffi::OsString::from_vec(name.into_bytes()).into())
}

/// Whether `terminal` is one.
#[must_use]
pub fn is_terminal(terminal: impl AsFd) -> bool {
    rustix::termios::isatty(terminal)
}

/// Throws away what was typed at `terminal` and not read.
///
/// # Errors
/// When it is no terminal (ENOTTY).
pub fn discard_input(terminal: impl AsFd) -> io::Result<()> {
    Ok(rustix::termios::tcflush(terminal, rustix::termios::QueueSelector::IFlush)?)
}

/// Makes this process the leader of a session of its own, without a terminal (setsid(2)).
///
/// # Errors
/// When it leads a process group (EPERM).
pub fn new_session() -> io::Result<()> {
    Ok(rustix::process::setsid().map(drop)?)
}

/// Whether this process leads its session.
#[must_use]
pub fn leads_session() -> bool {
    rustix::process::getsid(None).is_ok_and(|session| session == rustix::process::getpid())
}

/// Makes `terminal` the one that controls this process's session.
///
/// # Errors
/// When this process does not lead its session, or the terminal controls another one (EPERM).
pub fn make_controlling(terminal: impl AsFd) -> io::Result<()> {
    Ok(rustix::process::ioctl_tiocsctty(terminal)?)
}

/// Makes `terminal` this process's standard input, output and error.
///
/// # Errors
/// As in dup2(2).
pub fn make_standard(terminal: impl AsFd) -> io::Result<()> {
    rustix::stdio::dup2_stdin(&terminal)?;
    rustix::stdio::dup2_stdout(&terminal)?;
    Ok(rustix::stdio::dup2_stderr(&terminal)?)
}

/// Gives the terminal that controls this process's session up. It sends SIGHUP to the session's foreground processes.
///
/// # Errors
/// When this process has no controlling terminal (ENOTTY).
pub fn give_up_controlling(terminal: impl AsFd) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: TIOCNOTTY takes no argument, and the descriptor is open as long as it is borrowed.
    crate::error::check(unsafe { libc::ioctl(terminal.as_fd().as_raw_fd(), libc::TIOCNOTTY) }).map(drop)
}
