// SPDX-License-Identifier: MIT OR Apache-2.0
//! `init`: see the library.

fn main() -> std::process::ExitCode {
    qos_init::run(qos_init::run_main)
}
