// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar`, and the compressions of archives as programs: `gzip`, `xz`, `zstd` and related ones.

mod codec;
mod compress;
mod create;
mod extract;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod glob;
mod help;
mod list;
mod options;
mod owners;
mod read;
mod tar;
mod zstd;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("gunzip", compress::gunzip, &help::GUNZIP),
    ("gzip", compress::gzip, &help::GZIP),
    ("tar", tar::main, &help::TAR),
    ("unxz", compress::unxz, &help::UNXZ),
    ("unzstd", compress::unzstd, &help::UNZSTD),
    ("xz", compress::xz, &help::XZ),
    ("xzcat", compress::cat, &help::CAT),
    ("zcat", compress::cat, &help::CAT),
    ("zstd", compress::zstd, &help::ZSTD),
    ("zstdcat", compress::cat, &help::CAT),
];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that
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
