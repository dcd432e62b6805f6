// SPDX-License-Identifier: MIT OR Apache-2.0
//! Passwords from a terminal, unseen.

use crate::Secret;
use qos_sys::poll;
use qos_sys::tty::{Mode, Terminal};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;
use zeroize::Zeroizing;

/// Asks for a password at `terminal`, writing `question` to `out`; `None` at the end of the input (Ctrl-D on an empty
/// line). Where the input is no terminal, it is the next line.
///
/// Nothing is shown. Backspace, Ctrl-W and Ctrl-U erase; Ctrl-C ends with [`io::ErrorKind::Interrupted`]; when `until` has
/// come it ends with [`io::ErrorKind::TimedOut`]. The terminal's settings are what they were, whatever comes.
///
/// # Errors
/// Those, and as in read(2) and tcsetattr(3).
pub fn password(
    mut terminal: impl Read + AsFd,
    mut out: impl Write,
    question: &str,
    until: Option<Instant>,
) -> io::Result<Option<Secret>> {
    let mut say = |text: &str| out.write_all(text.as_bytes()).and_then(|()| out.flush());
    let Ok(before) = Terminal::of(&terminal) else {
        say(question)?;
        return Secret::read_line(terminal);
    };
    let mut unseen = before.clone();
    for mode in [Mode::Echo, Mode::Icanon, Mode::Isig, Mode::Iexten] {
        unseen.set(mode, false);
    }
    unseen.give(&terminal)?;
    // The question comes when nothing is shown any more: who answers at once is not seen either.
    let read = say(question).and_then(|()| read(&mut terminal, until));
    let given_back = before.give(&terminal);
    say("\n")?;
    given_back?;
    read
}

/// Asks for a line that may be seen, such as a name; `None` at the end of the input.
///
/// # Errors
/// As in read(2); when it is longer than 511 bytes ([`io::ErrorKind::InvalidInput`]) or `until` has come
/// ([`io::ErrorKind::TimedOut`]).
pub fn line(
    terminal: impl Read + AsFd,
    mut out: impl Write,
    question: &str,
    until: Option<Instant>,
) -> io::Result<Option<String>> {
    out.write_all(question.as_bytes())?;
    out.flush()?;
    // A terminal in its usual mode gives a line when all of it is there.
    wait(&terminal, until)?;
    let line = Secret::read_line(terminal)?;
    Ok(line.map(|line| String::from_utf8_lossy(line.bytes()).trim_end_matches('\r').to_owned()))
}

fn wait(terminal: &impl AsFd, until: Option<Instant>) -> io::Result<()> {
    let Some(until) = until else { return Ok(()) };
    let left = until.saturating_duration_since(Instant::now());
    let [is_there] = poll::readable([terminal.as_fd()], Some(left))?;
    if is_there { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
}

fn read(terminal: &mut (impl Read + AsFd), until: Option<Instant>) -> io::Result<Option<Secret>> {
    let (mut secret, mut byte) = (Secret::default(), Zeroizing::new([0]));
    loop {
        wait(terminal, until)?;
        match terminal.read(&mut byte[..]) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            // read(2) itself, interrupted by a signal that is handled, goes on.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\n' | b'\r' => return Ok(Some(secret)),
            0x03 | 0x1c => return Err(io::ErrorKind::Interrupted.into()),
            0x04 if secret.is_empty() => return Ok(None),
            0x04 => return Ok(Some(secret)),
            0x08 | 0x7f => secret.pop(),
            0x15 | 0x17 => secret.clear(),
            0x00 => {}
            byte => secret.push(byte)?,
        }
    }
}
