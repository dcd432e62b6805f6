// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use crate::{Failure, reason};
use lexopt::prelude::*;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

pub(crate) const USAGE: &str =
    "usage: sed [-Enrsuz] [-i[SUFFIX]] [-l N] [-e SCRIPT | -f FILE]... [SCRIPT] [FILE]...";

#[derive(Debug, Default)]
pub(crate) struct Options {
    /// `-n`: lines are written only by the script.
    pub quiet: bool,
    /// `-E`: regular expressions are extended ones.
    pub extended: bool,
    /// `-s`: files are not one text, but each for itself.
    pub separate: bool,
    /// `-i`: each file is replaced by its output; the original is kept under a name with this suffix, if there is one.
    pub in_place: Option<String>,
    /// `-u`: lines are written as soon as they are complete.
    pub unbuffered: bool,
    /// `-z`: lines end with a NUL.
    pub nul: bool,
    /// `-l`: how long the lines of command `l` are; 0 does not break them.
    pub line_length: usize,
    pub script: String,
    pub files: Vec<PathBuf>,
}

impl Options {
    /// What ends a line.
    pub fn end(&self) -> u8 {
        if self.nul { 0 } else { b'\n' }
    }
}

/// The options of a command line; none if it requests help.
pub(crate) fn parse(args: Vec<OsString>) -> Result<Option<Options>, Failure> {
    let mut options = Options { line_length: 70, ..Options::default() };
    let mut parser = lexopt::Parser::from_iter(args);
    let (mut script, mut operands) = (None::<String>, Vec::new());
    let add = |script: &mut Option<String>, text: &str| match script {
        Some(script) => {
            script.push('\n');
            script.push_str(text);
        }
        None => *script = Some(text.to_owned()),
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') | Long("quiet" | "silent") => options.quiet = true,
            Short('E' | 'r') | Long("regexp-extended") => options.extended = true,
            Short('s') | Long("separate") => options.separate = true,
            Short('u') | Long("unbuffered") => options.unbuffered = true,
            Short('z') | Long("null-data") => options.nul = true,
            Short('i') | Long("in-place") => {
                let suffix = parser.optional_value().map(|suffix| suffix.string()).transpose()?;
                options.in_place = Some(suffix.unwrap_or_default());
                options.separate = true;
            }
            Short('l') | Long("line-length") => options.line_length = parser.value()?.parse()?,
            Short('e') | Long("expression") => add(&mut script, &parser.value()?.string()?),
            Short('f') | Long("file") => {
                let path = PathBuf::from(parser.value()?);
                let text = if path.as_os_str() == "-" {
                    io::read_to_string(io::stdin().lock())
                } else {
                    std::fs::read_to_string(&path)
                };
                let text = text.map_err(|error| {
                    Failure::usage(format!("couldn't open file {}: {}", path.display(), reason(&error)))
                })?;
                add(&mut script, text.strip_suffix('\n').unwrap_or(&text));
            }
            // There are no extensions that a POSIX script would run into.
            Long("posix") => {}
            Long("help") => return Ok(None),
            Value(operand) => operands.push(operand),
            _ => return Err(Failure::usage(format!("{}\n{USAGE}", arg.unexpected()))),
        }
    }
    let mut operands = operands.into_iter();
    options.script = match script {
        Some(script) => script,
        None => {
            operands.next().ok_or_else(|| Failure::usage(format!("script expected\n{USAGE}")))?.string()?
        }
    };
    options.quiet |= options.script == "#n" || options.script.starts_with("#n\n");
    options.files = operands.map(PathBuf::from).collect();
    Ok(Some(options))
}
