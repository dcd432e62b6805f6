// SPDX-License-Identifier: MIT OR Apache-2.0
use std::fmt::Display;
use std::io;
use std::path::Path;

/// The failure of a program: its exit status, and its message.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    status: u8,
    message: Option<String>,
    usage: bool,
}

impl Failure {
    /// Status 1 and a message.
    pub fn new(message: impl Into<String>) -> Self {
        Failure { status: 1, message: Some(message.into()), usage: false }
    }

    /// Status 1 and what went wrong with `subject`: `SUBJECT: No such file or directory`.
    pub fn of(subject: impl Display, error: &io::Error) -> Self {
        Self::new(format!("{subject}: {}", qos_sys::error_text(error)))
    }

    /// [`Failure::of`] for a path.
    pub fn at(path: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::of(path.as_ref().display(), error)
    }

    /// Status 2: a usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure { status: 2, message: Some(message.into()), usage: true }
    }

    /// A status without a message.
    pub fn silent(status: u8) -> Self {
        Failure { status, message: None, usage: false }
    }

    /// The same with another exit status.
    #[must_use]
    pub fn with_status(self, status: u8) -> Self {
        Failure { status, ..self }
    }

    /// The exit status.
    #[must_use]
    pub fn status(&self) -> u8 {
        self.status
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether the program was called wrongly.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        self.usage
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<io::Error> for Failure {
    /// An error of writing the output. If the reader has closed the pipe, there is no message.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::silent(1),
            _ => Self::of("write error", &error),
        }
    }
}
