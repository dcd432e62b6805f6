// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask update`: pins the newest packages.

use crate::progress::{Report, context};
use crate::setup::{options, pins};
use clap::Args;
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use qos_toolchain::{Options, Toolchain, diff};
use std::process::ExitCode;

/// Arguments of `update`.
#[derive(Args)]
pub struct Update {
    /// Update only these packages and those built together with them; default: all
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Accept a version that is older than the one in the lock, which is otherwise an error
    #[arg(long)]
    allow_downgrade: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Update {
    /// Runs the verb: writes the lock and prints what changed in it, a line for each package.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "update.log")?;
        let mut toolchain = Toolchain::load(&pins(root::root()))?;
        let old = toolchain.lock.clone();
        let options = Options { allow_downgrade: self.allow_downgrade, ..options(&self.source, &[], false)? };
        toolchain.update(&context(&Report(&ui)), &options, &self.packages)?;
        ui.summary();
        if old == toolchain.lock {
            println!("toolchain.lock is up to date");
        }
        for line in diff(&old, &toolchain.lock) {
            println!("{line}");
        }
        Ok(ExitCode::SUCCESS)
    }
}
