// SPDX-License-Identifier: MIT OR Apache-2.0
//! The source of the text: a file, or a pipe that may be slow or endless.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Bytes that are read at once.
const PART: usize = 1 << 16;

/// An open input.
pub struct Source {
    file: File,
    /// What interrupts reading once it can be read from.
    pub interruption: Option<OwnedFd>,
    ended: bool,
}

impl Source {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// As of open(2); a directory is rejected.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = if path == Path::new("-") {
            File::from(io::stdin().as_fd().try_clone_to_owned()?)
        } else {
            File::open(path)?
        };
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Source { file, interruption: None, ended: false })
    }

    /// Reads the next bytes, which may have to be waited for; none at the end. An error ends the text. `None` when it
    /// was interrupted.
    pub fn read(&mut self) -> Option<Vec<u8>> {
        if let Some(interruption) = &self.interruption {
            // If poll(2) fails, read(2) gives the reason.
            if let Ok([true, _]) = qos_sys::poll::readable([interruption.as_fd(), self.file.as_fd()], None) {
                return None;
            }
        }
        let mut bytes = vec![0; PART];
        match self.file.read(&mut bytes) {
            Ok(n) => bytes.truncate(n),
            Err(_) => bytes.clear(),
        }
        self.ended = bytes.is_empty();
        Some(bytes)
    }

    /// Whether all has been read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}
