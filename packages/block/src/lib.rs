// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs about block devices, one file each.

mod blkid;
mod findfs;
mod help;
mod lsblk;
mod print;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("blkid", blkid::main, &help::BLKID),
    ("findfs", findfs::main, &help::FINDFS),
    ("lsblk", lsblk::main, &help::LSBLK),
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
