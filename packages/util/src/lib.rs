// SPDX-License-Identifier: MIT OR Apache-2.0
//! System programs that uutils does not have, or not as they should be. One file each; [`names`] and [`run`] are all
//! that is called.
//!
//! A program gets its options as a parser and a place for its output, and gives a [`Failure`] or nothing: so its
//! logic is tested without a process of its own.

mod clear;
mod dmesg;
mod failure;
mod free;
mod grep;
mod insmod;
mod lsmod;
mod modprobe;
mod mount;
mod mount_options;
mod power;
mod ps;
mod rmmod;
mod stty;
mod tty;
mod umount;
mod uptime;

pub use failure::Failure;

use std::ffi::OsString;
use std::io::{BufWriter, Write};

/// What a program is: options in, output to the writer.
type Main = fn(lexopt::Parser, &mut dyn Write) -> Result<(), Failure>;

/// The programs, by name, with a line of help for each.
const TABLE: &[(&str, Main, &str)] = &[
    ("clear", clear::main, "clear"),
    ("dmesg", dmesg::main, "dmesg [-CcDErt] [-n LEVEL]"),
    ("free", free::main, "free [-bkmgh]"),
    ("grep", grep::main, "grep [-EFivwxclqnosrhH] [-m COUNT] [-e PATTERN | -f FILE]... [PATTERN] [FILE]..."),
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
    ("ps", ps::main, "ps [-aAef] [-o COLUMNS] [-p PIDS]"),
    ("reboot", power::reboot, "reboot [-f]"),
    ("rmmod", rmmod::main, "rmmod [-f] MODULE..."),
    ("stty", stty::main, "stty [-a] [SETTING | -SETTING | size | rows N | cols N | sane | raw | cooked]..."),
    ("tty", tty::main, "tty [-s]"),
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
    let (name, main, usage) = TABLE.iter().find(|(known, ..)| *known == name)?;
    if args.get(1).is_some_and(|arg| arg == "--help") {
        println!("usage: {usage}");
        return Some(0);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let result = main(lexopt::Parser::from_iter(args), &mut out);
    let flushed = out.flush().map_err(Failure::from);
    Some(match result.and(flushed) {
        Ok(()) => 0,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("{name}: {message}");
            }
            if failure.is_usage() {
                eprintln!("usage: {usage}");
            }
            failure.status()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(names().is_sorted());
        assert!(TABLE.iter().all(|(name, _, usage)| usage.split(' ').next() == Some(name)));
        assert!(run("no-such-program", Vec::new()).is_none());
    }
}
