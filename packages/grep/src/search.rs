// SPDX-License-Identifier: MIT OR Apache-2.0
//! Searches files, and writes the results.

use crate::TROUBLE;
use crate::lines::Lines;
use crate::matcher::Matcher;
use crate::options::{Options, Output};
use qos_command::{Failure, glob};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

pub(crate) struct Search<'a> {
    options: &'a Options,
    matcher: &'a Matcher,
    out: &'a mut dyn Write,
    selected: bool,
    failed: bool,
    /// Whether a group of lines with context was written: the next one is set off by `--`.
    wrote_group: bool,
}

impl<'a> Search<'a> {
    pub fn new(options: &'a Options, matcher: &'a Matcher, out: &'a mut dyn Write) -> Self {
        Search { options, matcher, out, selected: false, failed: false, wrote_group: false }
    }

    /// Searches `paths`, or standard input if there are none, and gives the exit status.
    pub fn run(mut self, paths: &[PathBuf]) -> Result<u8, Failure> {
        const STDIN: &str = "(standard input)";
        let named = self.options.names.unwrap_or(paths.len() > 1 || self.options.recursive);
        if paths.is_empty() && !self.options.recursive {
            self.input(io::stdin().lock(), STDIN, self.options.names.unwrap_or(false))?;
        } else if paths.is_empty() {
            self.directory(Path::new("."), Path::new(""), named)?;
        }
        for path in paths {
            if self.is_done() {
                break;
            }
            if path.as_os_str() == "-" {
                self.input(io::stdin().lock(), STDIN, named)?;
            } else {
                self.operand(path, named)?;
            }
        }
        Ok(match (self.selected, self.failed) {
            (true, _) if self.options.output == Output::Nothing => 0,
            (_, true) => TROUBLE,
            (true, false) => 0,
            (false, false) => 1,
        })
    }

    /// With `-q`, nothing is left to be known after the first match.
    fn is_done(&self) -> bool {
        self.selected && self.options.output == Output::Nothing
    }

    fn operand(&mut self, path: &Path, named: bool) -> Result<(), Failure> {
        if !path.is_dir() {
            return self.file(path, named);
        }
        if self.options.recursive {
            return self.directory(path, path, named);
        }
        self.complain(path, "Is a directory");
        Ok(())
    }

