// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boot logs compared: their phases and cost, what differs between two, and a normal form for boots that are not golden.
//!
//! The lines come from the crate `qos-console`, which is here too under this crate's name. Nothing here reads or writes files,
//! or the clock.

pub mod budget;
pub mod conditions;
pub mod cost;
pub mod diff;
pub mod initcall;
mod lcs;
pub mod mask;
pub mod normal;
pub mod optional;
pub mod phase;
pub mod reference;
pub mod rules;
mod similar;
pub mod snapshot;
pub mod stable;
pub mod unordered;

pub use qos_console::{Line, Parser, Source, escape, ktap, parse};
