// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared code of the host's tools: the work tree, the terminal, and builds by Nix.
//!
//! `xtask` is compiled by the host's Rust and uses this crate; so does each tool that xtask starts, which Nix compiles.

pub mod cache_key;
pub mod nix;
pub mod nix_events;
pub mod nix_settings;
pub mod progress;
pub mod root;
pub mod runner;
pub mod source;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod ui;
pub mod url;

use std::process::ExitCode;

/// The `main` of a tool: prints an error as one line, with the program's name and without the passwords of URLs, and turns it into an exit status: 130 if the
/// user has interrupted, `trouble` otherwise.
pub fn main(program: &str, trouble: u8, ran: ui::Result<ExitCode>) -> ExitCode {
    ran.unwrap_or_else(|error| {
        eprintln!("{program}: {}", url::redact(&error.to_string()));
        ExitCode::from(if ui::interrupted() { 130 } else { trouble })
    })
}
