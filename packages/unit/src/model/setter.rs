// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the sections share when they take a value.

use crate::name::Name;
use crate::specifier::{Facts, expand_text};
use crate::{span, value, words};
use std::time::Duration;

/// Whether a section knows a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// It took the value.
    Done,
    /// It does not know the key.
    Unknown,
}

/// A value and what its specifiers stand for.
pub struct Value<'a> {
    pub text: &'a str,
    pub name: &'a Name,
    pub facts: &'a Facts,
}

impl Value<'_> {
    /// With specifiers replaced.
    pub fn expanded(&self) -> String {
        self.expand(self.text)
    }

    fn expand(&self, text: &str) -> String {
        expand_text(text, self.name, self.facts)
    }

    pub fn boolean(&self) -> Result<bool, String> {
        value::boolean(self.text)
    }

    pub fn span(&self) -> Result<Duration, String> {
        span::parse(self.text)
    }

    /// A span, of which 0 stands for "without end".
    pub fn timeout(&self) -> Result<Duration, String> {
        let span = self.span()?;
        Ok(if span.is_zero() { span::INFINITY } else { span })
    }

    pub fn number<T: std::str::FromStr>(&self) -> Result<T, String> {
        value::number(self.text)
    }

    /// An absolute path with specifiers replaced; `None` for an empty value.
    pub fn path(&self) -> Result<Option<String>, String> {
        if self.text.is_empty() {
            return Ok(None);
        }
        absolute(self.expanded()).map(Some)
    }

    /// Words with specifiers replaced.
    pub fn words(&self) -> Result<Vec<String>, String> {
        Ok(words::split_text(self.text)?.iter().map(|word| self.expand(word)).collect())
    }

    /// Adds the words to `list`; an empty value clears it.
    pub fn list(&self, list: &mut Vec<String>) -> Result<(), String> {
        if self.text.is_empty() {
            list.clear();
        }
        list.extend(self.words()?);
        Ok(())
    }

    /// Adds names of units to `list`; an empty value clears it.
    pub fn units(&self, list: &mut Vec<Name>) -> Result<(), String> {
        if self.text.is_empty() {
            list.clear();
        }
        let mut failed = None;
        for word in self.words()? {
            match Name::new(&word) {
                Ok(name) if list.contains(&name) => {}
                Ok(name) => list.push(name),
                // The others of the line are still good.
                Err(reason) => failed = Some(reason),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// One of `choices`.
    pub fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, String> {
        let found = choices.iter().find(|(name, _)| *name == self.text);
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            format!("not one of {}", names.join(", "))
        })
    }
}

/// Checks that `path` is absolute, and removes slashes at its end.
pub fn absolute(path: String) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err(format!("{path:?} is no absolute path"));
    }
    if path.split('/').any(|part| part == "..") {
        return Err(format!("{path:?} has a .. in it"));
    }
    let trimmed = path.trim_end_matches('/');
    Ok(if trimmed.is_empty() { "/".into() } else { trimmed.to_owned() })
}
