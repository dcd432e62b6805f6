// SPDX-License-Identifier: MIT OR Apache-2.0
//! Raw bytes of a serial console to lines, and the KTAP reports in them.
//!
//! [`Parser`] takes bytes as they come, in pieces of any size, and gives complete lines: what a person would have
//! seen on a terminal (carriage returns, backspaces and erasures applied, colours removed), with the time stamp that
//! the kernel's printk puts in front. The result does not depend on how the bytes were cut into pieces. No byte that
//! is not text is lost: it appears as `\xNN` (see [`escape`]).
//!
//! Nothing here reads or writes files, or the clock.

pub mod escape;
pub mod ktap;
mod line;
mod parser;
mod screen;

pub use line::{Line, Source};
pub use parser::{Parser, parse};
