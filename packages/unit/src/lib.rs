// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unit files in the syntax of systemd: a documented subset of its keys as a typed model.
//!
//! Nothing here reads a file or the clock: content and facts come from the caller, so that every rule is tested with data.
//!
//! - [`syntax`] makes assignments with their places of a file's bytes; [`words`] splits values.
//! - [`name`] and [`specifier`] know the names of units and `%i`.
//! - [`span`], [`calendar`] and [`value`] read times, sizes, signals.
//! - [`command`] reads the command lines of `ExecStart=`; [`environment`] reads `EnvironmentFile=`.
//! - [`syscall`], [`errno`] and [`family`] know the names that filters of system calls are made of.
//! - [`Unit::new`] makes the [model](Unit) of a unit's assignments, with a warning for each that has no effect.

pub mod calendar;
pub mod capability;
pub mod command;
pub mod environment;
pub mod errno;
pub mod family;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod keys;
mod model;
pub mod name;
pub mod span;
pub mod specifier;
pub mod syntax;
pub mod syscall;
pub mod value;
pub mod words;

pub use model::*;
pub use name::{Kind, Name};
