// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of the pager, and its behaviour without a terminal.

use crate::document::Document;
use crate::source::Source;
use crate::{Failure, pager};
use lexopt::prelude::*;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

/// How text is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// `-N`: numbers before lines.
    pub numbers: bool,
    /// `-R`: colours are the terminal's, not text.
    pub colors: bool,
    /// `-S`: long lines are cut, not folded.
    pub chop: bool,
    /// `-F`: text that fits on the screen is only written.
    pub quit_if_one_screen: bool,
    /// `-E`, `-e`: ends at the end.
    pub quit_at_end: bool,
    /// `-i`: case does not matter where the pattern has no capitals; `-I`: nowhere.
    pub ignore_case: bool,
    pub ignore_all_case: bool,
    /// `-X`: the text stays on the screen.
    pub keep_screen: bool,
    /// `+COMMAND`.
    pub start: Option<String>,
    pub files: Vec<PathBuf>,
}

pub fn less(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let environment = std::env::var("LESS").unwrap_or_default();
    main(parser, &environment, out)
}

/// `more` ends at the end of the text, and leaves it on the screen (POSIX more).
pub fn more(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    main(parser, "-EXF", out)
}

fn main(mut parser: lexopt::Parser, environment: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let mut args: Vec<OsString> = vec!["less".into()];
    args.extend(words(environment).into_iter().map(OsString::from));
    args.extend(parser.raw_args()?);
    let options = parse(args)?;
    let is_terminal = io::stdout().is_terminal();
    if options.files.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::usage("name of a file expected"));
    }
    if !is_terminal {
        return cat(&options, &mut io::stdin(), out);
    }
    let files = if options.files.is_empty() { vec![PathBuf::from("-")] } else { options.files.clone() };
    let mut documents = Vec::new();
    let mut failed = None;
    for path in &files {
        match Source::open(path) {
            Ok(source) => documents.push(Document::new(&path.to_string_lossy(), source)),
            Err(error) => failed = Some(Failure::at(path, &error)),
        }
    }
    match failed {
        Some(failure) if documents.is_empty() => Err(failure),
        failure => pager::run(&options, documents, failure.and_then(|f| f.message().map(str::to_owned)), out),
    }
}

/// The variable LESS may have its options without a hyphen.
fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words
        .map(|word| if word.starts_with(['-', '+']) { word.to_owned() } else { format!("-{word}") })
        .collect()
}

fn parse(args: Vec<OsString>) -> Result<Options, Failure> {
    let mut options = Options::default();
    let (args, starts): (Vec<OsString>, Vec<OsString>) =
        args.into_iter().partition(|arg| !arg.to_string_lossy().starts_with('+'));
    options.start = starts.last().map(|start| start.to_string_lossy()[1..].to_owned());
    let mut parser = lexopt::Parser::from_iter(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('N') | Long("LINE-NUMBERS") => options.numbers = true,
            Short('n') | Long("line-numbers") => options.numbers = false,
            Short('R' | 'r') | Long("RAW-CONTROL-CHARS" | "raw-control-chars") => options.colors = true,
            Short('S') | Long("chop-long-lines") => options.chop = true,
            Short('F') | Long("quit-if-one-screen") => options.quit_if_one_screen = true,
            Short('E' | 'e') | Long("QUIT-AT-EOF" | "quit-at-eof") => options.quit_at_end = true,
            Short('i') | Long("ignore-case") => options.ignore_case = true,
            Short('I') | Long("IGNORE-CASE") => options.ignore_all_case = true,
            Short('X') | Long("no-init") => options.keep_screen = true,
            // What these change, of prompts, bells, buffers and drawing, is not there to be changed.
            Short(
                'M' | 'm' | 'q' | 'Q' | 'K' | 'f' | 'g' | 'G' | 'c' | 'C' | 'a' | 'A' | 's' | 'u' | 'w' | 'L',
            ) => {}
            Short('x' | 'b' | 'z' | 'P' | 'j') => drop(parser.value()?),
            Value(path) => options.files.push(path.into()),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(options)
}

fn cat(options: &Options, stdin: &mut dyn Read, out: &mut dyn Write) -> Result<(), Failure> {
    if options.files.is_empty() {
        io::copy(stdin, out).map_err(Failure::from)?;
    }
    let mut failed = None;
    for path in &options.files {
        let copied = if path.as_os_str() == "-" {
            io::copy(stdin, out)
        } else {
            File::open(path).and_then(|mut file| io::copy(&mut file, out))
        };
        match copied {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(Failure::from(error)),
            Err(error) => failed = Some(Failure::at(path, &error)),
            Ok(_) => {}
        }
    }
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, Failure> {
        parse(line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn parses() {
        let found = options("less -NRS +12 a b").unwrap();
        assert!(found.numbers && found.colors && found.chop && !found.quit_if_one_screen);
        assert_eq!((found.start.as_deref(), found.files.len()), (Some("12"), 2));
        assert_eq!(options("less --nope").unwrap_err().status(), 2);
        assert_eq!(words("FRX -i +G"), ["-FRX", "-i", "+G"]);
    }

    #[test]
    fn without_a_terminal_it_is_cat() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        std::fs::write(&path, "text").unwrap();
        let check = |files: Vec<PathBuf>, expect: &str, status: u8| {
            let options = Options { files, ..Options::default() };
            let mut out = Vec::new();
            let result = cat(&options, &mut "in".as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expect);
            assert_eq!(result.err().map_or(0, |failure| failure.status()), status);
        };
        check(vec![], "in", 0);
        check(vec![path.clone(), "-".into()], "textin", 0);
        check(vec![directory.path().join("none"), path], "text", 1);
    }
}
