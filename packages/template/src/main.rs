// SPDX-License-Identifier: MIT OR Apache-2.0
//! `template` as a program of its own.

fn main() -> std::process::ExitCode {
    qos_template::run(std::env::args_os().collect()).into()
}
