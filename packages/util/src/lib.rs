// SPDX-License-Identifier: MIT OR Apache-2.0
//! System programs that uutils does not have, or not in the required form. One file each; [`names`] and [`run`] are the
//! whole interface.

mod clear;
mod dmesg;
mod free;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod getconf;
mod insmod;
mod logger;
mod lsmod;
mod modprobe;
mod mount;
mod power;
mod rmmod;
mod strings;
mod time;
mod umount;
mod uptime;
mod which;
mod xxd;

pub use qos_command::Failure;

use qos_command::Program;
use std::ffi::OsString;

/// The programs, by name, with a line of help for each.
const TABLE: &[Program] = &[
    ("clear", clear::main, "clear"),
    ("dmesg", dmesg::main, "dmesg [-CcDErt] [-n LEVEL]"),
    ("free", free::main, "free [-bkmgh]"),
    ("getconf", getconf::main, "getconf [-a] [-v SPECIFICATION] NAME [PATH]"),
    ("halt", power::halt, "halt [-f]"),
    ("insmod", insmod::main, "insmod FILE [NAME=VALUE]..."),
    ("logger", logger::main, "logger [-is] [-f FILE] [-p PRIORITY] [-t TAG] [TEXT]..."),
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
    ("strings", strings::main, "strings [-a] [-n LENGTH] [-t d|o|x] [FILE]..."),
    ("time", time::main, "time [-p] PROGRAM [ARGUMENT]..."),
    ("umount", umount::main, "umount [-afl] TARGET..."),
    ("uptime", uptime::main, "uptime"),
    ("which", which::main, "which [-as] NAME..."),
    (
        "xxd",
        xxd::main,
        "xxd [-bdeipru] [-c COLUMNS] [-g BYTES] [-l LENGTH] [-s OFFSET] [-n NAME] [INPUT [OUTPUT]]",
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
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(qos_command::is_well_formed(TABLE));
        assert!(run("no-such-program", Vec::new()).is_none());
    }
}
