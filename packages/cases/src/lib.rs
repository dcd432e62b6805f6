// SPDX-License-Identifier: MIT OR Apache-2.0
//! Test cases in TOML files, each a script that several shells run with the same result.
//!
//! ```toml
//! [[case]]
//! name = "for: words after in"
//! script = '''
//! for i in a b; do echo $i; done
//! '''
//! stdout = '''
//! a
//! b
//! '''
//! ```
//!
//! A case may also have `stdin`, `args` (the operands after the script), `status` (0 unless given; 128 + N for signal
//! N), `stderr = true` (something must be written to the standard error) or `stderr = false` (nothing may be), and
//! `differs`, a table from a shell's name to the reason why it is known to do otherwise. Literal strings (`'''`) keep
//! backslashes; TOML drops the newline after the opening quotes.

mod directory;
mod run;

pub use run::{Outcome, Shell};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A script, and its expected results.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case is about.
    pub name: String,
    /// The script, run from a file.
    pub script: String,
    /// Standard input of the script.
    #[serde(default)]
    pub stdin: String,
    /// Operands after the script: `$1` and on.
    #[serde(default)]
    pub args: Vec<String>,
    /// What the script writes to the standard output.
    #[serde(default)]
    pub stdout: String,
    /// The exit status; 128 + N where signal N ended the shell.
    #[serde(default)]
    pub status: i32,
    /// Whether the script writes to the standard error; without a value it may.
    pub stderr: Option<bool>,
    /// Shells that are known to do otherwise, each with the reason.
    #[serde(default)]
    pub differs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// The cases of the text of a file.
///
/// # Errors
///
/// The text is not TOML, has a field that no case has, or two cases have one name.
pub fn parse(text: &str) -> Result<Vec<Case>, String> {
    let File { case: cases } = toml::from_str(text).map_err(|error| error.to_string())?;
    for (index, case) in cases.iter().enumerate() {
        if cases[..index].iter().any(|other| other.name == case.name) {
            return Err(format!("two cases are named {:?}", case.name));
        }
    }
    Ok(cases)
}

/// The cases of every `*.toml` file in `directory`, with the file's name before each case's.
///
/// # Errors
///
/// The directory or a file cannot be read, a file is not valid (see [`parse`]), or there is no case at all.
pub fn load(directory: &Path) -> Result<Vec<Case>, String> {
    let error = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let entries = fs::read_dir(directory).map_err(|cause| error(directory, &cause))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| error(directory, &cause))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|cause| error(&path, &cause))?;
        let topic = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for mut case in parse(&text).map_err(|cause| error(&path, &cause))? {
            case.name = format!("{topic}: {}", case.name);
            all.push(case);
        }
    }
    if all.is_empty() {
        return Err(format!("{}: no case in it", directory.display()));
    }
    Ok(all)
}

/// Runs every case by `shell`; returns a message for each that fails, and for each shell named in `differs` that does
/// not differ.
#[must_use]
pub fn failures(cases: &[Case], shell: &Shell) -> Vec<String> {
    cases
        .iter()
        .filter_map(|case| {
            let failure = shell.run(case).and_then(|outcome| case.judge(&outcome)).err();
            match (failure, case.differs.get(&shell.name)) {
                (None, None) | (Some(_), Some(_)) => None,
                (Some(failure), None) => Some(format!("{}, by {}: {failure}", case.name, shell.name)),
                (None, Some(reason)) => {
                    Some(format!("{}, by {}: said to differ ({reason}), but passes", case.name, shell.name))
                }
            }
        })
        .collect()
}

impl Case {
    /// Compares `outcome` with what the case expects.
    ///
    /// # Errors
    ///
    /// What differs first, with both values.
    pub fn judge(&self, outcome: &Outcome) -> Result<(), String> {
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        if outcome.stdout != self.stdout.as_bytes() {
            let stdout = String::from_utf8_lossy(&outcome.stdout);
            return Err(format!("stdout is {stdout:?}, expected {:?}; stderr: {stderr:?}", self.stdout));
        }
        if outcome.status != self.status {
            return Err(format!(
                "status is {}, expected {}; stderr: {stderr:?}",
                outcome.status, self.status
            ));
        }
        match self.stderr {
            Some(true) if stderr.is_empty() => Err("nothing on stderr".to_owned()),
            Some(false) if !stderr.is_empty() => Err(format!("stderr is {stderr:?}, expected nothing")),
            _ => Ok(()),
        }
    }
}
