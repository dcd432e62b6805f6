// SPDX-License-Identifier: GPL-3.0-or-later
//! `test` and `[` (POSIX.1-2024, with `-a`, `-o` and parentheses as POSIX.1-2017 has them).

use super::output;
use crate::ShellEnv;
use rustix::fs::{Access, AtFlags, CWD, accessat};
use std::cmp::Ordering;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use yash_env::builtin::Result as Done;
use yash_env::io::Fd;
use yash_env::semantics::{ExitStatus, Field};
use yash_env::system::Isatty as _;

/// `test`.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Done {
    let words: Vec<&str> = args.iter().map(|arg| arg.value.as_str()).collect();
    let result = evaluate(&words, &terminals(env));
    conclude(env, "test", result).await
}

/// `[`: its last argument is `]`.
pub async fn bracket(env: &mut ShellEnv, args: Vec<Field>) -> Done {
    let words: Vec<&str> = args.iter().map(|arg| arg.value.as_str()).collect();
    let result = match words.split_last() {
        Some((&"]", words)) => evaluate(words, &terminals(env)),
        _ => Err("missing ]".to_owned()),
    };
    conclude(env, "[", result).await
}

async fn conclude(env: &mut ShellEnv, name: &str, result: Result<bool, String>) -> Done {
    match result {
        Ok(true) => Done::new(ExitStatus::SUCCESS),
        Ok(false) => Done::new(ExitStatus::FAILURE),
        Err(message) => {
            output::report(env, name, &message).await;
            Done::new(ExitStatus::ERROR)
        }
    }
}

/// Tells whether a descriptor is open on a terminal.
type Terminals<'a> = &'a dyn Fn(i64) -> bool;

fn terminals(env: &ShellEnv) -> impl Fn(i64) -> bool {
    |fd| i32::try_from(fd).is_ok_and(|fd| env.system.isatty(Fd(fd)))
}

/// The value of the expression `words`. Up to four words are read by their number, as POSIX demands, so that operands
/// that look like operators are operands.
fn evaluate(words: &[&str], tty: Terminals<'_>) -> Result<bool, String> {
    match *words {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", word] => Ok(word.is_empty()),
        [operator, operand] => {
            unary(operator, operand, tty)?.ok_or_else(|| format!("{operator}: unknown operator"))
        }
        [left, operator, right] if is_binary(operator) => binary(left, operator, right),
        [left, "-a", right] => Ok(!left.is_empty() && !right.is_empty()),
        [left, "-o", right] => Ok(!left.is_empty() || !right.is_empty()),
        ["!", left, right] => Ok(!evaluate(&[left, right], tty)?),
        ["(", word, ")"] => Ok(!word.is_empty()),
        [_, operator, _] => Err(format!("{operator}: unknown operator")),
        ["!", a, b, c] => Ok(!evaluate(&[a, b, c], tty)?),
        ["(", a, b, ")"] => evaluate(&[a, b], tty),
        _ => {
            let mut parser = Parser { words, tty };
            let value = parser.or()?;
            match parser.words.first() {
                None => Ok(value),
                Some(word) => Err(format!("{word}: unexpected argument")),
            }
        }
    }
}

