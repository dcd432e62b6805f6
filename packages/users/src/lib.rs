// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that change accounts, one file each. README.md of `packages/login` has what is supported.

mod chage;
mod chpasswd;
mod group;
mod home;
mod ids;
mod passwd;
mod target;
mod useradd;
mod userdel;
mod usermod;

use qos_command::{Failure, Program};
use std::ffi::OsString;

/// The programs, by name, with a line of help for each.
const TABLE: &[Program] = &[
    (
        "chage",
        chage::main,
        "chage [-R ROOT] [-il] [-d DAY] [-E DAY] [-I DAYS] [-m DAYS] [-M DAYS] [-W DAYS] USER",
    ),
    (
        "chpasswd",
        chpasswd::main,
        "chpasswd [-R ROOT] [-e | -c YESCRYPT|SHA512|SHA256] <LINES of USER:PASSWORD",
    ),
    ("groupadd", group::add, "groupadd [-R ROOT] [-for] [-g GID] GROUP"),
    ("groupdel", group::delete, "groupdel [-R ROOT] [-f] GROUP"),
    (
        "passwd",
        passwd::main,
        "passwd [-R ROOT] [-d | -e | -l | -u | -S [-a]] [-n DAYS] [-x DAYS] [-w DAYS] [-i DAYS] [-s] [USER]",
    ),
    (
        "useradd",
        useradd::main,
        "useradd [-R ROOT] [-mMNorU] [-c COMMENT] [-b BASE] [-d HOME] [-k SKEL] [-s SHELL] [-u UID] [-g GROUP] \
         [-G GROUP,...] [-e DAY] [-f DAYS] [-K KEY=VALUE] USER",
    ),
    ("userdel", userdel::main, "userdel [-R ROOT] [-fr] USER"),
    (
        "usermod",
        usermod::main,
        "usermod [-R ROOT] [-aLmoU] [-c COMMENT] [-d HOME] [-s SHELL] [-u UID] [-g GROUP] [-G GROUP,...] [-l NAME] \
         [-e DAY] [-f DAYS] USER",
    ),
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
