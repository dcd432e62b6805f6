// SPDX-License-Identifier: GPL-3.0-or-later
//! `printf` (POSIX.1-2024), with the floating-point conversions of C.

use super::escape::{self, Dialect};
use super::float::{self, Spec};
use super::output;
use crate::ShellEnv;
use std::ops::ControlFlow::Break;
use yash_env::builtin::Result as Done;
use yash_env::semantics::{ExitStatus, Field};

/// The built-in.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Done {
    let mut args: Vec<&str> = args.iter().map(|arg| arg.value.as_str()).collect();
    if args.first() == Some(&"--") {
        args.remove(0);
    }
    let Some((format, args)) = args.split_first() else {
        output::report(env, "printf", "the format is missing").await;
        return Done::new(ExitStatus::ERROR);
    };
    let printed = format_all(format.as_bytes(), args);
    for error in &printed.errors {
        output::report(env, "printf", error).await;
    }
    let status = if printed.errors.is_empty() { ExitStatus::SUCCESS } else { ExitStatus::FAILURE };
    output::finish(env, "printf", &printed.bytes, status).await
}

/// The output of `printf`, and its error messages.
#[derive(Debug, Default)]
struct Printed {
    bytes: Vec<u8>,
    errors: Vec<String>,
}

/// The arguments, and where the format has come to in them.
struct Args<'a> {
    all: &'a [&'a str],
    /// Index of the first argument of this pass over the format.
    base: usize,
    /// Index of the next argument.
    next: usize,
    /// One more than the highest index used in this pass.
    used: usize,
}

impl<'a> Args<'a> {
    /// The argument of number `number`, counted from 1 in this pass, or the next one.
    fn take(&mut self, number: Option<usize>) -> Option<&'a str> {
        let index = match number {
            Some(number) => self.base + number.saturating_sub(1),
            None => {
                self.next += 1;
                self.next - 1
            }
        };
        self.used = self.used.max(index + 1);
        self.all.get(index).copied()
    }
}

/// Applies `format` once, and again while arguments are left.
fn format_all(format: &[u8], all: &[&str]) -> Printed {
    let mut printed = Printed::default();
    let mut args = Args { all, base: 0, next: 0, used: 0 };
    loop {
        let go_on = pass(format, &mut args, &mut printed).is_some();
        if !go_on || args.used <= args.base || args.used >= all.len() {
            return printed;
        }
        args.base = args.used;
        args.next = args.used;
    }
}

/// Applies `format` once; `None` if the output ends here.
fn pass(format: &[u8], args: &mut Args<'_>, printed: &mut Printed) -> Option<()> {
    let mut rest = format;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after.first()) {
            (b'%', Some(b'%')) => {
                printed.bytes.push(b'%');
                &after[1..]
            }
            (b'%', _) => conversion(after, args, printed)?,
            (b'\\', _) => match escape::one(after, Dialect::Format, &mut printed.bytes) {
                std::ops::ControlFlow::Continue(rest) => rest,
                Break(()) => return None,
            },
            _ => {
                printed.bytes.push(byte);
                after
            }
        };
    }
    Some(())
}

