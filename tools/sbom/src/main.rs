// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-sbom`: writes the software bills of materials of an image.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match qos_sbom::cli::Args::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qos-sbom: {error}");
            ExitCode::FAILURE
        }
    }
}
