// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos`: see the library.

fn main() -> std::process::ExitCode {
    qos_qos::run(std::env::args_os().collect())
}
