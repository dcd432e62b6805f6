// SPDX-License-Identifier: MIT OR Apache-2.0
//! System programs that uutils does not have, or not in the required form. One file each; [`names`] and [`run`] are the
//! whole interface.

mod clear;
mod dmesg;
mod free;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod getconf;
mod help;
mod insmod;
mod kexec;
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

/// The programs, by name.
pub const TABLE: &[Program] = &[
    ("clear", clear::main, &help::CLEAR),
    ("dmesg", dmesg::main, &help::DMESG),
    ("free", free::main, &help::FREE),
    ("getconf", getconf::main, &help::GETCONF),
    ("halt", power::halt, &help::HALT),
    ("insmod", insmod::main, &help::INSMOD),
    ("kexec", kexec::main, &help::KEXEC),
    ("logger", logger::main, &help::LOGGER),
    ("lsmod", lsmod::main, &help::LSMOD),
    ("modprobe", modprobe::main, &help::MODPROBE),
    ("mount", mount::main, &help::MOUNT),
    ("poweroff", power::poweroff, &help::POWEROFF),
    ("reboot", power::reboot, &help::REBOOT),
    ("rmmod", rmmod::main, &help::RMMOD),
    ("strings", strings::main, &help::STRINGS),
    ("time", time::main, &help::TIME),
    ("umount", umount::main, &help::UMOUNT),
    ("uptime", uptime::main, &help::UPTIME),
    ("which", which::main, &help::WHICH),
    ("xxd", xxd::main, &help::XXD),
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
