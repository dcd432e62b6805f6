// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of rules: where they are, and what they say (udev(7)).

mod line;
pub mod pattern;
pub mod rule;
pub mod template;

pub use line::Operator;
pub use rule::Accounts;

use rule::{Builder, Rule};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where files of rules are, relative to the root; the first directory with a file of some name has it.
const DIRECTORIES: [&str; 5] = [
    "etc/udev/rules.d",
    "run/udev/rules.d",
    "usr/local/lib/udev/rules.d",
    "usr/lib/udev/rules.d",
    "lib/udev/rules.d",
];

/// Something in a file of rules that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1; 0 is the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub text: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.text),
            line => write!(f, "{}:{line}: {}", self.file.display(), self.text),
        }
    }
}

/// All rules, in order.
#[derive(Debug, Default)]
pub struct Rules {
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// The rules of all of them.
    pub rules: Vec<Rule>,
    /// What is not understood.
    pub warnings: Vec<Warning>,
    /// The directories and files as they were.
    stamps: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Rules {
    /// Reads all files of rules of the system at `root`.
    #[must_use]
    pub fn of_system(root: &Path, accounts: &dyn Accounts) -> Rules {
        let mut rules = Rules::default();
        let mut files: BTreeMap<_, PathBuf> = BTreeMap::new();
        for directory in DIRECTORIES.map(|directory| root.join(directory)) {
            rules.stamps.push((directory.clone(), stamp(&directory)));
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|extension| extension == "rules") {
                    files.entry(entry.file_name()).or_insert(path);
                }
            }
        }
        for path in files.into_values() {
            rules.stamps.push((path.clone(), stamp(&path)));
            rules.read(&path, accounts);
        }
        rules
    }

    /// File and line of a rule.
    #[must_use]
    pub fn place(&self, rule: &Rule) -> String {
        let file = self.files.get(rule.file).map(|file| file.display().to_string());
        format!("{}:{}", file.unwrap_or_default(), rule.line)
    }

    /// Whether a directory or file of [`Rules::of_system`] is another one now.
    #[must_use]
    pub fn are_outdated(&self) -> bool {
        self.stamps.iter().any(|(path, then)| stamp(path) != *then)
    }

    /// Reads one more file. One that cannot be read is a warning.
    pub fn read(&mut self, path: &Path, accounts: &dyn Accounts) {
        match fs::read(path) {
            Ok(bytes) => self.add(path, &String::from_utf8_lossy(&bytes), accounts),
            // A link to nowhere masks the files of that name, as does one to /dev/null.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {}
            Err(error) => {
                let text = qos_sys::error_text(&error);
                self.warnings.push(Warning { file: path.to_owned(), line: 0, text });
            }
        }
    }

    /// Adds the rules of a file's text.
    pub fn add(&mut self, path: &Path, text: &str, accounts: &dyn Accounts) {
        let file = self.files.len();
        let mut jumps = Vec::new();
        for (number, line) in line::lines(text) {
            let mut builder = Builder::new(accounts);
            let rule = line::pairs(&line).and_then(|pairs| builder.rule(&pairs));
            let mut warn = |text| self.warnings.push(Warning { file: path.to_owned(), line: number, text });
            builder.warnings.into_iter().for_each(&mut warn);
            match rule {
                Ok(rule) => {
                    jumps.extend(builder.goto.map(|label| (self.rules.len(), label)));
                    self.rules.push(Rule { file, line: number, ..rule });
                }
                Err(text) => warn(format!("{text}; the rule is left out")),
            }
        }
        for (from, label) in jumps {
            let behind =
                (from + 1..self.rules.len()).find(|at| self.rules[*at].label.as_ref() == Some(&label));
            match behind {
                Some(to) => self.rules[from].goto = Some(to),
                None => {
                    let text = format!("GOTO=\"{label}\": no such label in the lines behind it");
                    self.warnings.push(Warning { file: path.to_owned(), line: self.rules[from].line, text });
                }
            }
        }
        self.files.push(path.to_owned());
    }
}

fn stamp(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests;
