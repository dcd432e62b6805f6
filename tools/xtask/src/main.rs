// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask VERB`: the door to the project. Each verb is a file of its own.

mod bench;
mod bisect;
mod bless;
mod bootdiff;
mod budget;
mod checks;
mod cli;
mod debug_info;
mod decode;
mod dev;
mod doc;
mod gdb;
mod image;
mod kernel;
mod manifest;
mod memory;
mod new;
mod nix;
mod nix_events;
mod nix_install;
mod qemu;
mod results;
mod revision;
mod root;
mod rust_project;
mod search;
mod setup;
mod stable;
mod symbols;
mod test;
#[cfg(test)]
mod testing;
mod trace;
mod ui;
mod update;

use clap::Parser;
use cli::{Cli, Verb};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // As diff(1): 1 is a difference, 2 trouble.
    let trouble = if matches!(cli.verb, Verb::Bootdiff(_) | Verb::Stable(_)) { 2 } else { 1 };
    let ran = match cli.verb {
        Verb::Qemu(verb) => verb.run(),
        Verb::Test(verb) => verb.run(),
        Verb::Bless(verb) => verb.run(),
        Verb::Bisect(verb) => verb.run(),
        Verb::Bootdiff(verb) => verb.run(),
        Verb::Stable(verb) => verb.run(),
        Verb::Dev(verb) => verb.run(),
        Verb::New(verb) => verb.run(),
        Verb::Bench(verb) => verb.run(),
        Verb::Decode(verb) => verb.run(),
        Verb::Doc(verb) => verb.run(),
        Verb::Gdb(verb) => verb.run(),
        Verb::Manifest(verb) => verb.run(),
        Verb::RustProject(verb) => verb.run(),
        Verb::Setup(verb) => verb.run(),
        Verb::Update(verb) => verb.run(),
    };
    match ran {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(if ui::interrupted() { 130 } else { trouble })
        }
    }
}
