// SPDX-License-Identifier: MIT OR Apache-2.0
//! A terminal in raw mode, for programs that draw on the whole screen: its keys, its size, and signals as events. It
//! is given back as it was when the [`Screen`] goes.

mod keys;

pub use keys::Key;

use qos_sys::signal::{self, Blocked};
use qos_sys::tty::{self, Mode, Terminal};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long the rest of an escape sequence may take: a slow serial line sends a byte in less.
const ESCAPE: Duration = Duration::from_millis(50);

/// The default size, for a terminal of unknown size such as a serial console.
const SIZE: (u16, u16) = (24, 80);

/// Signals that end a program.
const ENDS: [i32; 4] = [signal::SIGTERM, signal::SIGHUP, signal::SIGINT, signal::SIGQUIT];

/// What [`Screen::wait`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size now.
    Resized,
    /// The time is over.
    Timeout,
    /// A signal (SIGTERM, SIGHUP or SIGQUIT) requests the end, or the terminal was closed. This is returned again each time.
    End,
}

/// The terminal, in raw mode.
///
/// The keys that send signals still do, so that Ctrl-C ends what else belongs to the job. Here those signals are keys.
pub struct Screen {
    input: File,
    saved: Terminal,
    blocked: Blocked,
    signals: OwnedFd,
    keys: VecDeque<u8>,
    ended: bool,
}

impl Screen {
    /// Takes the terminal at standard input or, where standard input is something else, the one that controls the
    /// process.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        let (input, saved) = match Terminal::of(&stdin) {
            Ok(saved) => (File::from(stdin.as_fd().try_clone_to_owned()?), saved),
            Err(_) => {
                let terminal = File::open("/dev/tty")?;
                let saved = Terminal::of(&terminal)?;
                (terminal, saved)
            }
        };
        let [a, b, c, d] = ENDS;
        let blocked = Blocked::new(&[a, b, c, d, signal::SIGTSTP, signal::SIGWINCH])?;
        let signals = blocked.descriptor()?;
        let screen = Screen { input, saved, blocked, signals, keys: VecDeque::new(), ended: false };
        screen.raw()?;
        Ok(screen)
    }

    fn raw(&self) -> io::Result<()> {
        let mut raw = self.saved.clone();
        raw.make_raw();
        raw.set(Mode::Isig, true);
        raw.give(&self.input)
    }

    /// Rows and columns.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let size = tty::size(&self.input).unwrap_or(SIZE);
        let or = |given: u16, else_: u16| usize::from(if given == 0 { else_ } else { given });
        (or(size.0, SIZE.0), or(size.1, SIZE.1))
    }

    /// A descriptor that becomes readable when Ctrl-C or a signal requests the end: for poll(2), beside an input that may
    /// be slow. [`wait`](Screen::wait) then gives the event.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn interruption(&self) -> io::Result<OwnedFd> {
        Blocked::new(&ENDS)?.descriptor()
    }

    /// Waits for what happens next, for at most `limit`.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn wait(&mut self, limit: Option<Duration>) -> io::Result<Event> {
        let end = limit.map(|limit| Instant::now() + limit);
        loop {
            if self.ended {
                return Ok(Event::End);
            }
            if let Some(key) = keys::take(&mut self.keys, false) {
                return Ok(Event::Key(key));
            }
            // Bytes that are no key yet may be the start of one, or the escape key alone.
            let rest = end.map(|end| end.saturating_duration_since(Instant::now()));
            let wait = if self.keys.is_empty() { rest } else { Some(ESCAPE) };
            let [signal, input] = qos_sys::poll::readable([self.signals.as_fd(), self.input.as_fd()], wait)?;
            if signal {
                match self.blocked.wait(Some(Duration::ZERO))? {
                    Some(signal::SIGWINCH) => return Ok(Event::Resized),
                    Some(signal::SIGINT) => return Ok(Event::Key(Key::Control('c'))),
                    Some(signal::SIGTSTP) => return Ok(Event::Key(Key::Control('z'))),
                    Some(_) => self.ended = true,
                    None => {}
                }
            } else if input {
                let mut bytes = [0; 64];
                match self.input.read(&mut bytes)? {
                    0 => self.ended = true,
                    n => self.keys.extend(&bytes[..n]),
                }
            } else if let Some(key) = keys::take(&mut self.keys, true) {
                return Ok(Event::Key(key));
            } else {
                return Ok(Event::Timeout);
            }
        }
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does elsewhere; takes the terminal again when the
    /// process goes on. The caller draws everything anew.
    ///
    /// # Errors
    /// When the terminal was closed.
    pub fn suspend(&self) -> io::Result<()> {
        self.saved.give(&self.input)?;
        qos_sys::process::kill(0, signal::SIGTSTP)?;
        Blocked::new(&[signal::SIGTSTP])?.unblock()?;
        // The process goes on here.
        Blocked::new(&[signal::SIGTSTP])?;
        self.raw()
    }

    /// Runs `work` with the terminal given back, for another program to use it.
    ///
    /// # Errors
    /// When the terminal was closed.
    pub fn lend<T>(&self, work: impl FnOnce() -> T) -> io::Result<T> {
        self.saved.give(&self.input)?;
        let result = work();
        self.raw()?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // If the terminal was closed, nothing can be done or reported.
        let _ = self.saved.give(&self.input);
        let _ = self.blocked.unblock();
    }
}
