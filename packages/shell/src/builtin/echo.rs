// SPDX-License-Identifier: GPL-3.0-or-later
//! `echo` as POSIX.1-2024 has it on XSI systems, and `-n`.

use super::escape::{self, Dialect};
use super::output;
use crate::ShellEnv;
use yash_env::builtin::Result;
use yash_env::semantics::{ExitStatus, Field};

/// The built-in.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Result {
    let text = text(args.iter().map(|arg| arg.value.as_str()));
    output::finish(env, "echo", &text, ExitStatus::SUCCESS).await
}

fn text<'a>(args: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut args = args.peekable();
    let newline = args.next_if_eq(&"-n").is_none();
    let mut text = Vec::new();
    for (index, arg) in args.enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        if escape::expand(arg.as_bytes(), Dialect::Argument, &mut text).is_break() {
            return text;
        }
    }
    if newline {
        text.push(b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn text() {
        let check = |args: &[&str], expect: &str| {
            assert_eq!(String::from_utf8(super::text(args.iter().copied())).unwrap(), expect);
        };
        check(&[], "\n");
        check(&["-n"], "");
        check(&["-n", "-n", "a"], "-n a");
        check(&["-e", "a", "", "b"], "-e a  b\n");
        check(&[r"a\tb\0101\\", r"c\cd", "e"], "a\tbA\\ c");
        check(&[r"\q\"], "\\q\\\n");
    }
}
