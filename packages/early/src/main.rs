// SPDX-License-Identifier: MIT OR Apache-2.0
//! `early`: see the library.

fn main() -> std::process::ExitCode {
    qos_early::main()
}
