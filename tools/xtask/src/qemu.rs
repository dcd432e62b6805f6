// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask qemu`: sets everything up, builds, and boots.

use crate::nix;
use crate::setup::{Source, setup};
use crate::ui::{Flags, Result, Ui};
use clap::Args;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Arguments of `qemu`: xtask's own, then all that the runner takes.
#[derive(Args)]
pub struct Qemu {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
    /// Arguments of the runner: --help lists them; after -- a command to run in the guest
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Qemu {
    /// Runs the verb; the process becomes the runner, whose exit status is the guest's.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "build.log")?;
        setup(&ui, &self.source, false)?;
        let result = nix::build(&ui, "qemu")?;
        ui.summary();
        drop(ui);
        let program = result.join("bin/qos-qemu");
        let error = Command::new(&program).args(&self.arguments).exec();
        Err(format!("cannot run {}: {error}", program.display()).into())
    }
}
