// SPDX-License-Identifier: GPL-3.0-or-later
//! The command line of `fc`.

use std::fmt;

/// What `fc` is to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// `fc -l`: list entries.
    List { numbers: bool, reverse: bool, first: Option<Operand>, last: Option<Operand> },
    /// `fc`: edit entries and execute them.
    Edit { editor: Option<String>, reverse: bool, first: Option<Operand>, last: Option<Operand> },
    /// `fc -s`: execute an entry again, with the first `old` in it replaced by `new`.
    Again { replacement: Option<(String, String)>, first: Option<Operand> },
}

/// An entry of the history.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operand {
    /// By its number.
    Number(usize),
    /// By how many entries it is before the current command.
    Back(usize),
    /// The newest one that begins with a text.
    Prefix(String),
}

impl fmt::Display for Operand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Back(offset) => write!(out, "-{offset}"),
            Self::Prefix(prefix) => out.write_str(prefix),
        }
    }
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            // A number that is too great is beyond every entry.
            true if !digits.is_empty() => Some(digits.parse().unwrap_or(usize::MAX)),
            _ => None,
        };
        match (number(text.strip_prefix('+').unwrap_or(text)), text.strip_prefix('-').and_then(number)) {
            (Some(number), _) => Self::Number(number),
            (_, Some(offset)) => Self::Back(offset),
            _ => Self::Prefix(text.to_owned()),
        }
    }
}

/// Takes the arguments apart, without the name of the command. An argument of `-` and digits is an operand.
///
/// # Errors
///
/// The options do not exist or exclude each other, or there are too many operands.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut args = args.into_iter().peekable();
    let (mut list, mut again, mut unnumbered, mut reverse, mut editor) = (false, false, false, false, None);
    while let Some(arg) = args.next_if(|arg| is_option(arg)) {
        if arg == "--" {
            break;
        }
        let mut letters = arg[1..].chars();
        while let Some(letter) = letters.next() {
            match letter {
                'l' => list = true,
                'n' => unnumbered = true,
                'r' => reverse = true,
                's' => again = true,
                'e' => {
                    let rest = letters.as_str();
                    let value = if rest.is_empty() { args.next() } else { Some(rest.to_owned()) };
                    editor = Some(value.ok_or("-e: the name of the editor is missing")?);
                    break;
                }
                other => return Err(format!("-{other}: unknown option")),
            }
        }
    }
    // The historical form of -s.
    again |= editor.as_deref() == Some("-");
    let editor = editor.filter(|editor| editor != "-");
    let (list_only, again_only) = (unnumbered && !list, reverse || unnumbered || list || editor.is_some());
    if list_only || (list && editor.is_some()) || (again && again_only) {
        return Err("the options exclude each other".into());
    }

    let mut operands: Vec<String> = args.collect();
    let replacement = match operands.first().and_then(|operand| operand.split_once('=')) {
        Some((old, new)) if again => {
            let replacement = (old.to_owned(), new.to_owned());
            operands.remove(0);
            Some(replacement)
        }
        _ => None,
    };
    let mut operands = operands.iter().map(|operand| Operand::from(&**operand));
    let first = operands.next();
    let last = if again { None } else { operands.next() };
    if operands.next().is_some() {
        return Err("too many operands".into());
    }
    Ok(if again {
        Command::Again { replacement, first }
    } else if list {
        Command::List { numbers: !unnumbered, reverse, first, last }
    } else {
        Command::Edit { editor, reverse, first, last }
    })
}

fn is_option(arg: &str) -> bool {
    arg.strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn operands() {
        for (text, wanted) in [
            ("5", Operand::Number(5)),
            ("+5", Operand::Number(5)),
            ("0", Operand::Number(0)),
            ("-5", Operand::Back(5)),
            ("-0", Operand::Back(0)),
            ("99999999999999999999", Operand::Number(usize::MAX)),
            ("ls", Operand::Prefix("ls".into())),
            ("5x", Operand::Prefix("5x".into())),
            ("+", Operand::Prefix("+".into())),
            ("-", Operand::Prefix("-".into())),
            ("", Operand::Prefix(String::new())),
        ] {
            assert_eq!(Operand::from(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn commands() {
        let list = |numbers, reverse, first, last| Command::List { numbers, reverse, first, last };
        let edit = |editor: Option<&str>, reverse, first, last| Command::Edit {
            editor: editor.map(str::to_owned),
            reverse,
            first,
            last,
        };
        let again = |replacement: Option<(&str, &str)>, first| Command::Again {
            replacement: replacement.map(|(old, new)| (old.to_owned(), new.to_owned())),
            first,
        };
        let number = |number| Some(Operand::Number(number));
        let back = |offset| Some(Operand::Back(offset));
        let prefix = |text: &str| Some(Operand::Prefix(text.to_owned()));
        for (line, wanted) in [
            ("", edit(None, false, None, None)),
            ("-l", list(true, false, None, None)),
            ("-lnr", list(false, true, None, None)),
            ("-l -n -r 1 2", list(false, true, number(1), number(2))),
            ("-l -10 -1", list(true, false, back(10), back(1))),
            ("-l ls 9", list(true, false, prefix("ls"), number(9))),
            ("-l -- -x", list(true, false, prefix("-x"), None)),
            ("-e vi 3", edit(Some("vi"), false, number(3), None)),
            ("-evi -r 3 5", edit(Some("vi"), true, number(3), number(5))),
            ("-5", edit(None, false, back(5), None)),
            ("-s", again(None, None)),
            ("-s a=b", again(Some(("a", "b")), None)),
            ("-s a=b=c ls", again(Some(("a", "b=c")), prefix("ls"))),
            ("-s 7", again(None, number(7))),
            ("-e - a=b", again(Some(("a", "b")), None)),
            ("-l a=b", list(true, false, prefix("a=b"), None)),
        ] {
            assert_eq!(parse_line(line), Ok(wanted), "{line:?}");
        }
    }

    #[test]
    fn errors() {
        for line in [
            "-x",
            "-e",
            "-n",
            "-sl",
            "-s -r",
            "-s -e vi",
            "-l -e vi",
            "-l 1 2 3",
            "1 2 3",
            "-s 1 2",
            "-s a=b 1 2",
        ] {
            assert!(parse_line(line).is_err(), "{line:?}");
        }
    }
}
