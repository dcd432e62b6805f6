// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-budget`: shows the budgets that can be lowered, and lowers those that a person accepts; or checks a boot. `cargo xtask bless` and
//! the checks of a system's own repository run it.

use clap::{Parser, Subcommand};
use qos_budget::{budget, within};
use qos_host::ui::{Flags, Result, Ui, ask};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show the budgets that can be lowered, and lower those that are accepted
#[derive(Parser)]
#[command(name = "qos-budget", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    what: Option<What>,
    /// Lower all of them without asking
    #[arg(long)]
    accept: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum What {
    /// Fail if a golden boot is not within the budgets of its manifest
    Check {
        /// The manifest, as a path from the current directory, the root of the repository
        manifest: PathBuf,
        /// The directory with boot.log and initcalls.log
        logs: PathBuf,
    },
}

fn main() -> ExitCode {
    qos_host::main("budget", 1, Cli::parse().run())
}

impl Cli {
    fn run(self) -> Result<ExitCode> {
        if let Some(What::Check { manifest, logs }) = self.what {
            let over = within::check(&manifest, &logs)?;
            over.iter().for_each(|text| eprintln!("{text}"));
            return Ok(ExitCode::from(u8::from(!over.is_empty())));
        }
        let ui = Ui::new(&self.flags, "budget.log")?;
        budget::lower(&ui, |question| Ok(self.accept || ask(question)?))?;
        Ok(ExitCode::SUCCESS)
    }
}
