// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-kconfig`: the configuration check of `kernel/build.sh`. All logic is in the library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use qos_kconfig::check::check;
use qos_kconfig::drift::Drift;
use qos_kconfig::fragment;
use qos_kconfig::request::Request;
use qos_kconfig::resolved::Resolved;
use qos_kconfig::why::Why;

/// Merges kernel configuration fragments and checks that every request was met.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Join fragments into one file for KCONFIG_ALLCONFIG; contradictions and repetitions are errors
    Merge {
        /// The file to write
        #[arg(long)]
        out: PathBuf,
        /// Also write the names of the symbols, one on each line, as input for kconfig-why
        #[arg(long)]
        names: Option<PathBuf>,
        /// The fragments, in order
        #[arg(required = true)]
        fragments: Vec<PathBuf>,
    },
    /// Say which requests of the fragments did not end up as requested, and why
    Check {
        /// The .config that Kconfig resolved
        #[arg(long)]
        resolved: PathBuf,
        /// The output of kconfig-why
        #[arg(long)]
        why: PathBuf,
        /// The fragments, in order
        #[arg(required = true)]
        fragments: Vec<PathBuf>,
    },
    /// Say how a configuration differs from the reviewed one
    Drift {
        /// The reviewed file
        expected: PathBuf,
        /// The configuration as it is now
        actual: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(&Args::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(messages) => {
            for message in messages {
                eprintln!("qos-kconfig: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Executes the command, or returns the messages for the user.
fn run(verb: &Verb) -> Result<(), Vec<String>> {
    match verb {
        Verb::Merge { out, names, fragments } => {
            let request = read_request(fragments)?;
            write(out, &request.config_text())?;
            match names {
                Some(names) => write(names, &request.names_text()),
                None => Ok(()),
            }
        }
        Verb::Check { resolved, why, fragments } => {
            let request = read_request(fragments)?;
            let config = Resolved::parse(&name(resolved), &read(resolved)?).map_err(one)?;
            let why = Why::parse(&name(why), &read(why)?).map_err(one)?;
            match check(&request, &config, &why) {
                problems if problems.is_empty() => Ok(()),
                problems => Err(problems),
            }
        }
        Verb::Drift { expected, actual } => {
            let before = Resolved::parse(&name(expected), &read(expected)?).map_err(one)?;
            let after = Resolved::parse(&name(actual), &read(actual)?).map_err(one)?;
            let drift = Drift::between(&before, &after);
            if drift.is_empty() {
                return Ok(());
            }
            Err(one(format!(
                "{} differs from what the fragments resolve to ({} changes; + turned on, - turned off, ~ other value):\n{}",
                expected.display(),
                drift.changes.len(),
                drift.to_string().trim_end()
            )))
        }
    }
}

/// Reads and joins the fragments; all of them are read, so that all messages come at once.
fn read_request(fragments: &[PathBuf]) -> Result<Request, Vec<String>> {
    let mut settings = Vec::new();
    let mut errors = Vec::new();
    for path in fragments {
        match read(path).and_then(|text| fragment::parse(&name(path), &text)) {
            Ok(more) => settings.extend(more),
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() { Request::join(settings) } else { Err(errors) }
}

fn read(path: &Path) -> Result<String, Vec<String>> {
    fs::read_to_string(path).map_err(|error| one(format!("cannot read {}: {error}", path.display())))
}

fn write(path: &Path, text: &str) -> Result<(), Vec<String>> {
    fs::write(path, text).map_err(|error| one(format!("cannot write {}: {error}", path.display())))
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn one(message: String) -> Vec<String> {
    vec![message]
}
