// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs `less` and `more`: what they show, and where there is no terminal.

use crate::document::Document;
use crate::options::{Options, parse, words};
use crate::source::Source;
use crate::{Failure, pager};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

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
