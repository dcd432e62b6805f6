// SPDX-License-Identifier: MIT OR Apache-2.0
//! System programs that uutils does not have, or not as they should be. One file each; [`names`] and [`run`] are all
//! that is called.

mod clear;
mod dmesg;
mod free;
mod insmod;
mod lsmod;
mod modprobe;
mod mount;
mod mount_options;
mod power;
mod rmmod;
mod umount;
mod uptime;

pub use qos_command::Failure;

use qos_command::Program;
use std::ffi::OsString;

/// The programs, by name, with a line of help for each.
const TABLE: &[Program] = &[
    ("clear", clear::main, "clear"),
    ("dmesg", dmesg::main, "dmesg [-CcDErt] [-n LEVEL]"),
    ("free", free::main, "free [-bkmgh]"),
    ("halt", power::halt, "halt [-f]"),
    ("insmod", insmod::main, "insmod FILE [NAME=VALUE]..."),
    ("lsmod", lsmod::main, "lsmod"),
    (
        "modprobe",
        modprobe::main,
        "modprobe [-abcDinqRrv] [-C CONFIG] [-d ROOT] [-S RELEASE] MODULE [NAME=VALUE]...",
    ),
    ("mount", mount::main, "mount [-arwBRM] [-t TYPE] [-o OPTIONS] [SOURCE] TARGET"),
    ("poweroff", power::poweroff, "poweroff [-f]"),
    ("reboot", power::reboot, "reboot [-f]"),
    ("rmmod", rmmod::main, "rmmod [-f] MODULE..."),
    ("umount", umount::main, "umount [-afl] TARGET..."),
    ("uptime", uptime::main, "uptime"),
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
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(qos_command::is_well_formed(TABLE));
        assert!(run("no-such-program", Vec::new()).is_none());
    }
}
