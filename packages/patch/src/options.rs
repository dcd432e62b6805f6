// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of `patch`.

use crate::Failure;
use crate::apply::Search;
use crate::hunk::Format;
use lexopt::prelude::*;
use std::path::{Path, PathBuf};

/// The options of a command line.
#[derive(Debug)]
pub struct Options {
    /// Where names start from.
    pub directory: PathBuf,
    pub format: Option<Format>,
    /// The differences; `None` is standard input.
    pub input: Option<PathBuf>,
    /// The file to patch; `None`: the differences name it.
    pub file: Option<PathBuf>,
    pub output: Option<PathBuf>,
    pub rejects: Option<PathBuf>,
    pub strip: Option<usize>,
    pub search: Search,
    pub backup: bool,
    pub reverse: bool,
    /// Patches that are reversed or applied already are left out; `-t` reverses them, `-f` tries them all the same.
    pub forward: bool,
    pub batch: bool,
    pub force: bool,
    pub remove_empty: bool,
    pub silent: bool,
    pub dry_run: bool,
}

impl Options {
    /// Parses the arguments. Names of files are relative to `base`.
    pub fn parse(parser: &mut lexopt::Parser, base: &Path) -> Result<Self, Failure> {
        let mut options = Options {
            directory: base.to_owned(),
            format: None,
            input: None,
            file: None,
            output: None,
            rejects: None,
            strip: None,
            search: Search { fuzz: 2, loose: false },
            backup: false,
            reverse: false,
            forward: false,
            batch: false,
            force: false,
            remove_empty: false,
            silent: false,
            dry_run: false,
        };
        let mut operands = Vec::new();
        while let Some(arg) = parser.next()? {
            match arg {
                Short('b') | Long("backup") => options.backup = true,
                Short('c') | Long("context") => options.format = Some(Format::Context),
                Short('n') | Long("normal") => options.format = Some(Format::Normal),
                Short('u') | Long("unified") => options.format = Some(Format::Unified),
                Short('d') | Long("directory") => options.directory = base.join(parser.value()?),
                Short('E') | Long("remove-empty-files") => options.remove_empty = true,
                Short('f') | Long("force") => options.force = true,
                Short('F') | Long("fuzz") => options.search.fuzz = number(&parser.value()?.string()?)?,
                Short('i') | Long("input") => options.input = Some(parser.value()?.into()),
                Short('l') | Long("ignore-whitespace") => options.search.loose = true,
                Short('N') | Long("forward") => options.forward = true,
                Short('o') | Long("output") => options.output = Some(parser.value()?.into()),
                Short('p') | Long("strip") => options.strip = Some(number(&parser.value()?.string()?)?),
                Short('r') | Long("reject-file") => options.rejects = Some(parser.value()?.into()),
                Short('R') | Long("reverse") => options.reverse = true,
                Short('s') | Long("silent" | "quiet") => options.silent = true,
                Short('t') | Long("batch") => options.batch = true,
                Long("dry-run") => options.dry_run = true,
                // A backup is made only with -b; carriage returns are kept.
                Long("no-backup-if-mismatch" | "binary" | "posix" | "verbose") => {}
                Value(operand) => operands.push(PathBuf::from(operand)),
                _ => return Err(trouble(arg.unexpected().into())),
            }
        }
        let mut operands = operands.into_iter();
        options.file = operands.next();
        if let Some(input) = operands.next() {
            options.input = Some(input);
        }
        if operands.next().is_some() {
            return Err(Failure::usage("too many operands: FILE and PATCH expected"));
        }
        options.input = options.input.filter(|input| input != Path::new("-")).map(|input| base.join(input));
        Ok(options)
    }
}

fn number(text: &str) -> Result<usize, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("{text}: not a number")))
}

/// Status 2, which is not that of a hunk that failed.
pub fn trouble(failure: Failure) -> Failure {
    failure.with_status(2)
}
