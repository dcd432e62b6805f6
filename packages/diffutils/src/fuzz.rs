// SPDX-License-Identifier: MIT OR Apache-2.0
//! The differences of two texts without files, for tools/fuzz.

use crate::diff;

/// What `diff -U CONTEXT`, `diff -C CONTEXT` and `diff` print of two texts, without the lines that name files.
///
/// # Panics
/// When memory cannot be written to.
#[must_use]
pub fn diff(old: &[u8], new: &[u8], context: usize) -> [Vec<u8>; 3] {
    diff::formats(old, new, context).unwrap_or_else(|error| panic!("{error}"))
}
