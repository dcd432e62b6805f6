// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-inspect`: inspects initramfs images, kernels, modules, UKIs and disk images.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Args::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("qos-inspect: {error}");
            ExitCode::from(2)
        }
    }
}
