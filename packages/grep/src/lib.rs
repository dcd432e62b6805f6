// SPDX-License-Identifier: MIT OR Apache-2.0
//! `grep` (POSIX.1-2024, with the options of GNU grep that people type), and its old names `egrep` and `fgrep`.

mod help;
mod lines;
mod matcher;
mod options;
mod search;

use qos_command::{Failure, Program};
use qos_regex::Syntax;
use std::ffi::OsString;
use std::io::Write;

/// The programs, by name.
pub const TABLE: &[Program] =
    &[("egrep", egrep, &help::GREP), ("fgrep", fgrep, &help::GREP), ("grep", grep, &help::GREP)];

/// Exit status of trouble; 1 means that no line matched.
const TROUBLE: u8 = 2;

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` for any other name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name, args)
}

fn egrep(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, Syntax::Extended, out)
}

fn fgrep(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, Syntax::Fixed, out)
}

fn grep(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, Syntax::Basic, out)
}

/// Searches with `syntax`, unless an option says another one.
fn main(parser: lexopt::Parser, syntax: Syntax, out: &mut dyn Write) -> Result<(), Failure> {
    let (options, patterns, paths) = options::parse(parser, syntax)?;
    let matcher = matcher::Matcher::new(&patterns, &options)?;
    let found = search::Search::new(&options, &matcher, out).run(&paths);
    // 1 would mean that nothing matched: a write error is trouble.
    let found = found.map_err(|failure| failure.with_status(TROUBLE))?;
    match (out.flush(), found) {
        (Err(error), _) => Err(Failure::from(error).with_status(TROUBLE)),
        (Ok(()), 0) => Ok(()),
        (Ok(()), status) => Err(Failure::silent(status)),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_well_formed() {
        assert!(qos_command::is_well_formed(super::TABLE));
    }
}
