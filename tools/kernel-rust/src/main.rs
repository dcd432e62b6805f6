// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-kernel-rust`: the documentation of the kernel's Rust crates, and their description for rust-analyzer.

mod doc;
mod rust_project;

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
    /// Build the documentation of the kernel's Rust crates, and print where it is
    Doc(doc::Doc),
    /// Write kernel/modules/rust-project.json, by which rust-analyzer resolves `kernel::…` in own modules
    RustProject(rust_project::RustProject),
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Doc(verb) => qos_host::main("doc", 1, verb.run()),
        Verb::RustProject(verb) => qos_host::main("rust-project", 1, verb.run()),
    }
}
