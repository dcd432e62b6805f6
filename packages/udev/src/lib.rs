// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevd` processes the kernel's events of devices by rules; `udevadm` asks and directs it. README.md has what is supported, and the
//! test of each.
//!
//! `rules` reads files of rules, `engine` applies them to a `device`, `process` does to the system what came out; `database` keeps
//! it. `queue` orders events, `daemon` is the loop.

mod builtin;
mod control;
mod daemon;
mod database;
mod device;
mod engine;
#[cfg(test)]
mod fake;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod help;
mod node;
mod process;
mod program;
mod queue;
mod record;
mod rules;
mod system;
mod text;
mod udevadm;

use qos_command::Program;
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] =
    &[("udevadm", udevadm::main, &help::UDEVADM), ("udevd", daemon::main, &help::UDEVD)];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that name.
/// `systemd-udevd` is another name of `udevd`.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name.strip_prefix("systemd-").unwrap_or(name), args)
}

#[cfg(test)]
mod tests {
    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
