// SPDX-License-Identifier: MIT OR Apache-2.0
//! `findfs`: the device of a file system, by its label or UUID (findfs(8)).

use crate::Failure;
use lexopt::prelude::*;
use qos_probe::search::{Wanted, find};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut words = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Value(word) => words.push(word),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let [word] = words.as_slice() else { return Err(Failure::usage("one NAME=VALUE expected")) };
    // A device's own name stands for it.
    if !word.as_bytes().contains(&b'=') && Path::new(word).exists() {
        return Ok(writeln!(out, "{}", Path::new(word).display())?);
    }
    match Wanted::parse(word.as_bytes()).and_then(|wanted| find(Path::new("/"), &wanted).ok()?) {
        Some(device) => Ok(writeln!(out, "{}", device.node().display())?),
        None => Err(Failure::new(format!("unable to resolve '{}'", word.to_string_lossy()))),
    }
}
