// SPDX-License-Identifier: MIT OR Apache-2.0
//! Raw bytes of a serial console to the lines of a boot log.
//!
//! [`Parser`] takes bytes as they come, in pieces of any size, and gives complete lines: what a person would have
//! seen on a terminal (carriage returns, backspaces and erasures applied, colours removed), with the time stamp that
//! the kernel's printk puts in front. The result does not depend on how the bytes were cut into pieces. No byte that
//! is not text is lost: it appears as `\xNN` (see [`escape`]).
//!
//! Nothing here reads or writes files, or the clock.

pub mod budget;
pub mod conditions;
pub mod cost;
pub mod diff;
pub mod escape;
pub mod initcall;
pub mod ktap;
mod lcs;
mod line;
pub mod mask;
pub mod normal;
pub mod optional;
mod parser;
pub mod phase;
pub mod reference;
pub mod rules;
mod screen;
mod similar;
pub mod snapshot;
pub mod stable;
pub mod unordered;

pub use line::{Line, Source};
pub use parser::{Parser, parse};
