// SPDX-License-Identifier: MIT OR Apache-2.0
//! `init` as a program of its own.

fn main() -> std::process::ExitCode {
    qos_init::run()
}