/// Takes the conversion at the front of `text` (after its `%`); returns what follows it, or `None` if the output ends.
fn conversion<'a>(text: &'a [u8], args: &mut Args<'_>, printed: &mut Printed) -> Option<&'a [u8]> {
    let mut rest = text;
    let number = argument_number(&mut rest);
    let mut spec = Spec::default();
    while let Some(flag) = rest.first() {
        match flag {
            b'-' => spec.left = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.alternative = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    if let Some(width) = size(&mut rest, args, printed) {
        spec.left |= width < 0;
        spec.width = usize::try_from(width.unsigned_abs()).unwrap_or(0);
    }
    if rest.first() == Some(&b'.') {
        rest = &rest[1..];
        let precision = size(&mut rest, args, printed).unwrap_or(0);
        spec.precision = usize::try_from(precision).ok();
    }
    // Sizes of C types mean nothing here, and are passed over as other shells do.
    while let Some(b'h' | b'l' | b'j' | b'z' | b't' | b'L' | b'q') = rest.first() {
        rest = &rest[1..];
    }
    let Some((&letter, rest)) = rest.split_first() else {
        printed.errors.push(format!("%{}: incomplete conversion", String::from_utf8_lossy(text)));
        return None;
    };
    let out = &mut printed.bytes;
    match letter {
        b's' => pad_text(args.take(number).unwrap_or_default().as_bytes(), spec, out),
        b'c' => {
            let arg = args.take(number).unwrap_or_default().as_bytes();
            // A string that is empty still has its terminating null byte.
            pad_text(arg.get(..1).unwrap_or(&[0]), Spec { precision: None, ..spec }, out);
        }
        b'b' => {
            let mut text = Vec::new();
            let end = escape::expand(
                args.take(number).unwrap_or_default().as_bytes(),
                Dialect::Argument,
                &mut text,
            );
            pad_text(&text, spec, out);
            if end.is_break() {
                return None;
            }
        }
        b'd' | b'i' => {
            let value = integer(args.take(number), &mut printed.errors);
            let value = clamp(value, i128::from(i64::MIN), i128::from(i64::MAX), &mut printed.errors);
            integer_text(value < 0, &value.unsigned_abs().to_string(), "", spec, &mut printed.bytes);
        }
        b'o' | b'u' | b'x' | b'X' => {
            let value = integer(args.take(number), &mut printed.errors);
            let value = clamp(value, i128::from(i64::MIN), i128::from(u64::MAX), &mut printed.errors);
            // As strtoumax(3): a negative number is taken modulo 2^64.
            let value = value.rem_euclid(1 << 64);
            let spec = Spec { plus: false, space: false, ..spec };
            let (mut digits, prefix) = match letter {
                b'o' => (format!("{value:o}"), ""),
                b'u' => (value.to_string(), ""),
                b'x' => (format!("{value:x}"), "0x"),
                _ => (format!("{value:X}"), "0X"),
            };
            if letter == b'o' && spec.alternative && !digits.starts_with('0') {
                digits.insert(0, '0');
            }
            let prefix = if spec.alternative && value != 0 { prefix } else { "" };
            integer_text(false, &digits, prefix, spec, &mut printed.bytes);
        }
        b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let value = floating(args.take(number), &mut printed.errors);
            let digits = float::format(value.abs(), letter, spec);
            number_text(value.is_sign_negative(), "", &digits, spec, value.is_finite(), &mut printed.bytes);
        }
        _ => {
            let directive = &text[..text.len() - rest.len()];
            printed.errors.push(format!("%{}: unknown conversion", String::from_utf8_lossy(directive)));
            return None;
        }
    }
    Some(rest)
}

/// Takes `N$` from the front of `rest`.
fn argument_number(rest: &mut &[u8]) -> Option<usize> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || rest.get(digits) != Some(&b'$') {
        return None;
    }
    let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    *rest = &rest[digits + 1..];
    Some(number)
}

