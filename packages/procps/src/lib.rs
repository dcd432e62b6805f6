// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs about processes and the running system: `ps` and related ones, one file each.

mod columns;
mod find;
#[cfg(feature = "fuzz")]
pub mod fuzz;
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

/// The programs, by name, with a line of help for each.
const TABLE: &[Program] = &[
    ("killall", named::killall, "killall [-SIGNAL] [-q] NAME..."),
    ("pgrep", find::pgrep, "pgrep [-facilnovx] [-d TEXT] [-P|-g|-s|-p|-u|-U|-G|-t|-r LIST] [PATTERN]"),
    ("pidof", named::pidof, "pidof [-s] NAME..."),
    ("pkill", find::pkill, "pkill [-SIGNAL] [-fceinox] [-P|-g|-s|-p|-u|-U|-G|-t|-r LIST] [PATTERN]"),
    (
        "ps",
        ps::main,
        "ps [-AadefFHljNw] [-o NAME[=TITLE],...] [-p|-t|-u|-U|-g|-G|-s|-C LIST] [--sort KEYS] | ps [axuljfhwT]",
    ),
    ("sysctl", sysctl::main, "sysctl [-enNqw] NAME[=VALUE]... | sysctl -a | sysctl -p [FILE]..."),
    ("top", top::main, "top [-bci] [-d SECONDS] [-n COUNT] [-o FIELD] [-p PIDS] [-u USER]"),
    ("vmstat", vmstat::main, "vmstat [DELAY [COUNT]]"),
    ("watch", watch::main, "watch [-degtx] [-n SECONDS] COMMAND..."),
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
