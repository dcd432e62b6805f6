// SPDX-License-Identifier: MIT OR Apache-2.0
//! The terminal of the main program, and its type.

use qos_protocol::Winsize;
use std::path::Path;

/// What sort of terminal the main program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// A serial line; with a size, there is a terminal of that size at its other end.
    Serial {
        /// The size that the host sent.
        size: Option<Winsize>,
    },
    /// The machine's own screen.
    Screen,
    /// None.
    None,
}

impl Terminal {
    /// The terminal of a program on the console `console`, behind which the host has one of the size `winsize`.
    #[must_use]
    pub fn of_console(console: &Path, winsize: Option<Winsize>) -> Self {
        let name = console.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let screen = name.strip_prefix("tty").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if screen { Terminal::Screen } else { Terminal::Serial { size: winsize } }
    }

    /// Its type for `TERM`. Nothing is known of what is at the end of a serial line, unless the host says that it
    /// is the host's own terminal.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Terminal::Serial { size: Some(_) } => "xterm-256color",
            Terminal::Screen => "linux",
            Terminal::Serial { size: None } | Terminal::None => "dumb",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_consoles() {
        let size = Winsize { rows: 24, cols: 80 };
        let check = |console: &str, winsize, expect| {
            assert_eq!(Terminal::of_console(Path::new(console), winsize), expect, "{console}");
        };
        check("/dev/ttyS0", None, Terminal::Serial { size: None });
        check("/dev/ttyS0", Some(size), Terminal::Serial { size: Some(size) });
        check("/dev/hvc0", None, Terminal::Serial { size: None });
        check("/dev/tty1", None, Terminal::Screen);
    }
}
