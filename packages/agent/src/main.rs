// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-agent`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(qos_agent::run(std::env::args_os().skip(1)))
}
