// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of manifests, and values with the line that gives them.

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

/// A value and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub place: Place,
}
