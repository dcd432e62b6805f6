// SPDX-License-Identifier: MIT OR Apache-2.0
//! The error of this crate: one line with the place, the mistake, and the allowed values.

use crate::place::Place;
use std::fmt;

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
