// SPDX-License-Identifier: MIT OR Apache-2.0
//! From text to bytes: `-r`.

use super::{Form, Options};
use crate::Failure;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

/// Where bytes go to: a file is patched in its place, a stream is filled up with zeros.
pub enum Target<'a> {
    File(&'a mut File),
    /// The stream, and how many bytes have been written to it.
    Stream(&'a mut dyn Write, u64),
}

impl Target<'_> {
    fn write(&mut self, at: Option<u64>, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Target::File(file) => {
                let failed = |error: io::Error| Failure::of("write error", &error).with_status(3);
                if let Some(at) = at {
                    file.seek(SeekFrom::Start(at)).map_err(failed)?;
                }
                file.write_all(bytes).map_err(failed)
            }
            Target::Stream(out, written) => {
                if let Some(at) = at {
                    let gap = at.checked_sub(*written).ok_or_else(|| {
                        Failure::new("offsets go back, and the output cannot: name an output file")
                            .with_status(5)
                    })?;
                    io::copy(&mut io::repeat(0).take(gap), *out)?;
                    *written = at;
                }
                out.write_all(bytes)?;
                *written += bytes.len() as u64;
                Ok(())
            }
        }
    }
}

pub fn run(options: &Options, input: &mut dyn Read, target: &mut Target) -> Result<(), Failure> {
    if options.form == Form::Include {
        return Err(Failure::usage("an array of C is not read back"));
    }
    let mut half = None;
    for line in BufReader::new(input).split(b'\n') {
        let line = line.map_err(|error| Failure::of("read error", &error).with_status(2))?;
        let text = String::from_utf8_lossy(&line);
        if options.form == Form::Plain {
            target.write(None, &plain(&text, &mut half))?;
        } else if let Some((at, bytes)) = dumped(options, &text) {
            let at = at
                .checked_add_signed(options.seek)
                .ok_or_else(|| Failure::new("offset below 0").with_status(5))?;
            target.write(Some(at), &bytes)?;
        }
    }
    Ok(())
}

/// Digits wherever they are; a digit at the end of a line may have its other half in the next one.
fn plain(text: &str, half: &mut Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for digit in text.chars().filter_map(|c| c.to_digit(16)) {
        let digit = digit as u8;
        match half.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => *half = Some(digit),
        }
    }
    bytes
}

/// Offset and bytes of a line of a dump, up to two blanks or what is no digit.
fn dumped(options: &Options, text: &str) -> Option<(u64, Vec<u8>)> {
    let (offset, rest) = text.trim_start().split_once(':')?;
    let at = u64::from_str_radix(offset.trim(), if options.decimal { 10 } else { 16 }).ok()?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let columns = options.columns.unwrap_or(if options.form == Form::Bits { 6 } else { 16 });
    let (radix, width) = if options.form == Form::Bits { (2, 8) } else { (16, 2) };
    let mut bytes = Vec::new();
    let mut digits = String::new();
    let mut last = ' ';
    for c in rest.chars() {
        if bytes.len() == columns || (c == ' ' && last == ' ') || !(c == ' ' || c.is_digit(radix)) {
            break;
        }
        last = c;
        if c == ' ' {
            continue;
        }
        digits.push(c);
        if digits.len() == width {
            bytes.push(u8::from_str_radix(&digits, radix).ok()?);
            digits.clear();
        }
    }
    Some((at, bytes))
}
