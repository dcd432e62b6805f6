// SPDX-License-Identifier: MIT OR Apache-2.0
//! The error of this library: one clear line for the person at the terminal.

use std::fmt;
use std::io;
use std::path::Path;

/// What failed, on what, why, and what to do next, as one line.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
}

/// Kinds of errors that a caller may have to distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing special: print it.
    Other,
    /// No mirror serves the file: each answered 404.
    Gone,
    /// The user interrupted.
    Interrupted,
}

/// Result with this library's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Error {
        Error { kind: Kind::Other, message: message.into() }
    }

    /// An input/output error on `path` while doing `what` ("write", "create the directory").
    ///
    /// A full disk and a read-only file system get the advice that fits.
    pub fn io(what: &str, path: &Path, error: &io::Error) -> Error {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "; free some space there, or set XDG_CACHE_HOME to a directory on another disk, and run the command again"
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                "; set XDG_CACHE_HOME to a writable directory"
            }
            _ => "",
        };
        Error::new(format!("cannot {what} {}: {}{advice}", path.display(), plain(error)))
    }

    pub(crate) fn gone(message: impl Into<String>) -> Error {
        Error { kind: Kind::Gone, message: message.into() }
    }

    pub(crate) fn interrupted() -> Error {
        Error {
            kind: Kind::Interrupted,
            message: "interrupted; run the same command again to continue".into(),
        }
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.kind == Kind::Gone
    }

    /// Whether the user interrupted (a shell expects exit status 130 then).
    pub fn is_interrupted(&self) -> bool {
        self.kind == Kind::Interrupted
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The text of an I/O error without Rust's "(os error N)".
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
