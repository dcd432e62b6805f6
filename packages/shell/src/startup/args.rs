// SPDX-License-Identifier: GPL-3.0-or-later
//! The command line of `sh` (POSIX.1-2024, `sh`, OPTIONS and OPERANDS).

use std::fmt;
use std::iter::Peekable;
use yash_env::option::{CmdLine, Login, On, Option as ShellOption, PosixlyCorrect, State, Stdin};
use yash_env::option::{FromStrError, canonicalize, parse_long, parse_short};

/// Where commands come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// The standard input (`-s`, or no operand).
    Stdin,
    /// The file of this path.
    File(String),
    /// The string of `-c`.
    String(String),
}

/// A command line, taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Run {
    /// Where commands come from.
    pub source: Source,
    /// Options in the order they were given; a later one overrides an earlier.
    pub options: Vec<(ShellOption, State)>,
    /// The value of `$0`.
    pub arg0: String,
    /// The values of `$1` and on.
    pub positional_params: Vec<String>,
}

/// What is wrong with a command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Error {
    /// No option has this letter or name.
    Unknown(String),
    /// The option's name is the beginning of several.
    Ambiguous(String),
    /// `-o` is the last argument.
    MissingName,
    /// Both `-c` and `-s` are given.
    Conflict,
    /// `-c` has no operand.
    MissingCommand,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option) => write!(out, "{option}: unknown option"),
            Self::Ambiguous(option) => write!(out, "{option}: ambiguous option name"),
            Self::MissingName => write!(out, "-o: the option's name is missing"),
            Self::Conflict => write!(out, "-c and -s exclude each other"),
            Self::MissingCommand => write!(out, "-c: the command string is missing"),
        }
    }
}

/// Takes the process's arguments apart, the program's name first.
///
/// # Errors
///
/// An option is not known, or the operands do not suit the options.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Run, Error> {
    let mut args = args.into_iter().peekable();
    let mut arg0 = args.next().unwrap_or_else(|| "sh".to_owned());
    let mut options = vec![(PosixlyCorrect, On)];
    if arg0.starts_with('-') {
        options.push((Login, On));
    }

    while let Some(arg) = args.next_if(|arg| is_option(arg)) {
        match arg.strip_prefix("--").or_else(|| arg.strip_prefix("++")) {
            Some(name) => options.push(by_name(name, &arg, arg.starts_with('+'))?),
            None => letters(&arg, &mut args, &mut options)?,
        }
    }
    args.next_if(|arg| arg == "-" || arg == "--");

    let on =
        |wanted| options.iter().rfind(|(option, _)| *option == wanted).is_some_and(|&(_, state)| state == On);
    let source = match (on(CmdLine), on(Stdin)) {
        (true, true) => return Err(Error::Conflict),
        (true, false) => {
            let command = args.next().ok_or(Error::MissingCommand)?;
            arg0 = args.next().unwrap_or(arg0);
            Source::String(command)
        }
        (false, true) => Source::Stdin,
        (false, false) => match args.next() {
            Some(path) => {
                arg0.clone_from(&path);
                Source::File(path)
            }
            None => Source::Stdin,
        },
    };
    Ok(Run { source, options, arg0, positional_params: args.collect() })
}

/// True for an argument that holds options: not for `-`, `--`, `+` and operands.
fn is_option(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with(['-', '+']) && arg != "--"
}

/// The options of a cluster of letters such as `-eu`; `-o` in it takes the rest of `arg` or the next argument.
fn letters(
    arg: &str,
    args: &mut Peekable<impl Iterator<Item = String>>,
    options: &mut Vec<(ShellOption, State)>,
) -> Result<(), Error> {
    let negate = arg.starts_with('+');
    let mut letters = arg.chars();
    letters.next();
    while let Some(letter) = letters.next() {
        if letter == 'o' {
            let rest = letters.as_str();
            let name = if rest.is_empty() { args.next().ok_or(Error::MissingName)? } else { rest.to_owned() };
            options.push(by_name(&name, &name, negate)?);
            return Ok(());
        }
        let (option, state) = parse_short(letter).ok_or_else(|| Error::Unknown(format!("-{letter}")))?;
        options.push((option, if negate { !state } else { state }));
    }
    Ok(())
}

/// The option of a long name, `shown` in messages.
fn by_name(name: &str, shown: &str, negate: bool) -> Result<(ShellOption, State), Error> {
    match parse_long(&canonicalize(name)) {
        Ok((option, state)) => Ok((option, if negate { !state } else { state })),
        Err(FromStrError::NoSuchOption) => Err(Error::Unknown(shown.to_owned())),
        Err(FromStrError::Ambiguous) => Err(Error::Ambiguous(shown.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yash_env::option::Off;

    fn ok(args: &[&str]) -> Run {
        parse(args.iter().map(|&arg| arg.to_owned())).unwrap()
    }

    #[test]
    fn sources() {
        assert_eq!(ok(&["sh"]).source, Source::Stdin);
        assert_eq!(ok(&["sh", "-s", "a"]).source, Source::Stdin);
        let run = ok(&["sh", "-c", "echo", "name", "a", "b"]);
        assert_eq!(run.source, Source::String("echo".to_owned()));
        assert_eq!((run.arg0.as_str(), run.positional_params.len()), ("name", 2));
        let run = ok(&["sh", "-eu", "script", "-x"]);
        assert_eq!(run.source, Source::File("script".to_owned()));
        assert_eq!((run.arg0.as_str(), run.positional_params), ("script", vec!["-x".to_owned()]));
    }

    #[test]
    fn options() {
        assert!(ok(&["-sh"]).options.contains(&(Login, On)));
        assert!(ok(&["sh", "-l"]).options.contains(&(Login, On)));
        assert!(ok(&["sh", "+o", "errexit"]).options.contains(&(yash_env::option::ErrExit, Off)));
        assert_eq!(ok(&["sh", "-s", "--", "-x"]).positional_params, ["-x"]);
        assert_eq!(ok(&["sh", "-s", "-", "-x"]).positional_params, ["-x"]);
    }

    #[test]
    fn errors() {
        let error = |args: &[&str]| parse(args.iter().map(|&arg| arg.to_owned())).unwrap_err();
        assert_eq!(error(&["sh", "-c"]), Error::MissingCommand);
        assert_eq!(error(&["sh", "-cs", "x"]), Error::Conflict);
        assert_eq!(error(&["sh", "-o"]), Error::MissingName);
        assert_eq!(error(&["sh", "-Q"]), Error::Unknown("-Q".to_owned()));
    }
}
