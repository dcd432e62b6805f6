// SPDX-License-Identifier: MIT OR Apache-2.0
//! `kibi`, also called `edit`: a full-screen editor, from the crate of that name.
//!
//! The editor itself is upstream's. What is here gives it its keys, and ends it properly when a signal does.

mod help;
mod keyboard;

use keyboard::Keyboard;
use lexopt::prelude::*;
use qos_command::{Failure, Program};
use qos_sys::tty;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

/// The default size, for a terminal of unknown size such as a serial console: rows and columns.
const SIZE: (u16, u16) = (24, 80);

/// The programs, by name.
pub const TABLE: &[Program] = &[("edit", main, &help::EDIT), ("kibi", main, &help::EDIT)];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and returns its exit status, or `None` if there is no program of that
/// name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name, args)
}

fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let file = parse(parser)?;
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Failure::new("standard input and standard output have to be a terminal"));
    }
    let terminal = |error: io::Error| Failure::of("terminal", &error);
    let size = tty::size(io::stdout()).map_err(terminal)?;
    // Upstream queries the terminal for a size that the kernel does not have, and the terminal may not answer.
    let guessed = size.0 == 0 || size.1 == 0;
    if guessed {
        tty::set_size(io::stdout(), SIZE.0, SIZE.1).map_err(terminal)?;
    }
    let mut keyboard = Keyboard::new(io::stdin()).map_err(terminal)?;
    let result = kibi::run(file.as_deref(), &mut keyboard);
    if guessed {
        tty::set_size(io::stdout(), size.0, size.1).map_err(terminal)?;
    }
    match (keyboard.signal, result) {
        (Some(number), _) => Err(Failure::silent(u8::try_from(128 + number).unwrap_or(1))),
        (None, Ok(())) => Ok(()),
        (None, Err(kibi::Error::Io(error))) => {
            Err(Failure::of(file.as_deref().unwrap_or("terminal"), &error))
        }
        (None, Err(error)) => Err(Failure::new(format!("{error:?}"))),
    }
}

/// The file to edit, if one is given.
fn parse(mut parser: lexopt::Parser) -> Result<Option<String>, Failure> {
    let mut file = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Value(name) if file.is_none() => file = Some(name.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let parse = |line: &str| parse(lexopt::Parser::from_iter(line.split(' '))).map_err(|f| f.status());
        assert_eq!(parse("edit"), Ok(None));
        assert_eq!(parse("edit -- -x"), Ok(Some("-x".to_owned())));
        assert_eq!(parse("edit a b"), Err(2));
        assert_eq!(parse("edit -x"), Err(2));
    }

    #[test]
    fn table() {
        assert!(qos_command::is_well_formed(TABLE));
    }
}
