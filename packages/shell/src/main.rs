// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sh` as a program of its own.

fn main() -> std::process::ExitCode {
    qos_shell::run(std::env::args_os().collect()).into()
}
