// SPDX-License-Identifier: MIT OR Apache-2.0
//! `getty`, `login`, `su`: from a line to a user's session. README.md has what is supported, and the test of each.

mod authenticate;
mod environment;
mod getty;
mod help;
mod issue;
mod line;
mod login;
mod session;
mod su;
mod terminal;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("getty", getty::main, &help::GETTY),
    ("login", login::main, &help::LOGIN),
    ("su", su::main, &help::SU),
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

/// Parsers, for tools/fuzz.
#[cfg(feature = "fuzz")]
pub mod fuzz {
    /// Expands the text of /etc/issue; it does not fail, and takes no more than each escape's value.
    pub fn issue(text: &[u8]) {
        let shown = crate::issue::expand(text, &crate::issue::Values::default());
        assert!(shown.len() <= text.len() * 64);
    }
}

/// What `error` says, as a failure of status 1.
fn failed(error: &std::io::Error) -> Failure {
    Failure::new(qos_sys::error_text(error))
}

#[cfg(test)]
mod tests {
    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
