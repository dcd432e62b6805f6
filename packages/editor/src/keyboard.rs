// SPDX-License-Identifier: MIT OR Apache-2.0
use qos_sys::signal::{self, Blocked};
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// How long one wait for a key takes. Between two of them the editor looks at the size of the terminal, and an escape
/// character after which nothing follows for so long is the escape key.
const WAIT: Duration = Duration::from_millis(100);

/// The keys that the editor reads. A signal that ends a process is an error of reading instead, so that the editor
/// gives the terminal back.
pub struct Keyboard {
    input: File,
    blocked: Blocked,
    signals: OwnedFd,
    /// The signal that came.
    pub signal: Option<i32>,
    bytes: Vec<u8>,
    /// How many of `bytes` are read.
    used: usize,
}

impl Keyboard {
    /// Reads from `input`, a terminal.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn new(input: impl AsFd) -> io::Result<Self> {
        let input = File::from(input.as_fd().try_clone_to_owned()?);
        let blocked = Blocked::new(&[signal::SIGTERM, signal::SIGHUP, signal::SIGINT])?;
        let signals = blocked.descriptor()?;
        Ok(Keyboard { input, blocked, signals, signal: None, bytes: Vec::new(), used: 0 })
    }
}

impl BufRead for Keyboard {
    /// Nothing, without an error, means that there was no key for a while.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.bytes.len() {
            self.used = 0;
            self.bytes.clear();
            let [signal, input] =
                qos_sys::poll::readable([self.signals.as_fd(), self.input.as_fd()], Some(WAIT))?;
            if signal && let Some(number) = self.blocked.wait(Some(Duration::ZERO))? {
                self.signal = Some(number);
                return Err(io::Error::other(format!("ended by signal {number}")));
            }
            if input {
                self.bytes.resize(256, 0);
                let read = self.input.read(&mut self.bytes);
                self.bytes.truncate(*read.as_ref().unwrap_or(&0));
                if read? == 0 {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal is gone"));
                }
            }
        }
        Ok(&self.bytes[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used = (self.used + amount).min(self.bytes.len());
    }
}

impl Read for Keyboard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn keys_and_the_end() {
        let (input, mut terminal) = qos_sys::pipe::new().unwrap();
        let mut keyboard = Keyboard::new(&input).unwrap();
        let mut byte = [0];
        assert_eq!(keyboard.read(&mut byte).unwrap(), 0);
        terminal.write_all(b"ab").unwrap();
        for expect in *b"ab" {
            assert_eq!((keyboard.read(&mut byte).unwrap(), byte), (1, [expect]));
        }
        drop(terminal);
        assert_eq!(keyboard.read(&mut byte).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(keyboard.signal, None);
    }
}
