// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask history`: records cost, size and memory of each image, and plots them over commits.

use clap::{Parser, Subcommand};
use qos_history::page::Plot;
use qos_history::record::Record;
use std::process::ExitCode;

/// Keep cost, size and memory of the images in a file, and plot them over commits
#[derive(Parser)]
#[command(name = "cargo xtask history", bin_name = "cargo xtask history")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Add the figures of a commit to a file, which is created if it is missing
    Record(Record),
    /// Write a page with a plot of each figure
    Plot(Plot),
}

fn main() -> ExitCode {
    let ran = match Cli::parse().verb {
        Verb::Record(verb) => verb.run(),
        Verb::Plot(verb) => verb.run(),
    };
    qos_host::main("history", 1, ran)
}
