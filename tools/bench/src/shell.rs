// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench shell`: compares the guest's `sh` with dash and bash, on the host.

use clap::Args;
use qos_host::nix;
use qos_host::root;
use qos_host::source::Source;
use qos_host::ui::{Flags, Result, Ui};
use std::process::{Command, ExitCode};

/// Arguments of `bench shell`.
#[derive(Args)]
pub struct Shell {
    /// Measurements of each script under each shell, in turns; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    // xtask has run the setup with these options before it started this program.
    #[command(flatten)]
    _source: Source,
    #[command(flatten)]
    flags: Flags,
}

impl Shell {
    /// Runs the verb: prints the table of `packages/shell/bench/run.sh`, which times the sysroot's dash and bash.
    ///
    /// # Errors
    ///
    /// A build failed, or the script did.
    pub fn run(self) -> Result<ExitCode> {
        let ui = Ui::new(&self.flags, "bench.log")?;

        let shell = nix::build(&ui, "shell")?.join("bin/qos-shell");
        let sh = nix::build(&ui, "userland")?.join("bin/sh");
        ui.summary();
        let status = Command::new(&shell)
            .args(["bash", "packages/shell/bench/run.sh"])
            .arg(&sh)
            .arg(self.rounds.max(1).to_string())
            .current_dir(root::root())
            .status()
            .map_err(|error| format!("cannot run {}: {error}", shell.display()))?;
        if status.success() { Ok(ExitCode::SUCCESS) } else { Err("the measurement failed".into()) }
    }
}
