// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sed` (POSIX.1-2024, with the extensions of GNU sed that people type).
//!
//! README.md says why it is not that of uutils.

mod command;
mod execute;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod input;
mod options;
mod output;
mod parse;
mod replace;
mod text;

use std::ffi::OsString;
use std::io;

/// Names of the utilities, in order.
pub const NAMES: &[&str] = &["sed"];

/// Why sed gives up: its exit status, and a message.
#[derive(Debug)]
struct Failure {
    status: i32,
    message: String,
}

impl Failure {
    /// The script or the command line is wrong.
    fn usage(message: impl Into<String>) -> Self {
        Failure { status: 1, message: message.into() }
    }

    /// A file cannot be read or written.
    fn io(what: &str, error: &io::Error) -> Self {
        const IO: i32 = 4;
        Failure { status: IO, message: format!("{what}: {}", reason(error)) }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Failure::usage(error.to_string())
    }
}

impl From<qos_regex::TooHard> for Failure {
    fn from(error: qos_regex::TooHard) -> Self {
        Failure::usage(error.to_string())
    }
}

/// An error's text without Rust's `(os error N)`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Runs utility `name` with `args` (its name first) and gives its exit status, or `None` for any other name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<i32> {
    if !NAMES.contains(&name) {
        return None;
    }
    Some(main(args).unwrap_or_else(|Failure { status, message }| {
        eprintln!("sed: {message}");
        status
    }))
}

fn main(args: Vec<OsString>) -> Result<i32, Failure> {
    let Some(options) = options::parse(args)? else {
        println!("{}", options::USAGE);
        return Ok(0);
    };
    let script = parse::script(&options)?;
    let input = input::Input::new(&options);
    execute::Machine::new(&options, &script, input)?.run()
}
