// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cmp`: the first byte in which two files differ, or with `-l` each of them.

use crate::Trouble;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;

const USAGE: &str = "usage: cmp [-bls] [-i SKIP[:SKIP]] [-n BYTES] FILE1 [FILE2 [SKIP1 [SKIP2]]]";

#[derive(Default)]
struct Options {
    all: bool,
    silent: bool,
    bytes: bool,
    limit: Option<u64>,
    skip: [u64; 2],
}

/// Runs `cmp` and gives its exit status.
pub(crate) fn main(args: Vec<OsString>, out: &mut dyn Write) -> Result<i32, Trouble> {
    let mut parser = lexopt::Parser::from_iter(args);
    let mut options = Options::default();
    let mut operands: Vec<OsString> = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('l') | Long("verbose") => options.all = true,
            Short('s') | Long("quiet" | "silent") => options.silent = true,
            Short('b') | Long("print-bytes") => options.bytes = true,
            Short('n') | Long("bytes") => options.limit = Some(number(&parser.value()?.string()?)?),
            Short('i') | Long("ignore-initial") => {
                let text = parser.value()?.string()?;
                let (first, second) = text.split_once(':').unwrap_or((&text, &text));
                options.skip = [number(first)?, number(second)?];
            }
            Long("help") => {
                writeln!(out, "{USAGE}")?;
                return Ok(0);
            }
            Value(operand) => operands.push(operand),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if operands.is_empty() || operands.len() > 4 {
        return Err(Trouble(format!("one to four operands expected\n{USAGE}")));
    }
    for (skip, text) in options.skip.iter_mut().zip(operands.iter().skip(2)) {
        *skip = number(&text.to_string_lossy())?;
    }
    let name = |index: usize| operands.get(index).cloned().unwrap_or_else(|| "-".into());
    let names = [PathBuf::from(name(0)), PathBuf::from(name(1))];
    let first = open(&names[0], options.skip[0])?;
    let second = open(&names[1], options.skip[1])?;
    compare(&options, &names, first, second, out)
}

/// A count of bytes: decimal, octal or hexadecimal as in C, with the field's suffixes for powers of 1024 and 1000.
fn number(text: &str) -> Result<u64, Trouble> {
    let bad = || Trouble(format!("invalid number {text:?}"));
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let factor: u64 = match &digits[end..] {
        "" => 1,
        "k" | "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(bad()),
    };
    u64::from_str_radix(&digits[..end], radix)
        .ok()
        .and_then(|count| count.checked_mul(factor))
        .ok_or_else(bad)
}

fn open(path: &PathBuf, skip: u64) -> Result<Box<dyn BufRead>, Trouble> {
    let mut input: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(|error| Trouble::at(path, &error))?))
    };
    io::copy(&mut input.by_ref().take(skip), &mut io::sink()).map_err(|error| Trouble::at(path, &error))?;
    Ok(input)
}

fn compare(
    options: &Options,
    names: &[PathBuf; 2],
    mut first: Box<dyn BufRead>,
    mut second: Box<dyn BufRead>,
    out: &mut dyn Write,
) -> Result<i32, Trouble> {
    let (mut byte, mut line, mut status) = (0_u64, 1_u64, 0);
    let mut last_was_newline = true;
    loop {
        let left = options.limit.map_or(u64::MAX, |limit| limit - byte);
        if left == 0 {
            return Ok(status);
        }
        let a = first.fill_buf().map_err(|error| Trouble::at(&names[0], &error))?;
        let b = second.fill_buf().map_err(|error| Trouble::at(&names[1], &error))?;
        let length = a.len().min(b.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
        if length == 0 {
            let short = match (a.is_empty(), b.is_empty()) {
                (true, true) => return Ok(status),
                (true, false) => &names[0],
                _ => &names[1],
            };
            if !options.silent {
                let lines = line - u64::from(last_was_newline);
                let place = match byte {
                    0 => " which is empty".to_owned(),
                    _ if options.all => format!(" after byte {byte}"),
                    _ if last_was_newline => format!(" after byte {byte}, line {lines}"),
                    _ => format!(" after byte {byte}, in line {lines}"),
                };
                out.flush()?;
                eprintln!("cmp: EOF on {}{place}", short.display());
            }
            return Ok(1);
        }
        for (&x, &y) in a[..length].iter().zip(&b[..length]) {
            byte += 1;
            if x != y {
                status = 1;
                match (options.silent, options.all) {
                    (true, _) => return Ok(1),
                    (false, true) if options.bytes => {
                        writeln!(out, "{byte} {x:3o} {:<4} {y:3o} {}", shown(x), shown(y))?;
                    }
                    (false, true) => writeln!(out, "{byte} {x:3o} {y:3o}")?,
                    (false, false) => {
                        let [a, b] = [names[0].display(), names[1].display()];
                        if options.bytes {
                            let (x_shown, y_shown) = (shown(x), shown(y));
                            writeln!(
                                out,
                                "{a} {b} differ: byte {byte}, line {line} is {x:3o} {x_shown} {y:3o} {y_shown}"
                            )?;
                        } else {
                            writeln!(out, "{a} {b} differ: char {byte}, line {line}")?;
                        }
                        return Ok(1);
                    }
                }
            }
            last_was_newline = x == b'\n';
            line += u64::from(last_was_newline);
        }
        first.consume(length);
        second.consume(length);
    }
}

/// A byte as `cat -t` shows it.
fn shown(byte: u8) -> String {
    let (high, low) = if byte >= 128 { ("M-", byte - 128) } else { ("", byte) };
    match low {
        0..32 => format!("{high}^{}", char::from(low + 64)),
        127 => format!("{high}^?"),
        _ => format!("{high}{}", char::from(low)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: &Options, a: &'static [u8], b: &'static [u8], status: i32, text: &str) {
        let mut out = Vec::new();
        let names = ["a".into(), "b".into()];
        assert_eq!(compare(options, &names, Box::new(a), Box::new(b), &mut out).unwrap(), status);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn compares_bytes() {
        let first = Options::default();
        check(&first, b"x\ny\n", b"x\ny\n", 0, "");
        check(&first, b"x\ny\n", b"x\nz\n", 1, "a b differ: char 3, line 2\n");
        check(&first, b"x\n", b"x\nz\n", 1, "");
        check(&Options { limit: Some(2), ..Options::default() }, b"x\ny\n", b"x\nz\n", 0, "");
        let all = Options { all: true, ..Options::default() };
        check(&all, b"abc", b"xbz", 1, "1 141 170\n3 143 172\n");
        let bytes = Options { bytes: true, ..Options::default() };
        check(&bytes, b"\x01", b"\xff", 1, "a b differ: byte 1, line 1 is   1 ^A 377 M-^?\n");
    }

    #[test]
    fn numbers() {
        for (text, expect) in [("10", 10), ("010", 8), ("0x10", 16), ("2k", 2048), ("1kB", 1000), ("0", 0)] {
            assert_eq!(number(text).unwrap(), expect, "{text}");
        }
        for text in ["", "x", "1q", "-1"] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
