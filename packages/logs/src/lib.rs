// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log of the system: `logd` takes messages and stores them, `logctl` (also as `journalctl`) shows them.
//!
//! Pure: [`entry`], [`codec`] (the format of the store), [`input`] (the protocols), `limit`, and in `logctl` the filter, the times
//! and the outputs. At the edges: [`store`] (files), `logd` (sockets), `forward` (TCP and TLS).

pub mod codec;
pub mod entry;
mod forward;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod help;
pub mod input;
mod limit;
mod logctl;
mod logd;
mod origin;
mod size;
pub mod store;

use qos_command::Program;
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("journalctl", logctl::main, &help::LOGCTL),
    ("logctl", logctl::main, &help::LOGCTL),
    ("logd", logd::main, &help::LOGD),
];

/// Where the log is kept; the second where the first cannot be written.
pub const DIRECTORIES: [&str; 2] = ["/var/log/qos", "/run/log/qos"];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name, args)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_sorted() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
