// SPDX-License-Identifier: MIT OR Apache-2.0
//! The error of this crate: one line with the place, the mistake, and the allowed values.

use std::fmt;
use std::path::{Path, PathBuf};

/// A line of a manifest, for messages: `rootfs/base.toml:12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    file: PathBuf,
    line: usize,
}

impl Place {
    /// Line `line` (counted from 1) of `file`.
    pub fn new(file: &Path, line: usize) -> Self {
        Place { file: file.to_owned(), line }
    }

    /// The file, as it was named when it was read.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The line that byte `offset` of `text`, the content of `file`, is in.
    pub(crate) fn of_offset(file: &Path, text: &str, offset: usize) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        Place::new(file, 1 + before.iter().filter(|b| **b == b'\n').count())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// An invalid manifest. Its text is one line: `FILE:LINE: mistake; allowed values`.
#[derive(Debug)]
pub struct Error {
    place: Option<Place>,
    message: String,
}

impl Error {
    pub(crate) fn at(place: &Place, message: impl Into<String>) -> Self {
        Error { place: Some(place.clone()), message: message.into() }
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Error { place: None, message: message.into() }
    }

    /// The line of the manifest that the error is about, if it is about one.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
