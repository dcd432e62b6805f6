// SPDX-License-Identifier: MIT OR Apache-2.0
//! `patch`: applies the differences that diff(1) or git has found (POSIX patch; GNU patch's search for the place).
//!
//! Not here: `-D` of POSIX, and scripts for ed(1).

mod apply;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod help;
mod hunk;
mod names;
mod options;
mod parse;
mod program;
mod rejects;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[("patch", program::main, &help::PATCH)];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and returns its exit status, or `None` if there is no program of that
/// name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name, args)
}
