// SPDX-License-Identifier: MIT OR Apache-2.0
//! The error of this crate.

use std::fmt;
use std::io;
use std::path::Path;

/// What failed, on what, why: one line (a list of findings has a line for each).
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error with this text.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Error(message.into())
    }

    /// The system refused to `action` (as in "read") `path`.
    #[must_use]
    pub fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        Error(format!("cannot {action} {}: {error}", path.display()))
    }

    /// The same error with the file or segment that it is about in front.
    #[must_use]
    pub fn of(self, what: impl fmt::Display) -> Self {
        Error(format!("{what}: {}", self.0))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
