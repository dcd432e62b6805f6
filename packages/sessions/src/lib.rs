// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sessions of users (`/run/sessions`), the log of logins (`/var/log/logins`), and the programs that show them.
//!
//! They are what utmp(5) and wtmp(5) were, as text, with times of 64 bits. README.md has the formats.

mod fields;
mod help;
mod last;
mod live;
mod log;
mod who;

pub use live::{Session, Sessions};
pub use log::{Event, Kind, Log};

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[("last", last::main, &help::LAST), ("who", who::main, &help::WHO)];

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
    /// Reads a session's file and a log. What is written again is read back the same; what is shown obeys no terminal.
    ///
    /// # Panics
    /// When a property does not hold.
    pub fn records(text: &[u8]) {
        if let Some(session) = crate::Session::parse(text) {
            assert_eq!(crate::Session::parse(&session.write()), Some(session));
        }
        let events = crate::log::parse(text);
        for event in &events {
            assert_eq!(crate::log::parse(&event.write()), std::slice::from_ref(event));
        }
        let shown = crate::last::text(&events, &crate::last::Options::default(), |_| true);
        assert!(!shown.bytes().any(|byte| byte.is_ascii_control() && byte != b'\n'), "{shown:?}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
