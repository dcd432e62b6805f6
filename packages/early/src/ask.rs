// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the user for a passphrase, on all consoles at once.

use crate::console;
use qos_sys::tty::{self, Mode, Terminal};
use qos_sys::{error_text, poll};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

/// Longest passphrase; a line of a terminal has 4095 bytes (termios(3)).
const LONGEST: usize = 4096;

/// Asks `question`; the first line that is typed on one of the consoles, without its end. What is typed is not shown.
///
/// # Errors
/// No console can be read from.
pub fn ask(question: &str) -> io::Result<Vec<u8>> {
    let mut consoles = Vec::new();
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for path in console::all() {
        match tty::open(&path).and_then(|file| Quiet::new(file, question)) {
            Ok(console) => consoles.push(console),
            Err(error) => failure = error,
        }
    }
    loop {
        if consoles.is_empty() {
            return Err(io::Error::other(format!("no console to ask on: {}", error_text(&failure))));
        }
        let files: Vec<_> = consoles.iter().map(|console| console.file.as_fd()).collect();
        let ready = poll::any_readable(&files, None)?;
        let Some(at) = ready.iter().position(|ready| *ready) else { continue };
        let mut line = vec![0; LONGEST];
        match consoles[at].file.read(&mut line) {
            Ok(length) if length != 0 => {
                line.truncate(length);
                while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.pop();
                }
                return Ok(line);
            }
            // End of file: an end of transmission on an empty line, or a terminal that was hung up.
            Ok(_) => drop(consoles.remove(at)),
            Err(error) => {
                failure = error;
                consoles.remove(at);
            }
        }
    }
}

/// A terminal with echo turned off.
struct Quiet {
    file: File,
    before: Terminal,
}

impl Quiet {
    fn new(mut file: File, question: &str) -> io::Result<Quiet> {
        let before = Terminal::of(&file)?;
        let mut quiet = before.clone();
        quiet.set(Mode::Echo, false);
        for mode in [Mode::Icanon, Mode::Icrnl, Mode::Opost, Mode::Onlcr] {
            quiet.set(mode, true);
        }
        // No signal: no process would receive it.
        quiet.set(Mode::Isig, false);
        quiet.give(&file)?;
        write!(file, "{question} ")?;
        Ok(Quiet { file, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = self.file.write_all(b"\n");
        let _ = self.before.give(&self.file);
    }
}
