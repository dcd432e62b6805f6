// SPDX-License-Identifier: MIT OR Apache-2.0
//! The error of a guest that cannot be started. The end of a guest that was started is a [`crate::Verdict`].

use std::fmt;
use std::io;
use std::path::Path;

/// One line for the user: what failed, on what, why, and what to do next.
#[derive(Debug)]
pub struct Error {
    message: String,
}

/// Result of an operation on the host.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        Self::new(format!("{what}: {error}"))
    }

    pub(crate) fn file(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
