// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parses the raw bytes of a serial console to lines, and the KTAP reports in them.
//!
//! [`Parser`] takes bytes in pieces of any size and returns complete lines: the text as a terminal shows it (carriage
//! returns, backspaces and erasures applied, colours removed), with the time stamp of printk. The result does not depend
//! on the sizes of the pieces. Bytes that are not text appear as `\xNN` (see [`escape`]).
//!
//! Nothing in this crate accesses files or the clock.

pub mod escape;
pub mod ktap;
mod line;
mod parser;
mod screen;

pub use line::{Line, Source};
pub use parser::{Parser, parse};
