// SPDX-License-Identifier: MIT OR Apache-2.0
//! Terminals: ioctl_tty(2).

use std::io;
use std::os::fd::AsFd;

/// Sets the size of `terminal` in character cells.
///
/// # Errors
/// When it is no terminal (ENOTTY).
pub fn set_size(terminal: impl AsFd, rows: u16, cols: u16) -> io::Result<()> {
    let size = rustix::termios::Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(rustix::termios::tcsetwinsize(terminal, size)?)
}
