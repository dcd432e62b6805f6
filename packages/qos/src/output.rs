// SPDX-License-Identifier: MIT OR Apache-2.0
//! Errors on standard output: no program may end with status 0 when its output was lost.

use std::io::{self, Write};

/// Prepares standard output for program `name`.
///
/// A closed pipe ends the program by SIGPIPE, quietly, unless its parent had the signal ignored. `println!`
/// panics when it cannot write: that is not a defect of the program but an error to report.
pub(crate) fn prepare(name: &str) {
    if let Err(error) = qos_sys::startup::restore_sigpipe() {
        eprintln!("{name}: restore SIGPIPE: {}", qos_sys::error_text(&error));
    }
    let name = name.to_owned();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let reason = panic.payload_as_str().and_then(|text| text.strip_prefix("failed printing to stdout: "));
        match reason {
            Some(reason) => std::process::exit(report(&name, reason)),
            None => default(panic),
        }
    }));
}

/// Writes the buffered output. `status` is that of program `name`, and stays if nothing is lost.
pub(crate) fn finish(name: &str, status: i32) -> i32 {
    match io::stdout().flush() {
        Ok(()) => status,
        Err(error) => report(name, &error.to_string()).max(status),
    }
}

/// Says that output was lost, and gives the exit status.
fn report(name: &str, reason: &str) -> i32 {
    let reason = reason.split(" (os error").next().unwrap_or(reason);
    // Nothing is left to be done where this cannot be written either.
    let _ = writeln!(io::stderr(), "{name}: write error: {reason}");
    status(name)
}

/// The status of program `name` for a write error: not 1 if POSIX gives 1 another meaning for the program.
fn status(name: &str) -> i32 {
    match name {
        "cmp" | "diff" | "dir" | "egrep" | "fgrep" | "grep" | "ls" | "sort" | "vdir" => 2,
        "expr" | "tty" => 3,
        "env" | "nice" | "nohup" | "timeout" => 125,
        _ => 1,
    }
}
