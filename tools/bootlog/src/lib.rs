// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares boot logs: phases, cost and services, the differences between two logs, and a normal form for non-golden boots.
//!
//! The lines come from the crate `qos-console`, which this crate re-exports. Nothing in this crate accesses files or the clock.

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
pub mod services;
mod similar;
pub mod snapshot;
pub mod stable;
pub mod unordered;

pub use qos_console::{Line, Parser, Source, escape, ktap, parse};
