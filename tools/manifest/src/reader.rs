// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the readers of a manifest's tables share: the file, and errors with its lines.

use crate::error::Error;
use crate::place::Place;
use crate::suggest;
use std::path::Path;
use toml::Spanned;

/// `text`, the content of `file`, as serde reads it.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|e| {
        let message = suggest::improve(e.message());
        match e.span() {
            Some(span) => Error::at(&Place::of_offset(file, text, span.start), message),
            None => Error::at(&Place::new(file, 1), message),
        }
    })
}

/// Turns what serde read into checked values.
pub(crate) struct Reader<'a> {
    pub file: &'a Path,
    pub dir: &'a Path,
    pub text: &'a str,
}

impl Reader<'_> {
    pub(crate) fn place<T>(&self, at: &Spanned<T>) -> Place {
        Place::of_offset(self.file, self.text, at.span().start)
    }

    /// Turns the reason of a failed check into an error at the line of `at`.
    pub(crate) fn checked<T, V>(&self, at: &Spanned<T>, result: Result<V, String>) -> Result<V, Error> {
        result.map_err(|message| Error::at(&self.place(at), message))
    }

    /// The one of `all` that has this name. What else is allowed, if anything, is `more`.
    pub(crate) fn named<T: Copy>(
        &self,
        name: &Spanned<String>,
        what: &str,
        all: &[(&str, T)],
        more: &str,
    ) -> Result<T, Error> {
        let found = all.iter().find(|(known, _)| known == name.get_ref()).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
            let hint = suggest::did_you_mean(name.get_ref(), names.iter().copied());
            let message =
                format!("unknown {what} `{}`; there are {}{more}{hint}", name.get_ref(), names.join(", "));
            Error::at(&self.place(name), message)
        })
    }
}
