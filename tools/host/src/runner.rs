// SPDX-License-Identifier: MIT OR Apache-2.0
//! Arguments of the verbs that start the runner.

use crate::source::Source;
use crate::ui::Flags;
use clap::Args;
use std::ffi::OsString;

/// The arguments of a verb that starts the runner: the verb's own options, then the arguments of the runner.
#[derive(Args)]
pub struct Runner {
    /// Where packages come from.
    #[command(flatten)]
    pub source: Source,
    /// What is shown.
    #[command(flatten)]
    pub flags: Flags,
    /// Arguments of the runner (cargo xtask qemu --memory 1G --help lists them); after -- a command to run in the guest
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Runner {
    /// The runner's arguments.
    pub fn words(self) -> Vec<OsString> {
        with_separator(self.arguments, std::env::args_os())
    }
}

/// clap consumes the first `--`; the runner needs it to separate its options from the guest's command.
fn with_separator(mut arguments: Vec<OsString>, line: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let after = line.skip_while(|word| word != "--").count();
    if after > 0 && !arguments.iter().any(|word| word == "--") {
        arguments.insert(arguments.len().saturating_sub(after - 1), "--".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parsed: &[&str], line: &[&str], expect: &[&str]) {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(with_separator(words(parsed), words(line).into_iter()), words(expect));
    }

    #[test]
    fn the_separator_reaches_the_runner() {
        check(&["uname", "-a"], &["xtask", "qemu", "--", "uname", "-a"], &["--", "uname", "-a"]);
        check(
            &["--cpus", "2", "--", "ls"],
            &["xtask", "qemu", "--cpus", "2", "--", "ls"],
            &["--cpus", "2", "--", "ls"],
        );
        check(
            &["--cpus", "2", "ls"],
            &["xtask", "qemu", "--cpus", "2", "--", "ls"],
            &["--cpus", "2", "--", "ls"],
        );
        check(&["--golden"], &["xtask", "qemu", "--golden"], &["--golden"]);
    }
}
