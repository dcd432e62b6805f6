// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar`, and the compressions of archives as programs: `gzip`, `xz`, `zstd` and related ones.

mod codec;
mod compress;
mod create;
mod extract;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod glob;
mod list;
mod options;
mod owners;
mod read;
mod tar;
mod zstd;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name, with a line of help for each.
const TABLE: &[Program] = &[
    ("gunzip", compress::gunzip, "gunzip [-cfkqtv] [FILE]..."),
    ("gzip", compress::gzip, "gzip [-cdfknqtv] [-1..-9] [FILE]..."),
    (
        "tar",
        tar::main,
        "tar -c|-x|-t [-f FILE] [-C DIRECTORY] [-z|-J|--zstd|-a] [-hkmOpv] [-T FILE] [--exclude=PATTERN] \
         [--strip-components=N] [--numeric-owner] [--no-same-owner] [MEMBER]...",
    ),
    ("unxz", compress::unxz, "unxz [-cfkqtv] [FILE]..."),
    ("unzstd", compress::unzstd, "unzstd [-cfkqtv] [--rm] [FILE]..."),
    ("xz", compress::xz, "xz [-cdfkqtv] [-0..-9] [FILE]..."),
    ("xzcat", compress::cat, "xzcat [FILE]..."),
    ("zcat", compress::cat, "zcat [FILE]..."),
    ("zstd", compress::zstd, "zstd [-cdfkqtv] [--rm] [-o FILE] [FILE]..."),
    ("zstdcat", compress::cat, "zstdcat [FILE]..."),
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
