// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-budget`: shows the budgets that can be lowered, and lowers those that a person accepts. `cargo xtask bless` runs it.

use clap::Parser;
use qos_budget::budget;
use qos_host::ui::{Flags, Ui, ask};
use std::process::ExitCode;

/// Show the budgets that can be lowered, and lower those that are accepted
#[derive(Parser)]
#[command(name = "qos-budget")]
struct Cli {
    /// Lower all of them without asking
    #[arg(long)]
    accept: bool,
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let lowered = Ui::new(&cli.flags, "budget.log")
        .and_then(|ui| budget::lower(&ui, |question| Ok(cli.accept || ask(question)?)));
    qos_host::main("budget", 1, lowered.map(|()| ExitCode::SUCCESS))
}
