// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm verify`: reads files of rules and prints what is wrong with them.

use crate::rules::Rules;
use crate::system::Users;
use lexopt::prelude::*;
use qos_command::Failure;
use std::io::Write;
use std::path::{Path, PathBuf};

pub fn main(mut parser: lexopt::Parser, root: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let mut root = root.to_owned();
    let mut paths = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("root") => root = PathBuf::from(parser.value()?),
            Value(path) => paths.push(PathBuf::from(path)),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let users = Users::read(&root);
    let rules = if paths.is_empty() {
        Rules::of_system(&root, &users)
    } else {
        let mut rules = Rules::default();
        for path in files(&paths) {
            rules.read(&path, &users);
        }
        rules
    };
    for warning in &rules.warnings {
        writeln!(out, "{warning}")?;
    }
    let mut failed: Vec<_> = rules.warnings.iter().map(|warning| &warning.file).collect();
    failed.sort();
    failed.dedup();
    writeln!(
        out,
        "\n{} udev rules files have been checked.\n  Rules:    {}\n  Warnings: {}\n  Success:  {}\n  Fail:     {}",
        rules.files.len(),
        rules.rules.len(),
        rules.warnings.len(),
        rules.files.iter().filter(|file| !failed.contains(file)).count(),
        failed.len()
    )?;
    if failed.is_empty() { Ok(()) } else { Err(Failure::silent(1)) }
}

/// The files, and those of directories.
fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let mut inside: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
                inside.retain(|path| path.extension().is_some_and(|extension| extension == "rules"));
                inside.sort();
                files.extend(inside);
            }
            Err(_) => files.push(path.clone()),
        }
    }
    files
}
