// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use crate::TROUBLE;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_regex::Syntax;
use std::path::PathBuf;

/// What is written for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Output {
    /// The lines that match.
    #[default]
    Lines,
    /// `-o`: what of them matches.
    Matches,
    /// `-c`: how many they are.
    Count,
    /// `-l`: the file's name, if a line matches.
    WithMatch,
    /// `-L`: the file's name, if none does.
    WithoutMatch,
    /// `-q`: nothing.
    Nothing,
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub output: Output,
    pub syntax: Syntax,
    pub ignore_case: bool,
    pub word: bool,
    pub line: bool,
    pub invert: bool,
    pub number: bool,
    /// `-s`: no messages about files that cannot be read.
    pub silent: bool,
    pub recursive: bool,
    /// `-a`: a file with NULs is text all the same.
    pub text: bool,
    /// `-H`, `-h`: whether lines bear the name of their file.
    pub names: Option<bool>,
    /// `-m`: after so many lines of a file, the next one.
    pub most: Option<u64>,
    /// `-A`, `-B`: lines to write after and before one that matches.
    pub after: usize,
    pub before: usize,
    /// `-z`: lines end with a NUL.
    pub nul: bool,
    /// `--include`: with `-r`, only files with such names, if any are given.
    pub include: Vec<String>,
    /// `--exclude`: and none with such.
    pub exclude: Vec<String>,
    /// `--exclude-dir`: directories that `-r` does not go into.
    pub exclude_dir: Vec<String>,
}

/// Options, patterns and files of a command line; `syntax` is that of patterns without an option.
pub(crate) fn parse(
    mut parser: lexopt::Parser,
    syntax: Syntax,
) -> Result<(Options, Vec<String>, Vec<PathBuf>), Failure> {
    let mut options = Options { syntax, ..Options::default() };
    let (mut patterns, mut operands) = (None::<Vec<String>>, Vec::new());
    let mut context = String::new();
    let (mut after, mut before) = (None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('E') | Long("extended-regexp") => options.syntax = Syntax::Extended,
            Short('F') | Long("fixed-strings") => options.syntax = Syntax::Fixed,
            Short('G') | Long("basic-regexp") => options.syntax = Syntax::Basic,
            Short('i' | 'y') | Long("ignore-case") => options.ignore_case = true,
            Short('w') | Long("word-regexp") => options.word = true,
            Short('x') | Long("line-regexp") => options.line = true,
            Short('v') | Long("invert-match") => options.invert = true,
            // -q goes before all, -l and -L before -c, and any of them before -o.
            Short('c') | Long("count") => options.output = options.output.and(Output::Count),
            Short('l') | Long("files-with-matches") => options.output = options.output.and(Output::WithMatch),
            Short('L') | Long("files-without-match") => {
                options.output = options.output.and(Output::WithoutMatch);
            }
            Short('q') | Long("quiet" | "silent") => options.output = Output::Nothing,
            Short('o') | Long("only-matching") => options.output = options.output.and(Output::Matches),
            Short('n') | Long("line-number") => options.number = true,
            Short('s') | Long("no-messages") => options.silent = true,
            Short('r' | 'R') | Long("recursive" | "dereference-recursive") => options.recursive = true,
            Short('a') | Long("text") => options.text = true,
            Short('z') | Long("null-data") => options.nul = true,
            Short('h') | Long("no-filename") => options.names = Some(false),
            Short('H') | Long("with-filename") => options.names = Some(true),
            Short('m') | Long("max-count") => options.most = Some(parser.value()?.parse()?),
            Short('A') | Long("after-context") => after = Some(parser.value()?.parse()?),
            Short('B') | Long("before-context") => before = Some(parser.value()?.parse()?),
            Short('C') | Long("context") => context = parser.value()?.string()?,
            Short(digit @ '0'..='9') => context.push(digit),
            // There are no colours, and output goes out at the latest when it is complete.
            Long("color" | "colour") => drop(parser.optional_value()),
            Long("line-buffered") => {}
            Long("include") => options.include.push(parser.value()?.string()?),
            Long("exclude") => options.exclude.push(parser.value()?.string()?),
            Long("exclude-dir") => options.exclude_dir.push(parser.value()?.string()?),
            Short('e') | Long("regexp") => add(&mut patterns, &parser.value()?.string()?),
            Short('f') | Long("file") => from_file(&mut patterns, &PathBuf::from(parser.value()?))?,
            Value(operand) => operands.push(operand),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if !context.is_empty() {
        let lines = context
            .parse()
            .map_err(|_| Failure::new(format!("{context}: invalid number of lines")).with_status(TROUBLE))?;
        (options.after, options.before) = (lines, lines);
    }
    options.after = after.unwrap_or(options.after);
    options.before = before.unwrap_or(options.before);
    let mut operands = operands.into_iter();
    if patterns.is_none() {
        let pattern = operands.next().ok_or_else(|| Failure::usage("pattern expected"))?;
        add(&mut patterns, &pattern.string()?);
    }
    Ok((options, patterns.unwrap_or_default(), operands.map(PathBuf::from).collect()))
}

impl Output {
    fn and(self, other: Output) -> Output {
        let rank = |output| match output {
            Output::Lines => 0,
            Output::Matches => 1,
            Output::Count => 2,
            Output::WithMatch | Output::WithoutMatch => 3,
            Output::Nothing => 4,
        };
        if rank(other) >= rank(self) { other } else { self }
    }
}

/// Patterns are separated by newlines.
fn add(patterns: &mut Option<Vec<String>>, text: &str) {
    patterns.get_or_insert_default().extend(text.split('\n').map(str::to_owned));
}

/// Patterns from a file, a line each: none from an empty one.
fn from_file(patterns: &mut Option<Vec<String>>, path: &PathBuf) -> Result<(), Failure> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin().lock())
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| Failure::at(path, &error).with_status(TROUBLE))?;
    patterns.get_or_insert_default().extend(text.lines().map(str::to_owned));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> (Options, Vec<String>, Vec<PathBuf>) {
        parse(lexopt::Parser::from_iter(line.split(' ')), Syntax::Basic).unwrap()
    }

    #[test]
    fn outputs() {
        for (line, expect) in [
            ("grep x", Output::Lines),
            ("grep -c x", Output::Count),
            ("grep -lc x", Output::WithMatch),
            ("grep -cl x", Output::WithMatch),
            ("grep -qc x", Output::Nothing),
            ("grep -oc x", Output::Count),
            ("grep -o x", Output::Matches),
        ] {
            assert_eq!(parse_line(line).0.output, expect, "{line}");
        }
    }

    #[test]
    fn context() {
        for (line, expect) in [
            ("grep -C 2 x", (2, 2)),
            ("grep -12 x", (12, 12)),
            ("grep -A1 x", (0, 1)),
            ("grep -C2 -B0 x", (0, 2)),
        ] {
            let options = parse_line(line).0;
            assert_eq!((options.before, options.after), expect, "{line}");
        }
    }

    #[test]
    fn patterns_and_files() {
        let (_, patterns, paths) = parse_line("grep -e a\nb -e c f g");
        assert_eq!(patterns, ["a", "b", "c"]);
        assert_eq!(paths, [PathBuf::from("f"), PathBuf::from("g")]);
        let (_, patterns, paths) = parse_line("grep a f");
        assert_eq!((patterns, paths), (vec!["a".to_owned()], vec![PathBuf::from("f")]));
        assert!(parse(lexopt::Parser::from_iter(["grep"]), Syntax::Basic).is_err());
    }
}
