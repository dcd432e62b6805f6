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
use lexopt::prelude::*;
use qos_command::Failure;
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
    let (_, command, usage) = command.ok_or_else(|| Failure::usage(format!("unknown command {name}")))?;
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
