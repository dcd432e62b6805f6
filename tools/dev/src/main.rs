// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-dev`: see [`qos_dev::Dev`].

use clap::Parser;
use qos_dev::Dev;
use std::process::ExitCode;

/// Watch the sources; on a change, build what it affects, boot, and report the result
#[derive(Parser)]
#[command(name = "cargo xtask dev", bin_name = "cargo xtask dev")]
struct Cli {
    #[command(flatten)]
    dev: Dev,
}

fn main() -> ExitCode {
    qos_host::main("dev", 1, Cli::parse().dev.run())
}
