// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm`: asks the database and directs the daemon (udevadm(8)).

mod control;
mod info;
mod monitor;
mod settle;
mod test;
mod trigger;
mod verify;

use crate::device::Device;
use crate::help::UDEVADM;
use lexopt::prelude::*;
use qos_command::{Failure, Help};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

type Command = fn(lexopt::Parser, &Path, &mut dyn Write) -> Result<(), Failure>;

/// Commands, by name, with a line of help.
const COMMANDS: [(&str, Command, &str); 8] = [
    (
        "control",
        control::main,
        "[-eR] [--ping] [--stop-exec-queue] [--start-exec-queue] [-p KEY=VALUE] [-t SECONDS]",
    ),
    (
        "info",
        info::main,
        "[-aexrc] [-q all|name|path|symlink|property] [-n NODE] [-p PATH] [--property NAME] [--value] [DEVICE]...",
    ),
    ("monitor", monitor::main, "[-kup] [-s SUBSYSTEM[/DEVTYPE]] [-t TAG]"),
    ("settle", settle::main, "[-t SECONDS] [-E FILE]"),
    ("test", test::main, "[-a ACTION] DEVICE"),
    ("test-builtin", test::builtin, "BUILTIN DEVICE"),
    (
        "trigger",
        trigger::main,
        "[-nvqw] [-t devices|subsystems|all] [-c ACTION] [-sS SUBSYSTEM] [-aA FILE=VALUE] [-p KEY=VALUE] [-g TAG] [-y NAME] [-b PARENT] [DEVICE]...",
    ),
    ("verify", verify::main, "[--root DIRECTORY] [FILE]..."),
];

/// Runs the command that the first argument names.
pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let name = match parser.next()? {
        Some(Value(name)) => name.to_string_lossy().into_owned(),
        Some(Short('V') | Long("version")) => return Ok(writeln!(out, "{}", env!("CARGO_PKG_VERSION"))?),
        Some(Short('h') | Long("help")) => return help(out),
        Some(arg) => return Err(arg.unexpected().into()),
        None => return Err(Failure::usage("a command is missing")),
    };
    let command = COMMANDS.iter().find(|(known, ..)| *known == name);
    let (name, command, usage) = command.ok_or_else(|| Failure::usage(format!("unknown command {name}")))?;
    if asks_for_help(&mut parser) {
        return Ok(write!(out, "{}", help_of(name, usage).text_of(&format!("udevadm {name}")))?);
    }
    command(parser, Path::new("/"), out).map_err(|failure| match failure.message() {
        Some(message) if failure.is_usage() => {
            Failure::new(format!("{message}\nusage: udevadm {name} {usage}")).with_status(failure.status())
        }
        _ => failure,
    })
}

fn help(out: &mut dyn Write) -> Result<(), Failure> {
    for (name, _, usage) in &COMMANDS {
        writeln!(out, "udevadm {name} {usage}")?;
    }
    Ok(())
}

/// Whether `-h` or `--help` is among the arguments that are left. No command has a value that could be either.
fn asks_for_help(parser: &mut lexopt::Parser) -> bool {
    let left = parser.try_raw_args();
    let mut options = left.iter().flat_map(|left| left.as_slice()).take_while(|arg| *arg != "--");
    options.any(|arg| arg == "-h" || arg == "--help")
}

/// The part of the program's description that is about a command.
fn help_of(name: &str, usage: &'static str) -> Help {
    let about = |line: &'static str| {
        let (command, purpose) = line.split_once("  ")?;
        (command.split(' ').next() == Some(name)).then_some(purpose.trim_start())
    };
    let title = format!("Options of {name}:\n");
    let options = UDEVADM.options.split_once(&title).map_or("", |(_, options)| options);
    Help {
        purpose: UDEVADM.commands.lines().find_map(about).unwrap_or(""),
        usage,
        commands: "",
        options: options.split_once("Options of ").map_or(options, |(options, _)| options),
        ..UDEVADM
    }
}

/// The device that an argument means: a node, a path in /sys with or without /sys in front, or a unit's name of either.
fn device(root: &Path, text: &str) -> Result<Device, Failure> {
    let found = if text.starts_with("/dev/") {
        Device::of_node(root, &root.join(text.trim_start_matches('/')))
    } else {
        let inside = text.strip_prefix("/sys/").unwrap_or(text).trim_start_matches('/');
        Device::of_path(root, &root.join("sys").join(inside))
    };
    let mut device = found.ok_or_else(|| {
        Failure::new(format!("{text}: there is no such device; give a node in /dev or a path in /sys"))
    })?;
    load(root, &mut device);
    Ok(device)
}

/// Adds what the database has.
fn load(root: &Path, device: &mut Device) {
    let database = crate::database::Database::new(root);
    if let Some(record) = device.id().and_then(|id| database.read(&id)) {
        device.load(record);
    }
}

/// The node that `-n` names, with or without /dev in front.
fn node(root: &Path, text: &str) -> Result<Device, Failure> {
    let path = PathBuf::from("/dev").join(text.trim_start_matches("/dev/"));
    device(root, &path.to_string_lossy())
}

/// Seconds, of which 0 is for ever in none of the commands.
fn seconds(parser: &mut lexopt::Parser) -> Result<Duration, Failure> {
    Ok(Duration::from_secs(parser.value()?.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(arguments: &[&str]) -> Result<String, Failure> {
        let mut out = Vec::new();
        let arguments = ["udevadm"].into_iter().chain(arguments.iter().copied());
        main(lexopt::Parser::from_iter(arguments), &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn help_of_each_command() {
        for (name, ..) in COMMANDS {
            for option in ["-h", "--help"] {
                let text = printed(&[name, option]).unwrap();
                assert!(text.starts_with(&format!("usage: udevadm {name} ")), "{text}");
                assert!(text.contains("\nOptions:\n") && !text.contains("Options of"), "{text}");
                assert_eq!(help_of(name, "").defects(&format!("udevadm {name}")), [""; 0]);
            }
        }
        let text = printed(&["info", "-a", "--help"]).unwrap();
        assert!(
            text.contains("Show what is known about devices.\n") && text.contains("--attribute-walk"),
            "{text}"
        );
        assert!(!text.contains("--ping") && !text.contains("Commands"), "{text}");
        assert!(printed(&["control", "-h"]).unwrap().contains("--ping"));
        assert!(printed(&["info", "--", "--help"]).is_err());
    }

    #[test]
    fn options_of_control_that_are_ignored() {
        for arguments in [
            &["--log-level=debug"][..],
            &["-l", "info"],
            &["--log-priority=3"],
            &["-m", "8"],
            &["--children-max=8", "-lerr"],
        ] {
            let arguments = [&["control"], arguments].concat();
            assert_eq!(printed(&arguments).unwrap(), "", "{arguments:?}");
        }
        for arguments in
            [&["control"][..], &["control", "-t", "3"], &["control", "-l"], &["control", "-m", "x"]]
        {
            assert!(printed(arguments).unwrap_err().status() == 2, "{arguments:?}");
        }
    }
}