/// Takes a width or precision from the front of `rest`: digits, or `*` for an argument.
fn size(rest: &mut &[u8], args: &mut Args<'_>, printed: &mut Printed) -> Option<i64> {
    /// The largest width: it bounds the memory that a format can request.
    const MOST: i64 = i32::MAX as i64;
    if rest.first() == Some(&b'*') {
        *rest = &rest[1..];
        let number = argument_number(rest);
        let value = integer(args.take(number), &mut printed.errors);
        return i64::try_from(value).ok().map(|value| value.clamp(-MOST, MOST));
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(&rest[..digits]).ok()?;
    *rest = &rest[digits..];
    (digits > 0).then(|| text.parse().unwrap_or(MOST).min(MOST))
}

fn pad_text(text: &[u8], spec: Spec, out: &mut Vec<u8>) {
    let text = &text[..spec.precision.map_or(text.len(), |most| most.min(text.len()))];
    let padding = spec.width.saturating_sub(text.len());
    if !spec.left {
        out.resize(out.len() + padding, b' ');
    }
    out.extend_from_slice(text);
    if spec.left {
        out.resize(out.len() + padding, b' ');
    }
}

/// Writes an integer: a precision is the least number of digits, and makes the zero flag void.
fn integer_text(negative: bool, digits: &str, prefix: &str, spec: Spec, out: &mut Vec<u8>) {
    let digits = match spec.precision {
        Some(0) if digits == "0" => String::new(),
        Some(precision) => format!("{digits:0>precision$}"),
        None => digits.to_owned(),
    };
    number_text(negative, prefix, &digits, spec, spec.precision.is_none(), out);
}

/// Writes sign, `prefix` and `digits`, padded to the width.
fn number_text(negative: bool, prefix: &str, digits: &str, spec: Spec, zero: bool, out: &mut Vec<u8>) {
    let sign = match (negative, spec.plus, spec.space) {
        (true, _, _) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let padding = spec.width.saturating_sub(sign.len() + prefix.len() + digits.len());
    let zeros = if spec.zero && zero && !spec.left { padding } else { 0 };
    let text = format!("{sign}{prefix}{}{digits}", "0".repeat(zeros));
    pad_text(text.as_bytes(), Spec { precision: None, ..spec }, out);
}

/// The number that a character constant (`'c` or `"c`) stands for.
fn character(arg: &str) -> Option<u32> {
    let constant = arg.strip_prefix(['\'', '"'])?;
    Some(constant.chars().next().map_or(0, u32::from))
}

/// An integer argument as a C constant: decimal, octal with `0`, hexadecimal with `0x`. Without an argument it is 0.
fn integer(arg: Option<&str>, errors: &mut Vec<String>) -> i128 {
    let arg = arg.unwrap_or_default();
    if let Some(code) = character(arg) {
        return code.into();
    }
    let text = arg.trim_start_matches(|char: char| char.is_ascii_whitespace());
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = match hexadecimal {
        Some(digits) if digits.starts_with(|char: char| char.is_ascii_hexdigit()) => (16, digits),
        _ if digits.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    let end = digits.find(|char: char| !char.is_digit(radix)).unwrap_or(digits.len());
    complain(arg, end > 0, end < digits.len(), errors);
    if end == 0 {
        return 0;
    }
    let value = i128::from_str_radix(&digits[..end], radix).unwrap_or(i128::MAX);
    if negative { -value } else { value }
}

/// Reports an argument of which not everything is a number.
fn complain(arg: &str, number: bool, rest: bool, errors: &mut Vec<String>) {
    if !number && !arg.is_empty() {
        errors.push(format!("{arg}: expected a number"));
    } else if rest {
        errors.push(format!("{arg}: not completely a number"));
    }
}

fn clamp(value: i128, least: i128, most: i128, errors: &mut Vec<String>) -> i128 {
    if !(least..=most).contains(&value) {
        errors.push("number out of range".to_owned());
    }
    value.clamp(least, most)
}

/// A floating-point argument as strtod(3) reads it.
fn floating(arg: Option<&str>, errors: &mut Vec<String>) -> f64 {
    let arg = arg.unwrap_or_default();
    if let Some(code) = character(arg) {
        return code.into();
    }
    let text = arg.trim_start_matches(|char: char| char.is_ascii_whitespace());
    let (value, length) = float::parse(text);
    complain(arg, length > 0, length < text.len(), errors);
    value
}

#[cfg(test)]
mod tests {
    use super::format_all;

    #[track_caller]
    fn check(words: &[&str], expect: &str) {
        let printed = format_all(words[0].as_bytes(), &words[1..]);
        assert_eq!(String::from_utf8_lossy(&printed.bytes), expect, "{words:?}");
        assert!(printed.errors.is_empty(), "{:?}", printed.errors);
    }

    #[test]
    fn text() {
        check(&[r"a\tb\n%%"], "a\tb\n%");
        check(&[r"\101\0101"], "A\u{8}1");
        check(&["%s-%5s-%-5s|%.2s|%c", "a", "b", "c", "def", "ghi"], "a-    b-c    |de|g");
        check(&["%b|", r"a\0101\n", r"x\cy", "z"], "aA\n|x");
        check(&["%s %s\n", "a", "b", "c"], "a b\nc \n");
        check(&["%2$s %1$s\n", "a", "b", "c", "d"], "b a\nd c\n");
        check(&["%*s|%-*s|%.*s", "3", "a", "3", "b", "1", "cd"], "  a|b  |c");
    }

    #[test]
    fn integers() {
        check(&["%d %i %u", "-5", "0x1f", "010"], "-5 31 8");
        check(&["%u", "-1"], "18446744073709551615");
        check(&["%x %X %o %#x %#o", "255", "255", "8", "255", "8"], "ff FF 10 0xff 010");
        check(
            &["%5d|%-5d|%05d|%+d|% d|%.3d|%5.3d", "1", "2", "3", "4", "5", "6", "7"],
            "    1|2    |00003|+4| 5|006|  007",
        );
        check(&["%d %d %d", "'a", "\"b", "'"], "97 98 0");
        check(&["%d", ""], "0");
        check(&["%.0d|", "0"], "|");
    }

    #[test]
    fn floats() {
        check(
            &["%f %.2f %e %g %g %G", "1.5", "2.345", "12345.678", "0.0001", "1e10", "1e-10"],
            "1.500000 2.35 1.234568e+04 0.0001 1e+10 1E-10",
        );
        check(
            &["%g %g %#g %.3g %a", "100000", "1000000", "1", "1234.5", "1"],
            "100000 1e+06 1.00000 1.23e+03 0x1p+0",
        );
        check(
            &["%08.3f|%+f|%f|%5f|%-9.1f|", "-3.14159", "1", "inf", "nan", "2"],
            "-003.142|+1.000000|inf|  nan|2.0      |",
        );
        check(&["%.0f %#.0f %e", "2.5", "3", "0"], "2 3. 0.000000e+00");
    }

    #[test]
    fn errors() {
        for words in [
            &["%d", "x"][..],
            &["%d", "1x"],
            &["%z"],
            &["%"],
            &["%d", "99999999999999999999"],
            &["%f", "1.5q"],
        ] {
            assert_eq!(format_all(words[0].as_bytes(), &words[1..]).errors.len(), 1, "{words:?}");
        }
        assert_eq!(format_all(b"%d", &["9223372036854775808"]).bytes, b"9223372036854775807");
    }
}
