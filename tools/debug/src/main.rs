// SPDX-License-Identifier: MIT OR Apache-2.0
//! `qos-debug`: adds source lines to kernel logs, and attaches gdb to a guest. Both use the debug information of the kernel
//! variant `symbols`.

mod debug_info;
mod decode;
mod gdb;
mod symbols;
mod trace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print a kernel log with the line of source beside each address
    Decode(decode::Decode),
    /// Boot the image under gdb, stopped at the start of the kernel
    Gdb(gdb::Gdb),
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Decode(verb) => qos_host::main("decode", 1, verb.run()),
        Verb::Gdb(verb) => qos_host::main("gdb", 1, verb.run()),
    }
}
