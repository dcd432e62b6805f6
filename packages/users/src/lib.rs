// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that change accounts, one file each. README.md of `packages/login` has what is supported.

mod chage;
mod chpasswd;
mod group;
mod help;
mod home;
mod ids;
mod passwd;
mod relocate;
mod target;
mod tree;
mod useradd;
mod userdel;
mod usermod;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("chage", chage::main, &help::CHAGE),
    ("chpasswd", chpasswd::main, &help::CHPASSWD),
    ("groupadd", group::add, &help::GROUPADD),
    ("groupdel", group::delete, &help::GROUPDEL),
    ("passwd", passwd::main, &help::PASSWD),
    ("useradd", useradd::main, &help::USERADD),
    ("userdel", userdel::main, &help::USERDEL),
    ("usermod", usermod::main, &help::USERMOD),
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
