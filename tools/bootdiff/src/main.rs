// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-bootdiff`: compares the boots of two revisions.

use clap::Parser;
use qos_bootdiff::cli::Args;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Args::parse().run() {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(error) => {
            eprintln!("qos-bootdiff: {error}");
            ExitCode::from(2)
        }
    }
}
