// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared code of small programs: a table of them by name, their help, failures, patterns of file names, and requests to daemons.
//!
//! A program gets its options as a parser and a place for its output, and gives a [`Failure`] or nothing, so that its
//! logic is tested without a process of its own.

mod failure;
pub mod glob;
pub mod help;
pub mod request;

pub use failure::Failure;
pub use help::Help;

use std::ffi::OsString;
use std::io::{BufWriter, Write};

/// A program: options in, output to the writer.
pub type Main = fn(lexopt::Parser, &mut dyn Write) -> Result<(), Failure>;

/// A program's name, its function, and its description.
pub type Program = (&'static str, Main, &'static Help);

/// Runs program `name` of `table` with `args` (its name first) and gives its exit status, or `None` when the table has
/// no program of that name.
#[must_use]
pub fn run(table: &[Program], name: &str, args: Vec<OsString>) -> Option<u8> {
    let (name, main, help) = table.iter().find(|(known, ..)| *known == name)?;
    if args.get(1).is_some_and(|arg| arg == "--help") {
        print!("{}", help.text_of(name));
        return Some(0);
    }
    let mut out = BufWriter::new(std::io::stdout());
    let result = main(lexopt::Parser::from_iter(args), &mut out);
    let flushed = out.flush().map_err(Failure::from);
    Some(match result.and(flushed) {
        Ok(()) => 0,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("{name}: {message}");
            }
            if failure.is_usage() {
                eprintln!("{}", help.hint_of(name));
            }
            failure.status()
        }
    })
}

/// Whether `table` is in order, each program once, with a description that has no [defects](Help::defects): a test's question.
#[must_use]
pub fn is_well_formed(table: &[Program]) -> bool {
    table.windows(2).all(|pair| pair[0].0 < pair[1].0)
        && table.iter().all(|(name, _, help)| help.defects(name).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: Help = Help { purpose: "end", ..Help::NONE };
    const TABLE: &[Program] =
        &[("bad", |_, _| Err(Failure::silent(3)), &HELP), ("good", |_, out| Ok(write!(out, "")?), &HELP)];

    #[test]
    fn runs_by_name() {
        let status = |name: &str| run(TABLE, name, vec![name.into()]);
        assert_eq!((status("bad"), status("good"), status("other")), (Some(3), Some(0), None));
        assert!(is_well_formed(TABLE));
        assert!(!is_well_formed(&[TABLE[1], TABLE[0]]));
        assert!(!is_well_formed(&[("bad", TABLE[0].1, &Help::NONE)]));
    }
}
