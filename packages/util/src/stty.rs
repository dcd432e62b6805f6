// SPDX-License-Identifier: MIT OR Apache-2.0
//! `stty`: shows and sets the terminal on standard input (POSIX stty, without speeds and control characters).

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::tty::{self, Mode, Terminal};
use std::io::{Write, stdin};

/// Settings by name; `-NAME` turns one off.
const MODES: &[(&str, Mode)] = &[
    ("brkint", Mode::Brkint),
    ("icrnl", Mode::Icrnl),
    ("ixon", Mode::Ixon),
    ("ixoff", Mode::Ixoff),
    ("opost", Mode::Opost),
    ("onlcr", Mode::Onlcr),
    ("isig", Mode::Isig),
    ("icanon", Mode::Icanon),
    ("iexten", Mode::Iexten),
    ("echo", Mode::Echo),
    ("echoe", Mode::Echoe),
    ("echok", Mode::Echok),
    ("tostop", Mode::Tostop),
];

/// What a person at a terminal wants: all but flow control by the receiver and SIGTTOU for background output.
const SANE_OFF: &[&str] = &["ixoff", "tostop"];

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut words = Vec::new();
    // Settings begin with `-` as well: none of them is an option.
    for word in options.raw_args()? {
        words.push(word.string()?);
    }
    let failed = |error: std::io::Error| Failure::of("standard input", &error);
    let mut terminal = Terminal::of_stdin().map_err(failed)?;
    let mut words = words.iter().map(String::as_str);
    let mut changed = false;
    let mut shown = false;
    while let Some(word) = words.next() {
        match word {
            "-a" | "--all" => {}
            "-F" | "--file" => {
                return Err(Failure::usage("-F: not supported: redirect standard input instead"));
            }
            "size" => {
                let (rows, cols) = tty::size(stdin()).map_err(failed)?;
                writeln!(out, "{rows} {cols}")?;
                shown = true;
            }
            "rows" | "cols" | "columns" => {
                let number = words.next().and_then(|number| number.parse::<u16>().ok());
                let number =
                    number.ok_or_else(|| Failure::usage(format!("{word}: number expected after it")))?;
                let (rows, cols) = tty::size(stdin()).map_err(failed)?;
                let (rows, cols) = if word == "rows" { (number, cols) } else { (rows, number) };
                tty::set_size(stdin(), rows, cols).map_err(failed)?;
                shown = true;
            }
            _ => {
                apply(&mut terminal, word)?;
                changed = true;
            }
        }
    }
    if changed {
        return terminal.set_stdin().map_err(failed);
    }
    if !shown {
        let (rows, cols) = tty::size(stdin()).map_err(failed)?;
        writeln!(out, "rows {rows}; columns {cols};\n{}", describe(&terminal))?;
    }
    Ok(())
}

fn apply(terminal: &mut Terminal, word: &str) -> Result<(), Failure> {
    match word {
        "sane" => {
            for (name, mode) in MODES {
                terminal.set(*mode, !SANE_OFF.contains(name));
            }
        }
        "raw" | "-cooked" => terminal.make_raw(),
        "cooked" | "-raw" => {
            for name in ["brkint", "icrnl", "ixon", "opost", "onlcr", "isig", "icanon", "iexten"] {
                apply(terminal, name)?;
            }
        }
        _ => {
            let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            let known = MODES.iter().find(|(known, _)| *known == name);
            let (_, mode) = known.ok_or_else(|| Failure::usage(format!("{word}: unknown setting")))?;
            terminal.set(*mode, on);
        }
    }
    Ok(())
}

fn describe(terminal: &Terminal) -> String {
    let words: Vec<String> = MODES
        .iter()
        .map(|(name, mode)| format!("{}{name}", if terminal.is(*mode) { "" } else { "-" }))
        .collect();
    words.join(" ")
}