/// The grammar of longer expressions. Each method takes its part from the front of `words`; both sides of `-a` and
/// `-o` are evaluated, for an error in either is reported.
struct Parser<'a> {
    words: &'a [&'a str],
    tty: Terminals<'a>,
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut value = self.and()?;
        while self.take("-o") {
            value |= self.and()?;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut value = self.not()?;
        while self.take("-a") {
            value &= self.not()?;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool, String> {
        match *self.words {
            // `! = x` compares.
            ["!", operator, _, ..] if is_binary(operator) => self.primary(),
            ["!", ..] => {
                self.words = &self.words[1..];
                Ok(!self.not()?)
            }
            _ => self.primary(),
        }
    }

    fn primary(&mut self) -> Result<bool, String> {
        match *self.words {
            [left, operator, right, ref rest @ ..] if is_binary(operator) => {
                self.words = rest;
                binary(left, operator, right)
            }
            ["(", ref rest @ ..] => {
                self.words = rest;
                let value = self.or()?;
                if self.take(")") { Ok(value) } else { Err("missing )".to_owned()) }
            }
            [operator, operand, ref rest @ ..] if is_unary(operator) => {
                self.words = rest;
                Ok(unary(operator, operand, self.tty)?.unwrap_or(false))
            }
            [word, ref rest @ ..] => {
                self.words = rest;
                Ok(!word.is_empty())
            }
            [] => Err("argument expected".to_owned()),
        }
    }
}

fn is_unary(word: &str) -> bool {
    word.len() == 2 && word.starts_with('-') && "bcdefghknprstuwxzGLNOS".contains(&word[1..])
}

fn is_binary(word: &str) -> bool {
    matches!(
        word,
        "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-gt" | "-ge" | "-lt" | "-le" | "-ef" | "-nt" | "-ot"
    )
}

/// The value of a unary primary, or `None` if `operator` is not one.
fn unary(operator: &str, operand: &str, tty: Terminals<'_>) -> Result<Option<bool>, String> {
    if !is_unary(operator) {
        return Ok(None);
    }
    let mode = |bit: u32| move |file: Metadata| file.mode() & bit != 0;
    Ok(Some(match &operator[1..] {
        "n" => !operand.is_empty(),
        "z" => operand.is_empty(),
        "b" => file(operand, |file| file.file_type().is_block_device()),
        "c" => file(operand, |file| file.file_type().is_char_device()),
        "d" => file(operand, |file| file.is_dir()),
        "e" => file(operand, |_| true),
        "f" => file(operand, |file| file.is_file()),
        "g" => file(operand, mode(0o2000)),
        "h" | "L" => std::fs::symlink_metadata(operand).is_ok_and(|file| file.is_symlink()),
        "k" => file(operand, mode(0o1000)),
        "p" => file(operand, |file| file.file_type().is_fifo()),
        "r" => may(operand, Access::READ_OK),
        "s" => file(operand, |file| file.size() > 0),
        "t" => tty(integer(operand)?),
        "u" => file(operand, mode(0o4000)),
        "w" => may(operand, Access::WRITE_OK),
        "x" => may(operand, Access::EXEC_OK),
        "G" => file(operand, |file| file.gid() == rustix::process::getegid().as_raw()),
        "N" => file(operand, |file| (file.mtime(), file.mtime_nsec()) > (file.atime(), file.atime_nsec())),
        "O" => file(operand, |file| file.uid() == rustix::process::geteuid().as_raw()),
        "S" => file(operand, |file| file.file_type().is_socket()),
        _ => return Ok(None),
    }))
}

fn file(path: &str, is: impl FnOnce(Metadata) -> bool) -> bool {
    std::fs::metadata(path).is_ok_and(is)
}

/// True if the effective user may access `path` so.
fn may(path: &str, access: Access) -> bool {
    accessat(CWD, path, access, AtFlags::EACCESS).is_ok()
}

fn binary(left: &str, operator: &str, right: &str) -> Result<bool, String> {
    let numbers = |holds: fn(Ordering) -> bool| Ok(holds(integer(left)?.cmp(&integer(right)?)));
    match operator {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-eq" => numbers(Ordering::is_eq),
        "-ne" => numbers(Ordering::is_ne),
        "-gt" => numbers(Ordering::is_gt),
        "-ge" => numbers(Ordering::is_ge),
        "-lt" => numbers(Ordering::is_lt),
        "-le" => numbers(Ordering::is_le),
        "-ef" => Ok(std::fs::metadata(left)
            .is_ok_and(|left| file(right, |right| (left.dev(), left.ino()) == (right.dev(), right.ino())))),
        "-nt" => Ok(newer(left, right)),
        "-ot" => Ok(newer(right, left)),
        _ => Err(format!("{operator}: unknown operator")),
    }
}

/// True if the file `left` was modified after `right`, or exists while `right` does not.
fn newer(left: &str, right: &str) -> bool {
    let time = |path| std::fs::metadata(path).ok().map(|file| (file.mtime(), file.mtime_nsec()));
    time(left) > time(right)
}

/// An integer operand, which blanks may surround.
fn integer(text: &str) -> Result<i64, String> {
    text.trim_matches(|char: char| char.is_ascii_whitespace())
        .parse()
        .map_err(|_| format!("{text}: integer expected"))
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    #[track_caller]
    fn check(expression: &str, expect: bool) {
        let words: Vec<&str> =
            expression.split(' ').map(|word| if word == "''" { "" } else { word }).collect();
        assert_eq!(evaluate(&words, &|_| false), Ok(expect), "{expression}");
    }

    #[test]
    fn by_number_of_arguments() {
        assert_eq!(evaluate(&[], &|_| false), Ok(false));
        check("-f", true);
        check("''", false);
        check("! ''", true);
        check("-n -n", true);
        check("! = !", true);
        check("( = )", false);
        check("( -n )", true);
        check("-a -a -a", true);
        check("! a = b", true);
        check("( ! a )", false);
        check("! -n a", false);
    }

    #[test]
    fn primaries() {
        check("-d /", true);
        check("-e /nonexistent", false);
        check("/ -ef /.", true);
        check("/ -nt /nonexistent", true);
        check("/nonexistent -ot /", true);
        check("-3 -lt 4", true);
        check("010 -eq 10", true);
        check("a < b", true);
        check("-r /", true);
        check("-t 999", false);
    }

    #[test]
    fn longer_expressions() {
        check("a = a -a b = b", true);
        check("a = b -o b = b -a c = d", false);
        check("( a = b -o b = b ) -a ! c = d", true);
        check("-z '' -a -n a -a ! -f /", true);
    }

    #[test]
    fn errors() {
        for words in
            [&["-q", "a"][..], &["a", "-q", "b"], &["1", "-eq", "x"], &["(", "a", "=", "a", "-a", "b"]]
        {
            assert!(evaluate(words, &|_| false).is_err(), "{words:?}");
        }
    }
}
