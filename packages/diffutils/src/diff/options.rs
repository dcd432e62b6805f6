// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of `diff`.

use crate::Trouble;
use lexopt::prelude::*;
use qos_command::glob;
use std::ffi::OsString;
use std::path::PathBuf;

pub(super) const USAGE: &str = "usage: diff [-abdiNpqrsTtw] [-u | -c | -e | -f | -n | -U N | -C N] \
[-L LABEL]... [-x NAME]... FILE1 FILE2";

/// How differences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// `3c3`, `<`, `>`.
    #[default]
    Normal,
    /// `-u`, with so many lines of context.
    Unified(usize),
    /// `-c`, with so many lines of context.
    Context(usize),
    /// `-e`: a script for ed(1), last change first.
    Ed,
    /// `-f`: the like, first change first; no program reads it.
    ForwardEd,
    /// `-q`: only that the files differ.
    Brief,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    pub format: Format,
    /// `-b`: runs of blanks are one blank, and those at a line's end none.
    pub blanks: bool,
    /// `-w`: blanks do not count.
    pub no_blanks: bool,
    /// `-B`: changes that only add or remove empty lines do not count.
    pub empty_lines: bool,
    /// `-i`: the case of ASCII letters does not count.
    pub case: bool,
    pub strip_cr: bool,
    pub text: bool,
    pub recursive: bool,
    /// `-N`: a file that is missing in one directory counts as empty.
    pub new_file: bool,
    pub report_same: bool,
    /// `-p`: hunks name the last line before them that begins with a letter, `_` or `$`.
    pub function: bool,
    pub labels: Vec<String>,
    /// `-x`: base names to leave out of directories; `*` and `?` as in the shell.
    pub exclude: Vec<String>,
    /// The options as they were given, for the line that heads each pair of files in directories.
    pub given: String,
    pub help: bool,
}

impl Options {
    /// Options and operands of a command line.
    pub fn parse(args: Vec<OsString>) -> Result<(Options, Vec<PathBuf>), Trouble> {
        const CONTEXT: usize = 3;
        let mut options = Options::default();
        let mut given: Vec<OsString> = args.iter().skip(1).cloned().collect();
        let mut parser = lexopt::Parser::from_iter(args);
        let mut operands = Vec::new();
        let lines = |text: &str| {
            text.parse::<usize>().map_err(|_| Trouble(format!("invalid number of lines {text:?}")))
        };
        // -p alone requests a format with context.
        let mut format = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Short('u') => format = Some(Format::Unified(CONTEXT)),
                Short('c') => format = Some(Format::Context(CONTEXT)),
                Short(c @ ('U' | 'C')) => {
                    let text = parser.value()?.string()?;
                    let count = lines(&text)?;
                    format = Some(if c == 'U' { Format::Unified(count) } else { Format::Context(count) });
                }
                Long(name @ ("unified" | "context")) => {
                    let unified = name == "unified";
                    let count = match parser.optional_value() {
                        Some(text) => lines(&text.string()?)?,
                        None => CONTEXT,
                    };
                    format = Some(if unified { Format::Unified(count) } else { Format::Context(count) });
                }
                Short('e') | Long("ed") => format = Some(Format::Ed),
                Short('f') | Long("forward-ed") => format = Some(Format::ForwardEd),
                Short('q') | Long("brief") => format = Some(Format::Brief),
                Long("normal") => format = Some(Format::Normal),
                Short('b') | Long("ignore-space-change") => options.blanks = true,
                Short('w') | Long("ignore-all-space") => options.no_blanks = true,
                Short('B') | Long("ignore-blank-lines") => options.empty_lines = true,
                Short('i') | Long("ignore-case") => options.case = true,
                Long("strip-trailing-cr") => options.strip_cr = true,
                Short('a') | Long("text") => options.text = true,
                Short('r') | Long("recursive") => options.recursive = true,
                Short('N') | Long("new-file") => options.new_file = true,
                Short('s') | Long("report-identical-files") => options.report_same = true,
                Short('p') | Long("show-c-function") => options.function = true,
                // The search is for the smallest set of changes anyway, within reason.
                Short('d') | Long("minimal") => {}
                Short('L') | Long("label") => options.labels.push(parser.value()?.string()?),
                Short('x') | Long("exclude") => options.exclude.push(parser.value()?.string()?),
                Long("help") => options.help = true,
                Value(operand) => {
                    given.extract_if(.., |arg| *arg == operand).next();
                    operands.push(PathBuf::from(operand));
                }
                _ => return Err(Trouble(format!("{}\n{USAGE}", arg.unexpected()))),
            }
        }
        options.given = given.iter().map(|arg| format!(" {}", arg.to_string_lossy())).collect();
        options.format = match format {
            Some(format) => format,
            None if options.function => Format::Context(CONTEXT),
            None => Format::Normal,
        };
        Ok((options, operands))
    }

    /// Whether `name` is left out of directories.
    pub fn excludes(&self, name: &[u8]) -> bool {
        self.exclude.iter().any(|pattern| glob::matches(pattern.as_bytes(), name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Options {
        Options::parse(line.split(' ').map(OsString::from).collect()).unwrap().0
    }

    #[test]
    fn formats() {
        for (line, expect) in [
            ("diff a b", Format::Normal),
            ("diff -u a b", Format::Unified(3)),
            ("diff -U1 a b", Format::Unified(1)),
            ("diff --unified=0 a b", Format::Unified(0)),
            ("diff -C 2 a b", Format::Context(2)),
            ("diff -p a b", Format::Context(3)),
            ("diff -up a b", Format::Unified(3)),
            ("diff -q a b", Format::Brief),
        ] {
            assert_eq!(parse(line).format, expect, "{line}");
        }
        assert_eq!(parse("diff -rN -U 1 a b").given, " -rN -U 1");
    }

    #[test]
    fn excluded_names() {
        let options = parse("diff -x *.o -x a?c a b");
        assert!(options.excludes(b"x.o") && options.excludes(b"abc"));
        assert!(!options.excludes(b"x.oo") && !options.excludes(b"ac"));
    }
}
