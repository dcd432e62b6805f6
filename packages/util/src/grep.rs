// SPDX-License-Identifier: MIT OR Apache-2.0
//! `grep`: lines that match a pattern (POSIX grep, and of GNU's options `-r`, `-o`, `-w`, `-h`, `-H`, `-m`).

mod pattern;

use crate::Failure;
use lexopt::prelude::*;
use pattern::Syntax;
use regex::bytes::{Regex, RegexBuilder};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Options {
    invert: bool,
    count: bool,
    list: bool,
    quiet: bool,
    number: bool,
    only: bool,
    silent: bool,
    recursive: bool,
    names: Option<bool>,
    most: Option<u64>,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = Options::default();
    let (mut syntax, mut ignore_case, mut word, mut line) = (Syntax::Basic, false, false, false);
    let (mut patterns, mut operands) = (None::<Vec<String>>, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('E') | Long("extended-regexp") => syntax = Syntax::Extended,
            Short('F') | Long("fixed-strings") => syntax = Syntax::Fixed,
            Short('G') | Long("basic-regexp") => syntax = Syntax::Basic,
            Short('i' | 'y') | Long("ignore-case") => ignore_case = true,
            Short('w') | Long("word-regexp") => word = true,
            Short('x') | Long("line-regexp") => line = true,
            Short('v') | Long("invert-match") => options.invert = true,
            Short('c') | Long("count") => options.count = true,
            Short('l') | Long("files-with-matches") => options.list = true,
            Short('q') | Long("quiet" | "silent") => options.quiet = true,
            Short('n') | Long("line-number") => options.number = true,
            Short('o') | Long("only-matching") => options.only = true,
            Short('s') | Long("no-messages") => options.silent = true,
            Short('r' | 'R') | Long("recursive") => options.recursive = true,
            Short('h') | Long("no-filename") => options.names = Some(false),
            Short('H') | Long("with-filename") => options.names = Some(true),
            Short('m') | Long("max-count") => options.most = Some(parser.value()?.parse()?),
            Short('e') | Long("regexp") => add(&mut patterns, &parser.value()?.string()?),
            Short('f') | Long("file") => {
                let path = PathBuf::from(parser.value()?);
                let text =
                    std::fs::read_to_string(&path).map_err(|error| trouble(Failure::at(&path, &error)))?;
                add(&mut patterns, text.strip_suffix('\n').unwrap_or(&text));
            }
            Value(operand) => operands.push(operand),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let mut operands = operands.into_iter();
    if patterns.is_none() {
        let pattern = operands.next().ok_or_else(|| Failure::usage("pattern expected"))?;
        add(&mut patterns, &pattern.string()?);
    }
    let text = pattern::to_regex(&patterns.unwrap_or_default(), syntax, word, line);
    let regex = RegexBuilder::new(&text)
        .case_insensitive(ignore_case)
        .multi_line(false)
        .build()
        .map_err(|error| trouble(Failure::new(format!("bad pattern: {error}"))))?;
    let paths: Vec<PathBuf> = operands.map(PathBuf::from).collect();
    Search { options, regex, out, matched: false, failed: false }.run(paths)
}

/// Patterns are separated by newlines.
fn add(patterns: &mut Option<Vec<String>>, text: &str) {
    patterns.get_or_insert_default().extend(text.split('\n').map(str::to_owned));
}

/// A failure with grep's status for trouble: 1 means that nothing matched.
fn trouble(failure: Failure) -> Failure {
    failure.with_status(2)
}

struct Search<'a> {
    options: Options,
    regex: Regex,
    out: &'a mut dyn Write,
    matched: bool,
    failed: bool,
}

impl Search<'_> {
    fn run(mut self, paths: Vec<PathBuf>) -> Result<(), Failure> {
        let named = self.options.names.unwrap_or(paths.len() > 1 || self.options.recursive);
        if paths.is_empty() && !self.options.recursive {
            self.input(io::stdin().lock(), "(standard input)", self.options.names.unwrap_or(false))?;
        } else if paths.is_empty() {
            self.path(Path::new("."), named)?;
        }
        for path in paths {
            if path.as_os_str() == "-" {
                self.input(io::stdin().lock(), "(standard input)", named)?;
            } else {
                self.path(&path, named)?;
            }
        }
        match (self.matched, self.failed) {
            (true, _) if self.options.quiet => Ok(()),
            (_, true) => Err(Failure::silent(2)),
            (true, false) => Ok(()),
            (false, false) => Err(Failure::silent(1)),
        }
    }

    fn path(&mut self, path: &Path, named: bool) -> Result<(), Failure> {
        if path.is_dir() {
            if !self.options.recursive {
                self.complain(path, "Is a directory");
                return Ok(());
            }
            match std::fs::read_dir(path) {
                Ok(entries) => {
                    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
                    paths.sort();
                    // A link inside of a tree may lead out of it, or round in it.
                    paths.retain(|path| !path.is_symlink());
                    return paths.iter().try_for_each(|path| self.path(path, named));
                }
                Err(error) => self.complain(path, &qos_sys::error_text(&error)),
            }
            return Ok(());
        }
        match File::open(path) {
            Ok(file) => self.input(BufReader::new(file), &path.display().to_string(), named),
            Err(error) => {
                self.complain(path, &qos_sys::error_text(&error));
                Ok(())
            }
        }
    }

    fn complain(&mut self, path: &Path, text: &str) {
        self.failed = true;
        if !self.options.silent {
            eprintln!("grep: {}: {text}", path.display());
        }
    }

    fn input(&mut self, mut input: impl BufRead, name: &str, named: bool) -> Result<(), Failure> {
        let prefix = if named { format!("{name}:") } else { String::new() };
        let (mut number, mut count, mut line) = (0_u64, 0_u64, Vec::new());
        while self.options.most.is_none_or(|most| count < most) {
            line.clear();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => number += 1,
                Err(error) => {
                    self.complain(Path::new(name), &qos_sys::error_text(&error));
                    break;
                }
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if self.regex.is_match(text) == self.options.invert {
                continue;
            }
            self.matched = true;
            count += 1;
            if self.options.quiet || self.options.list {
                break;
            }
            if self.options.count {
                continue;
            }
            let number = if self.options.number { format!("{number}:") } else { String::new() };
            if self.options.only {
                for found in self.regex.find_iter(text).filter(|found| !found.is_empty()) {
                    write!(self.out, "{prefix}{number}")?;
                    self.out.write_all(found.as_bytes())?;
                    self.out.write_all(b"\n")?;
                }
            } else {
                write!(self.out, "{prefix}{number}")?;
                self.out.write_all(text)?;
                self.out.write_all(b"\n")?;
            }
        }
        match (self.options.quiet, self.options.list, self.options.count) {
            (false, true, _) if count > 0 => writeln!(self.out, "{name}")?,
            (false, false, true) => writeln!(self.out, "{prefix}{count}")?,
            _ => {}
        }
        Ok(())
    }
}
