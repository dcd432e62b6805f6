// SPDX-License-Identifier: MIT OR Apache-2.0
//! `template`: prints a greeting for each name that it is given.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::io::{self, Write};

/// Status of a program that was called in a way it does not know.
const USAGE: u8 = 2;

/// Runs the program with `args` (its name first) and gives its exit status.
#[must_use]
pub fn run(args: Vec<OsString>) -> u8 {
    match parse(args) {
        Ok(names) => match greet(&names, &mut io::stdout().lock()) {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("template: write error: {error}");
                1
            }
        },
        Err(error) => {
            eprintln!("template: {error}\nusage: template NAME...");
            USAGE
        }
    }
}

fn parse(args: Vec<OsString>) -> Result<Vec<String>, lexopt::Error> {
    let mut parser = lexopt::Parser::from_iter(args);
    let mut names = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Value(name) => names.push(name.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    Ok(names)
}

fn greet(names: &[String], out: &mut impl Write) -> io::Result<()> {
    names.iter().try_for_each(|name| writeln!(out, "Hello, {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &str) {
        let names = parse(line.split(' ').map(OsString::from).collect()).unwrap();
        let mut out = Vec::new();
        greet(&names, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    }

    #[test]
    fn greets_everyone() {
        check("template", "");
        check("template a b", "Hello, a.\nHello, b.\n");
    }

    #[test]
    fn refuses_options() {
        assert!(parse(vec!["template".into(), "-x".into()]).is_err());
    }
}
