// SPDX-License-Identifier: MIT OR Apache-2.0
//! From bytes to text.

use super::{Form, Options};
use crate::Failure;
use std::io::{self, BufReader, Read, Write};

pub fn run(
    options: &Options,
    name: Option<&str>,
    input: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut input = BufReader::new(input.take(options.length.unwrap_or(u64::MAX)));
    let columns = options.columns.unwrap_or(match options.form {
        Form::Hexadecimal | Form::Little => 16,
        Form::Bits => 6,
        Form::Plain => 30,
        Form::Include => 12,
    });
    if options.form == Form::Include {
        return include(options, name, columns, &mut input, out);
    }
    let mut at = (options.seek.max(0) + options.offset) as u64;
    let mut row = vec![0; columns];
    loop {
        let n =
            fill(&mut input, &mut row).map_err(|error| Failure::of("read error", &error).with_status(2))?;
        if n == 0 {
            return Ok(());
        }
        let text = line(options, at, &row[..n], columns);
        writeln!(out, "{text}")?;
        at += n as u64;
    }
}

/// Reads a whole row where there is one: a pipe may give less at a time.
fn fill(input: &mut impl Read, row: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < row.len() {
        match input.read(&mut row[n..])? {
            0 => break,
            read => n += read,
        }
    }
    Ok(n)
}

fn digits(byte: u8, upper: bool) -> String {
    if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }
}

fn line(options: &Options, at: u64, row: &[u8], columns: usize) -> String {
    if options.form == Form::Plain {
        return row.iter().map(|byte| digits(*byte, options.upper)).collect();
    }
    let group = options.group.unwrap_or(match options.form {
        Form::Bits => 1,
        Form::Little => 4,
        _ => 2,
    });
    let group = if group == 0 { columns } else { group };
    let width = if options.form == Form::Bits { 8 } else { 2 };
    let mut text = if options.decimal { format!("{at:08}:") } else { format!("{at:08x}:") };
    for start in (0..columns).step_by(group) {
        text.push(' ');
        let places = start..(start + group).min(columns);
        // Little-endian words have their bytes from the last one on.
        let places: Vec<usize> =
            if options.form == Form::Little { places.rev().collect() } else { places.collect() };
        for place in places {
            match row.get(place) {
                Some(byte) if options.form == Form::Bits => text += &format!("{byte:08b}"),
                Some(byte) => text += &digits(*byte, options.upper),
                None => text.extend(std::iter::repeat_n(' ', width)),
            }
        }
    }
    text += "  ";
    text.extend(row.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
    text
}

/// An array of C, with a name where the input is a file.
fn include(
    options: &Options,
    name: Option<&str>,
    columns: usize,
    input: &mut impl Read,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| Failure::of("read error", &error).with_status(2))?;
    let name = name.map(|name| {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) { format!("__{name}") } else { name }
    });
    if let Some(name) = &name {
        writeln!(out, "unsigned char {name}[] = {{")?;
    }
    let rows: Vec<String> = bytes
        .chunks(columns)
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .map(|byte| {
                    format!("0{}{}", if options.upper { 'X' } else { 'x' }, digits(*byte, options.upper))
                })
                .collect();
            format!("  {}", cells.join(", "))
        })
        .collect();
    if !rows.is_empty() {
        writeln!(out, "{}", rows.join(",\n"))?;
    }
    if let Some(name) = &name {
        writeln!(out, "}};\nunsigned int {name}_len = {};", bytes.len())?;
    }
    Ok(())
}
