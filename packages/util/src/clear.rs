// SPDX-License-Identifier: MIT OR Apache-2.0
//! `clear`: empties the terminal's screen (ECMA-48: CUP, ED).

use crate::Failure;
use std::io::Write;

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(arg) = options.next()? {
        return Err(arg.unexpected().into());
    }
    Ok(out.write_all(b"\x1b[H\x1b[2J\x1b[3J")?)
}
