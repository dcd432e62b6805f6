// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask qemu`: sets everything up, builds, and boots.

use crate::image::Image;
use crate::nix;
use crate::setup::{Source, setup};
use crate::ui::{Flags, Result, Ui};
use clap::Args;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// What every verb takes that starts the runner: xtask's own, then all that the runner takes. They stand last.
#[derive(Args)]
pub struct Runner {
    #[command(flatten)]
    pub source: Source,
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

/// Arguments of `qemu`.
#[derive(Args)]
pub struct Qemu {
    /// The image to boot: default, minimal, or lts or lts-6_12, which are on kernels with long-term support
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = |name: &str| Image::by_name(name).map(|_| name.to_owned()))]
    image: String,
    #[command(flatten)]
    runner: Runner,
}

impl Qemu {
    /// Runs the verb; the process becomes the runner, whose exit status is the guest's.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.runner.flags, "build.log")?;
        let image = Image::by_name(&self.image)?;
        setup(&ui, &self.runner.source.with_trees(image.trees()), false)?;
        let result = nix::build(&ui, &image.attribute("qemu"))?;
        ui.summary();
        drop(ui);
        let program = result.join("bin/qos-qemu");
        let error = Command::new(&program).args(self.runner.words()).exec();
        Err(format!("cannot run {}: {error}", program.display()).into())
    }
}

/// clap takes the first `--` for its own; the runner needs it to tell its options from the guest's command.
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
