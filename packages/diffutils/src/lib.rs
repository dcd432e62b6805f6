// SPDX-License-Identifier: MIT OR Apache-2.0
//! `diff` and `cmp` (POSIX.1-2024, with the options of GNU diffutils that people type).
//!
//! Both exit with 0 if the files are the same, 1 if they differ, and 2 on an error.

mod cmp;
mod diff;
#[cfg(feature = "fuzz")]
pub mod fuzz;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Names of the utilities, in order.
pub const NAMES: &[&str] = &["cmp", "diff"];

/// Exit status of trouble; 1 means that the files differ.
const TROUBLE: i32 = 2;

/// Why a utility gave up, as its message.
#[derive(Debug)]
struct Trouble(String);

impl Trouble {
    fn at(path: &Path, error: &io::Error) -> Self {
        Trouble(format!("{}: {}", path.display(), reason(error)))
    }
}

impl From<lexopt::Error> for Trouble {
    fn from(error: lexopt::Error) -> Self {
        Trouble(error.to_string())
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble(format!("write error: {}", reason(&error)))
    }
}

/// An error's text without Rust's `(os error N)`.
fn reason(error: &io::Error) -> impl Display + use<> {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Runs utility `name` with `args` (its name first) and gives its exit status, or `None` for any other name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<i32> {
    let main = match name {
        "cmp" => cmp::main,
        "diff" => diff::main,
        _ => return None,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let result = main(args, &mut out);
    let flushed = out.flush().map_err(Trouble::from);
    Some(result.and_then(|status| flushed.map(|()| status)).unwrap_or_else(|Trouble(message)| {
        eprintln!("{name}: {message}");
        TROUBLE
    }))
}
