// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks the user for a passphrase, on all consoles and the boot screen at once.

use crate::console;
use crate::splash::{self, Splash, Typed};
use qos_sys::tty::{self, Mode, Terminal};
use qos_sys::{error_text, poll};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;

/// Longest passphrase; a line of a terminal has 4095 bytes (termios(3)).
const LONGEST: usize = 4096;

/// Asks `question` below `note`; the first line that is typed on one of the consoles or the boot screen, without its end. What is
/// typed is not shown. Escape ends the boot screen.
///
/// # Errors
/// No console can be read from.
pub fn ask(note: &str, question: &str, splash: &mut Option<Splash>) -> io::Result<Vec<u8>> {
    let mut consoles = Vec::new();
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    let text = if note.is_empty() { question.to_owned() } else { format!("{note} {question}") };
    let open = |path: &Path| tty::open(path).and_then(|file| Quiet::new(file, &text));
    for path in console::all() {
        if splash.is_none() || path != Path::new(splash::TERMINAL) {
            match open(&path) {
                Ok(console) => consoles.push(console),
                Err(error) => failure = error,
            }
        }
    }
    if let Some(splash) = splash {
        splash.ask(note, question);
    }
    loop {
        if consoles.is_empty() && splash.is_none() {
            return Err(io::Error::other(format!("no console to ask on: {}", error_text(&failure))));
        }
        // The screen first, so that an Escape typed before a line shows the log.
        let screen = splash.as_ref().map(AsFd::as_fd);
        let screens = usize::from(screen.is_some());
        let files: Vec<_> =
            screen.into_iter().chain(consoles.iter().map(|console| console.file.as_fd())).collect();
        let ready = poll::any_readable(&files, None)?;
        let Some(at) = ready.iter().position(|ready| *ready) else { continue };
        let Some(at) = at.checked_sub(screens) else {
            match splash.as_mut().map(Splash::read) {
                Some(Ok(Typed::Line(line))) => return Ok(line),
                Some(Ok(Typed::Nothing)) => continue,
                Some(Ok(Typed::Escape) | Err(_)) | None => {}
            }
            if let Some(splash) = splash.take() {
                splash.reveal();
            }
            consoles.extend(open(Path::new(splash::TERMINAL)).ok());
            continue;
        };
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
