// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-man DIRECTORY`: see the library.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(directory), None) = (args.next(), args.next()) else {
        eprintln!("usage: qos-man DIRECTORY");
        return ExitCode::from(2);
    };
    let directory = PathBuf::from(directory);
    match qos_man::write(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qos-man: write pages to {}: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}
