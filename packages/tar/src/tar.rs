// SPDX-License-Identifier: MIT OR Apache-2.0
//! `tar`: makes, lists and extracts archives (GNU tar's options that people type).

use crate::options::{Mode, Options};
use crate::owners::Owners;
use crate::{Failure, create, extract, list};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let args = std::iter::once(OsString::from("tar")).chain(parser.raw_args()?).collect();
    let root = qos_sys::process::is_root();
    run(Path::new("/"), Path::new("."), root, args, Box::new(io::stdin()), out)
}

/// `tar` on a system below `root`, which has the names of owners, in directory `base`.
fn run(
    root: &Path,
    base: &Path,
    is_root: bool,
    args: Vec<OsString>,
    input: Box<dyn Read>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let options = Options::parse(args, base)?;
    let owners = Owners::read(root);
    match options.mode {
        Mode::Create => create::run(&options, &owners, out),
        Mode::Extract => extract::run(&options, &owners, is_root, input, out),
        Mode::List => list::run(&options, input, out),
    }
}

#[cfg(test)]
mod tests;
