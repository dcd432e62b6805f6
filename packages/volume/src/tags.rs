// SPDX-License-Identifier: MIT OR Apache-2.0
//! The results of a probe, as pairs of a name and a value.

use crate::text::{Order, trim_end, trim_start, until_nul, utf16};
use std::fmt::{self, Display, Write};

/// Names and values, in the order of `blkid -p`. Values are bytes: a label need not be UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<(&'static str, Vec<u8>)>);

impl Tags {
    /// The first value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// [`Tags::get`] as text, with replacement characters where it is none.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.0.iter().map(|(name, value)| (*name, value.as_slice()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a pair at the end.
    pub fn push(&mut self, name: &'static str, value: impl Display) {
        self.0.push((name, value.to_string().into_bytes()));
    }

    /// Adds a pair whose value is bytes at the end.
    pub fn push_bytes(&mut self, name: &'static str, value: impl Into<Vec<u8>>) {
        self.0.push((name, value.into()));
    }

    /// Adds all of `others` at the end.
    pub fn extend(&mut self, others: Tags) {
        self.0.extend(others.0);
    }

    /// Adds a UUID of 16 bytes, unless they are all zero.
    pub(crate) fn uuid(&mut self, name: &'static str, bytes: &[u8]) {
        if bytes.iter().any(|byte| *byte != 0) {
            self.push(name, Uuid(bytes));
        }
    }

    /// Adds LABEL up to a NUL, without white space at the end, unless nothing is left.
    pub(crate) fn label(&mut self, bytes: &[u8]) {
        self.kept("LABEL", trim_end(until_nul(bytes)));
    }

    /// Adds LABEL of UTF-16.
    pub(crate) fn label_utf16(&mut self, units: &[u8], order: Order) {
        self.kept("LABEL", trim_end(&utf16(units, order)));
    }

    /// Adds a text up to a NUL, without white space around it, unless nothing is left.
    pub(crate) fn trimmed(&mut self, name: &'static str, bytes: &[u8]) {
        self.kept(name, trim_start(trim_end(until_nul(bytes))));
    }

    /// [`Tags::trimmed`] of UTF-16.
    pub(crate) fn trimmed_utf16(&mut self, name: &'static str, units: &[u8], order: Order) {
        self.kept(name, trim_start(trim_end(&utf16(units, order))));
    }

    fn kept(&mut self, name: &'static str, value: &[u8]) {
        if !value.is_empty() {
            self.push_bytes(name, value);
        }
    }
}

/// 16 bytes written as a UUID, in their order.
struct Uuid<'a>(&'a [u8]);

impl Display for Uuid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_char('-')?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// The UUID of 16 bytes whose first three fields are little-endian, as GPT has them.
pub(crate) fn guid(bytes: &[u8]) -> String {
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let swapped = order.map(|at| bytes.get(at).copied().unwrap_or(0));
    Uuid(&swapped).to_string()
}
