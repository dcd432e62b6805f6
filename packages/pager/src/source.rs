// SPDX-License-Identifier: MIT OR Apache-2.0
//! What text is read from: a file, or a pipe that may give it slowly or without end.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

/// Bytes that are read at once.
const PART: usize = 1 << 16;

/// An open input.
pub struct Source {
    file: File,
    ended: bool,
}

impl Source {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// As of open(2); a directory is none that can be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = if path == Path::new("-") {
            File::from(io::stdin().as_fd().try_clone_to_owned()?)
        } else {
            File::open(path)?
        };
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Source { file, ended: false })
    }

    /// Reads the next bytes, which may have to be waited for; none at the end. An error ends the text.
    pub fn read(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; PART];
        match self.file.read(&mut bytes) {
            Ok(n) => bytes.truncate(n),
            Err(_) => bytes.clear(),
        }
        self.ended = bytes.is_empty();
        bytes
    }

    /// Whether all has been read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}
