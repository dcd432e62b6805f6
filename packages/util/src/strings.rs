// SPDX-License-Identifier: MIT OR Apache-2.0
//! `strings`: printable text in files (POSIX strings).

use crate::Failure;
use lexopt::prelude::*;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut least, mut radix, mut files) = (4, None, Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            // All of a file is looked at in any case.
            Short('a') | Long("all") => {}
            Short('n') | Long("bytes") => {
                let text = options.value()?.string()?;
                let number = text.parse().ok().filter(|number| *number > 0);
                least = number.ok_or_else(|| Failure::usage(format!("{text}: not a number above 0")))?;
            }
            Short('t') | Long("radix") => {
                let text = options.value()?.string()?;
                radix = text.chars().next().filter(|c| text.len() == 1 && "dox".contains(*c));
                if radix.is_none() {
                    return Err(Failure::usage(format!("{text}: one of d, o, x expected")));
                }
            }
            Value(file) => files.push(file),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if files.is_empty() {
        return find(&mut io::stdin().lock(), least, radix, out).map_err(|failure| match failure {
            Problem::Read(error) => Failure::of("standard input", &error),
            Problem::Write(error) => error.into(),
        });
    }
    let mut failed = None;
    for path in &files {
        let result = File::open(path).map_err(Problem::Read);
        match result.and_then(|file| find(&mut BufReader::new(file), least, radix, out)) {
            Ok(()) => {}
            Err(Problem::Read(error)) => failed = Some(Failure::at(path, &error)),
            Err(Problem::Write(error)) => return Err(error.into()),
        }
    }
    failed.map_or(Ok(()), Err)
}

enum Problem {
    Read(io::Error),
    Write(io::Error),
}

fn find(input: &mut dyn Read, least: usize, radix: Option<char>, out: &mut dyn Write) -> Result<(), Problem> {
    let (mut text, mut at, mut buffer) = (Vec::new(), 0_u64, [0; 8192]);
    loop {
        let n = input.read(&mut buffer).map_err(Problem::Read)?;
        for byte in &buffer[..n] {
            if matches!(byte, b'\t' | 0x20..=0x7e) {
                text.push(*byte);
            } else {
                line(&text, at, least, radix, out).map_err(Problem::Write)?;
                text.clear();
            }
            at += 1;
        }
        if n == 0 {
            return line(&text, at, least, radix, out).map_err(Problem::Write);
        }
    }
}

/// Writes `text`, which ends at `end`, where it is long enough.
fn line(text: &[u8], end: u64, least: usize, radix: Option<char>, out: &mut dyn Write) -> io::Result<()> {
    if text.len() < least {
        return Ok(());
    }
    let at = end - text.len() as u64;
    match radix {
        Some('d') => write!(out, "{at:7} ")?,
        Some('o') => write!(out, "{at:7o} ")?,
        Some(_) => write!(out, "{at:7x} ")?,
        None => {}
    }
    out.write_all(text)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        let check = |input: &[u8], least, radix, expect: &str| {
            let mut out = Vec::new();
            assert!(find(&mut { input }, least, radix, &mut out).is_ok());
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        check(b"\0\x01abcd\0efg\nhi\tjk", 4, None, "abcd\nhi\tjk\n");
        check(b"\0\x01abcd\0efg", 3, Some('d'), "      2 abcd\n      7 efg\n");
        check(
            &[vec![b' '; 16], b"x\0".to_vec(), vec![b'a'; 4]].concat(),
            4,
            Some('x'),
            "      0                 x\n     12 aaaa\n",
        );
        check(b"", 4, None, "");
    }
}
