// SPDX-License-Identifier: MIT OR Apache-2.0
//! `xxd`: bytes as text in hexadecimal or binary, and back (xxd(1)).

mod dump;
mod revert;

use crate::Failure;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// How a dump looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Hexadecimal,
    /// `-b`.
    Bits,
    /// `-e`: little-endian words.
    Little,
    /// `-p`: digits alone.
    Plain,
    /// `-i`: an array of C.
    Include,
}

struct Options {
    form: Form,
    revert: bool,
    columns: Option<usize>,
    group: Option<usize>,
    length: Option<u64>,
    seek: i64,
    upper: bool,
    decimal: bool,
    /// Added to the offsets that are shown.
    offset: i64,
    name: Option<String>,
    files: Vec<OsString>,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = parse(parser.raw_args()?.collect())?;
    let input = options.files.first().filter(|file| *file != "-").cloned();
    let input = input.as_ref();
    let name = options.name.clone().or_else(|| input.map(|file| file.to_string_lossy().into_owned()));
    let failed = |error: io::Error| match input {
        Some(file) => Failure::at(file, &error).with_status(2),
        None => Failure::of("standard input", &error).with_status(2),
    };
    let mut source: Box<dyn Read> = match input {
        Some(path) => {
            let mut file = File::open(path).map_err(failed)?;
            if options.seek != 0 && !options.revert {
                let from = if options.seek < 0 {
                    SeekFrom::End(options.seek)
                } else {
                    SeekFrom::Start(options.seek.unsigned_abs())
                };
                // Counted from the end, the place is shown as one from the start.
                options.seek = file.seek(from).map_err(failed)? as i64;
            }
            Box::new(file)
        }
        None => {
            let mut stdin = io::stdin();
            if !options.revert {
                // A pipe has no place to go to: its bytes are read away.
                io::copy(&mut (&mut stdin).take(options.seek.max(0).unsigned_abs()), &mut io::sink())
                    .map_err(failed)?;
            }
            Box::new(stdin)
        }
    };
    match options.files.get(1).filter(|file| *file != "-") {
        Some(path) => {
            let opened = OpenOptions::new().write(true).create(true).truncate(!options.revert).open(path);
            let mut target = opened.map_err(|error| Failure::at(path, &error).with_status(3))?;
            if options.revert {
                revert::run(&options, &mut source, &mut revert::Target::File(&mut target))
            } else {
                dump::run(&options, name.as_deref(), &mut source, &mut target)
            }
        }
        None if options.revert => revert::run(&options, &mut source, &mut revert::Target::Stream(out, 0)),
        None => dump::run(&options, name.as_deref(), &mut source, out),
    }
}

/// An option may be a word after one hyphen or two, as in vim's xxd: `-len 5`, `-l 5`, `-l5`, `-ps`.
fn parse(args: Vec<OsString>) -> Result<Options, Failure> {
    let mut options = Options {
        form: Form::Hexadecimal,
        revert: false,
        columns: None,
        group: None,
        length: None,
        seek: 0,
        upper: false,
        decimal: false,
        offset: 0,
        name: None,
        files: Vec::new(),
    };
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy().into_owned();
        let Some(word) = text.strip_prefix('-').filter(|word| !word.is_empty()) else {
            options.files.push(arg);
            continue;
        };
        let word = word.strip_prefix('-').unwrap_or(word);
        match word {
            "" => {
                options.files.extend(args.by_ref());
                break;
            }
            "r" | "revert" => options.revert = true,
            "p" | "ps" | "plain" | "postscript" => options.form = Form::Plain,
            "i" | "include" => options.form = Form::Include,
            "b" | "bits" => options.form = Form::Bits,
            "e" => options.form = Form::Little,
            "u" | "uppercase" => options.upper = true,
            "d" => options.decimal = true,
            "a" | "autoskip" | "E" | "EBCDIC" => {
                return Err(Failure::usage(format!("{text}: not supported")));
            }
            _ => {
                let letter = word.chars().next().unwrap_or_default();
                let names = ["cols", "groupsize", "len", "seek", "name", "offset"];
                let attached = if names.contains(&word) { "" } else { &word[letter.len_utf8()..] };
                if !"cglsno".contains(letter) {
                    return Err(Failure::usage(format!("{text}: unknown option")));
                }
                let value = match attached {
                    "" => args.next().map(|value| value.to_string_lossy().into_owned()),
                    attached => Some(attached.to_owned()),
                };
                let value = value.ok_or_else(|| Failure::usage(format!("missing argument for '{text}'")))?;
                if letter == 'n' {
                    options.name = Some(value);
                    continue;
                }
                let number =
                    number(&value).ok_or_else(|| Failure::usage(format!("{value}: not a number")))?;
                match letter {
                    'c' => {
                        options.columns = Some(number.unsigned_abs() as usize).filter(|columns| *columns > 0)
                    }
                    'g' => options.group = Some(number.unsigned_abs() as usize),
                    'l' => options.length = Some(number.unsigned_abs()),
                    's' => options.seek = number,
                    _ => options.offset = number,
                }
            }
        }
    }
    if options.files.len() > 2 {
        return Err(Failure::usage("too many operands: INPUT and OUTPUT expected"));
    }
    if options.columns.is_some_and(|columns| columns > 256 && options.form != Form::Plain) {
        return Err(Failure::usage("at most 256 columns"));
    }
    Ok(options)
}

/// Decimal, `0x` hexadecimal, `0` octal, with a sign.
fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match (digits.strip_prefix("0x").or(digits.strip_prefix("0X")), digits.strip_prefix('0')) {
        (Some(digits), _) => i64::from_str_radix(digits, 16),
        (None, Some(digits)) if !digits.is_empty() => i64::from_str_radix(digits, 8),
        _ => digits.parse(),
    };
    value.ok().map(|value| sign * value)
}

/// Reverts `data` as each form of dump; then dumps them and reverts that: they come back.
#[cfg(feature = "fuzz")]
pub(crate) fn fuzz(data: &[u8]) {
    /// Takes a mebibyte: a dump may tell of any offset.
    struct Limited(Vec<u8>);

    impl Write for Limited {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            const MOST: usize = 1 << 20;
            if self.0.len() + bytes.len() > MOST {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    for form in ["", "-p", "-b"] {
        let arguments: Vec<OsString> =
            [form, "-c8"].iter().filter(|word| !word.is_empty()).map(Into::into).collect();
        let Ok(options) = parse(arguments) else { panic!("the options are wrong") };
        let revert = |mut text: &[u8]| {
            let mut out = Limited(Vec::new());
            let reverted = revert::run(&options, &mut text, &mut revert::Target::Stream(&mut out, 0));
            reverted.map(|()| out.0)
        };
        let _ = revert(data);
        let mut text = Vec::new();
        let dumped = dump::run(&options, None, &mut &data[..], &mut text);
        assert!(dumped.is_ok());
        assert!(revert(&text).is_ok_and(|again| again == data), "{form} {}", text.escape_ascii());
    }
}

#[cfg(test)]
mod tests;