    /// Searches the files under `path`, which is called `shown`.
    fn directory(&mut self, path: &Path, shown: &Path, named: bool) -> Result<(), Failure> {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.complain(path, &qos_sys::error_text(&error));
                return Ok(());
            }
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            if self.is_done() {
                break;
            }
            let (path, shown) = (path.join(&name), shown.join(&name));
            // A link inside of a tree may lead out of it, or round in it.
            if path.is_symlink() {
                continue;
            }
            let is = |globs: &[String]| {
                globs.iter().any(|glob| glob::matches(glob.as_bytes(), name.as_encoded_bytes()))
            };
            if path.is_dir() {
                if !is(&self.options.exclude_dir) {
                    self.directory(&path, &shown, named)?;
                }
            } else if path.is_file()
                && !is(&self.options.exclude)
                && (self.options.include.is_empty() || is(&self.options.include))
            {
                self.file(&shown, named)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, named: bool) -> Result<(), Failure> {
        const BUFFER: usize = 64 << 10;
        match File::open(path) {
            Ok(file) => self.input(BufReader::with_capacity(BUFFER, file), &path.to_string_lossy(), named),
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

    fn input(&mut self, input: impl BufRead, name: &str, named: bool) -> Result<(), Failure> {
        match self.lines(input, name, named) {
            Ok(()) => Ok(()),
            Err(Stop::Input(error)) => {
                self.complain(Path::new(name), &qos_sys::error_text(&error));
                Ok(())
            }
            Err(Stop::Failure(failure)) => Err(failure),
        }
    }

    fn lines(&mut self, input: impl BufRead, name: &str, named: bool) -> Result<(), Stop> {
        let options = self.options;
        let end = if options.nul { 0 } else { b'\n' };
        let mut lines = Lines::new(input, end);
        let writes_lines = matches!(options.output, Output::Lines | Output::Matches);
        let binary = writes_lines && !options.text && lines.is_binary().map_err(Stop::Input)?;
        let with_context = options.output == Output::Lines && options.before + options.after > 0;
        let mut before: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
        let (mut count, mut after, mut last_written) = (0_u64, 0, 0_u64);
        loop {
            let is_full = options.most.is_some_and(|most| count >= most);
            if is_full && after == 0 {
                break;
            }
            let Some((number, line)) = lines.next().map_err(Stop::Input)? else { break };
            if is_full || self.matcher.is_match(line)? == options.invert {
                if after > 0 {
                    after -= 1;
                    last_written = number;
                    self.line(named.then_some(name), '-', number, line, end)?;
                } else if options.before > 0 && with_context {
                    before.push_back((number, line.to_vec()));
                    if before.len() > options.before {
                        before.pop_front();
                    }
                }
                continue;
            }
            self.selected = true;
            count += 1;
            match options.output {
                Output::Nothing | Output::WithMatch | Output::WithoutMatch => break,
                Output::Count => {}
                _ if binary => {
                    writeln!(self.out, "grep: {name}: binary file matches")?;
                    return Ok(());
                }
                Output::Matches => self.matches(named.then_some(name), number, line, end)?,
                Output::Lines => {
                    let first = before.front().map_or(number, |(number, _)| *number);
                    if with_context && self.wrote_group && (last_written == 0 || first > last_written + 1) {
                        self.out.write_all(b"--\n")?;
                    }
                    self.wrote_group = with_context;
                    for (number, line) in before.drain(..) {
                        self.line(named.then_some(name), '-', number, &line, end)?;
                    }
                    self.line(named.then_some(name), ':', number, line, end)?;
                    (after, last_written) = (options.after, number);
                }
            }
        }
        match options.output {
            Output::WithMatch if count > 0 => writeln!(self.out, "{name}")?,
            Output::WithoutMatch if count == 0 => writeln!(self.out, "{name}")?,
            Output::Count if named => writeln!(self.out, "{name}:{count}")?,
            Output::Count => writeln!(self.out, "{count}")?,
            _ => {}
        }
        Ok(())
    }

    fn line(
        &mut self,
        name: Option<&str>,
        mark: char,
        number: u64,
        text: &[u8],
        end: u8,
    ) -> Result<(), Stop> {
        if let Some(name) = name {
            write!(self.out, "{name}{mark}")?;
        }
        if self.options.number {
            write!(self.out, "{number}{mark}")?;
        }
        self.out.write_all(text)?;
        self.out.write_all(&[end])?;
        Ok(())
    }

    /// What matches of a line, each on a line. Of a line that does not match (`-v`), nothing does.
    fn matches(&mut self, name: Option<&str>, number: u64, line: &[u8], end: u8) -> Result<(), Stop> {
        let mut start = 0;
        while let Some(found) = self.matcher.find(line, start)?.filter(|_| !self.options.invert) {
            if found.is_empty() {
                start = found.end + 1;
            } else {
                start = found.end;
                self.line(name, ':', number, &line[found], end)?;
            }
            if start > line.len() {
                break;
            }
        }
        Ok(())
    }
}

/// Why the search of an input ends early.
enum Stop {
    /// It cannot be read; the next one may.
    Input(io::Error),
    /// All is over.
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failure(failure)
    }
}

impl From<io::Error> for Stop {
    /// An error of writing.
    fn from(error: io::Error) -> Self {
        Stop::Failure(Failure::from(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_regex::Syntax;

    fn check(line: &str, input: &[u8], expect: &str) {
        let (options, patterns, _) =
            crate::options::parse(lexopt::Parser::from_iter(line.split(' ')), Syntax::Basic).unwrap();
        let matcher = Matcher::new(&patterns, &options).unwrap();
        let mut out = Vec::new();
        let mut search = Search::new(&options, &matcher, &mut out);
        search.input(input, "f", options.names == Some(true)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expect, "{line}");
    }

    #[test]
    fn writes_lines() {
        check("grep b", b"a\nb\nab", "b\nab\n");
        check("grep -n b", b"a\nb\n", "2:b\n");
        check("grep -Hc b", b"a\nb\n", "f:1\n");
        check("grep -v b", b"a\nb\n", "a\n");
        check("grep -m1 b", b"b1\nb2\n", "b1\n");
        check("grep -on b*", b"abb\nb\n", "1:bb\n2:b\n");
        check("grep -l b", b"b\n", "f\n");
        check("grep -L b", b"a\n", "f\n");
        check("grep b", b"\0b\n", "grep: f: binary file matches\n");
        check("grep -a b", b"\0b\n", "\0b\n");
        check("grep -z b", b"a\0b\0", "b\0");
    }

    #[test]
    fn writes_context() {
        let text = b"1\n2\nx\n4\n5\n6\nx\n8\n";
        check("grep -A1 x", text, "x\n4\n--\nx\n8\n");
        check("grep -nB1 x", text, "2-2\n3:x\n--\n6-6\n7:x\n");
        check("grep -C2 x", text, "1\n2\nx\n4\n5\n6\nx\n8\n");
        check("grep -A9 -m1 4", text, "4\n5\n6\nx\n8\n");
    }
}
