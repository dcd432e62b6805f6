// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-revisions`: builds and boots commits of this repository, each with its own pins, and compares the results.

mod bisect;
mod bootdiff;
mod search;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Find the commit at which a line of the boot log, the verdict or the cost changed
    Bisect(bisect::Bisect),
    /// Build and boot two revisions, and show what changed from one to the other
    Bootdiff(bootdiff::Bootdiff),
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Bisect(verb) => qos_host::main("bisect", 1, verb.run()),
        // As diff(1): 1 is a difference, 2 trouble.
        Verb::Bootdiff(verb) => qos_host::main("bootdiff", 2, verb.run()),
    }
}
