// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tty`: name of the terminal at standard input (POSIX tty). That of uutils 0.6 ends its line without a newline.

use crate::Failure;
use lexopt::prelude::*;
use std::fs::read_link;
use std::io::{self, IsTerminal, Write, stdin};
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;

/// Status when standard input is no terminal.
const NO_TERMINAL: u8 = 1;
/// Status after an error.
const ERROR: u8 = 3;

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut silent = false;
    while let Some(arg) = options.next()? {
        match arg {
            Short('s') | Long("silent" | "quiet") => silent = true,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let name = name(stdin()).map_err(|error| Failure::of("standard input", &error).with_status(ERROR))?;
    report(name, silent, out)
}

/// Path of the terminal `file`; `None` when it is none.
fn name(file: impl AsFd) -> io::Result<Option<PathBuf>> {
    let file = file.as_fd();
    if !file.is_terminal() {
        return Ok(None);
    }
    read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).map(Some)
}

fn report(name: Option<PathBuf>, silent: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if !silent {
        let text = name.as_ref().map_or("not a tty".into(), |name| name.to_string_lossy());
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        written.map_err(|error| Failure::from(error).with_status(ERROR))?;
    }
    name.map(drop).ok_or(Failure::silent(NO_TERMINAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports() {
        for (name, silent, expect, status) in [
            (Some("/dev/ttyS0"), false, "/dev/ttyS0\n", 0),
            (Some("/dev/ttyS0"), true, "", 0),
            (None, false, "not a tty\n", 1),
            (None, true, "", 1),
        ] {
            let mut out = Vec::new();
            let got = report(name.map(PathBuf::from), silent, &mut out);
            assert_eq!(got.err().map_or(0, |failure| failure.status()), status, "{name:?} {silent}");
            assert_eq!(String::from_utf8(out).unwrap(), expect, "{name:?} {silent}");
        }
    }

    #[test]
    fn an_output_that_is_closed() {
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(report(Some("/dev/tty".into()), false, &mut full).unwrap_err().status(), 3);
    }

    #[test]
    fn what_is_no_terminal_has_no_name() {
        assert_eq!(name(std::fs::File::open("/dev/null").unwrap()).unwrap(), None);
    }

    #[test]
    fn operands_are_refused() {
        let options = lexopt::Parser::from_iter(["tty", "x"]);
        assert_eq!(main(options, &mut Vec::new()).unwrap_err().status(), 2);
    }
}
