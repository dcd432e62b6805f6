// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs about processes and the running system: `ps` and related ones, one file each.

mod columns;
mod find;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod help;
mod layout;
mod named;
mod order;
mod process;
mod ps;
mod select;
mod signals;
mod sysctl;
mod system;
mod terminal;
mod times;
mod top;
mod vmstat;
mod watch;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("killall", named::killall, &help::KILLALL),
    ("pgrep", find::pgrep, &help::PGREP),
    ("pidof", named::pidof, &help::PIDOF),
    ("pkill", find::pkill, &help::PKILL),
    ("ps", ps::main, &help::PS),
    ("sysctl", sysctl::main, &help::SYSCTL),
    ("top", top::main, &help::TOP),
    ("vmstat", vmstat::main, &help::VMSTAT),
    ("watch", watch::main, &help::WATCH),
];

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

#[cfg(test)]
mod tests {
    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
