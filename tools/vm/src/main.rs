// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-vm`: see [`qos_vm::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    qos_vm::cli::main(std::env::args_os())
}
