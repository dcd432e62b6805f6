// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask update`: pins the newest packages, on purpose.

use crate::root;
use crate::setup::Source;
use crate::ui::{Flags, Result, Ui};
use clap::Args;
use qos_toolchain::{Toolchain, diff};
use std::process::ExitCode;

/// Arguments of `update`.
#[derive(Args)]
pub struct Update {
    /// Only these packages, and what was built together with them; default: all
    #[arg(value_name = "PACKAGE")]
    packages: Vec<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Update {
    /// Runs the verb: writes the lock and prints what changed in it, a line for each package.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "update.log")?;
        let mut toolchain = Toolchain::load(&root::toolchain(root::root()))?;
        let old = toolchain.lock.clone();
        toolchain.update(&ui.context(), &self.source.options(false)?, &self.packages)?;
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
