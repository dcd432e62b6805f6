// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm test`: what the rules would do with a device. Nothing is changed, and of programs only those run that rules ask
//! (PROGRAM, IMPORT).

use super::device;
use crate::engine::{Command, Processing};
use crate::rules::Rules;
use crate::system::{Mode, System};
use lexopt::prelude::*;
use qos_command::Failure;
use std::io::Write;
use std::path::Path;

pub fn main(mut parser: lexopt::Parser, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut action = "add".to_owned();
    let mut name = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('a' | 'c') | Long("action") => action = parser.value()?.string()?,
            // When names are resolved: always when rules are read.
            Short('N') | Long("resolve-names") => drop(parser.value()?),
            Value(text) if name.is_none() => name = Some(text.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let name = name.ok_or_else(|| Failure::usage("a device is missing"))?;
    let mut device = device(root, &name)?;
    // The rules start from what the kernel says.
    let record = std::mem::take(&mut device.record);
    record.properties.keys().for_each(|key| drop(device.properties.remove(key)));
    device.properties.insert("ACTION".to_owned(), action.clone());
    let system = System::new(root, Mode { debug: true, dry: true });
    let rules = Rules::of_system(root, system.users());
    for warning in &rules.warnings {
        writeln!(out, "{warning}")?;
    }
    let mut event = Processing::new(&system, &action, device);
    event.apply(&rules);
    for (key, value) in event.device.all_properties() {
        writeln!(out, "{key}={value}")?;
    }
    let shown = [
        ("OWNER", event.uid.value, false),
        ("GROUP", event.gid.value, false),
        ("MODE", event.mode.value, true),
    ];
    for (key, number, octal) in shown {
        match number {
            Some(number) if octal => writeln!(out, "{key}: {number:04o}")?,
            Some(number) => writeln!(out, "{key}: {number}")?,
            None => {}
        }
    }
    if let Some(name) = &event.name.value {
        writeln!(out, "NAME: {name}")?;
    }
    for command in event.run.value.iter().flatten() {
        match command {
            Command::Program(command) => writeln!(out, "run: '{command}'")?,
            Command::Builtin(command) => writeln!(out, "run (builtin): '{command}'")?,
        }
    }
    Ok(())
}

/// `udevadm test-builtin`: what a builtin says about a device.
pub fn builtin(mut parser: lexopt::Parser, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut words = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let [command, name] = words.as_slice() else {
        return Err(Failure::usage("a builtin and a device are needed"));
    };
    let system = System::new(root, Mode { debug: true, dry: true });
    let found = crate::builtin::properties(&system, &device(root, name)?, &crate::text::words(command));
    for (key, value) in found.map_err(|why| Failure::new(format!("{command}: {why}")))? {
        writeln!(out, "{key}={value}")?;
    }
    Ok(())
}
