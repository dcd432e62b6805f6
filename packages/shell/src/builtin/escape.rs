// SPDX-License-Identifier: GPL-3.0-or-later
//! Backslash escapes of `echo` and `printf`.

use std::ops::ControlFlow::{self, Break, Continue};

/// Where an escape stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// In the format of `printf`: `\ddd` is octal.
    Format,
    /// In an argument of `echo` or of `%b`: `\0ddd` is octal, and so is `\ddd` from 1 on; `\c` ends the output.
    Argument,
}

/// Appends `text` to `out`, its escapes replaced. Breaks at `\c`.
pub fn expand(text: &[u8], dialect: Dialect, out: &mut Vec<u8>) -> ControlFlow<()> {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        rest = one(&rest[at + 1..], dialect, out)?;
    }
    out.extend_from_slice(rest);
    Continue(())
}

/// Appends what the escape stands for whose text after the backslash begins `rest`; returns what follows it.
pub fn one<'a>(rest: &'a [u8], dialect: Dialect, out: &mut Vec<u8>) -> ControlFlow<(), &'a [u8]> {
    let Some(&letter) = rest.first() else {
        out.push(b'\\');
        return Continue(rest);
    };
    let byte = match letter {
        b'\\' => b'\\',
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'c' if dialect == Dialect::Argument => return Break(()),
        b'0'..=b'7' => {
            let most = if dialect == Dialect::Argument && letter == b'0' { 4 } else { 3 };
            let digits = rest.iter().take(most).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let value = rest[..digits].iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
            // As in C, a value beyond a byte keeps its lower eight bits.
            out.push(value.to_le_bytes()[0]);
            return Continue(&rest[digits..]);
        }
        other => {
            out.extend_from_slice(&[b'\\', other]);
            return Continue(&rest[1..]);
        }
    };
    out.push(byte);
    Continue(&rest[1..])
}
