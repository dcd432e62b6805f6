// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of the pager.

use crate::Failure;
use lexopt::prelude::*;
use std::ffi::OsString;
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

/// The variable LESS may have its options without a hyphen.
pub fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words
        .map(|word| if word.starts_with(['-', '+']) { word.to_owned() } else { format!("-{word}") })
        .collect()
}

/// Reads the arguments; the first is the name of the program.
///
/// # Errors
/// An option that is unknown, or lacks its value.
pub fn parse(args: Vec<OsString>) -> Result<Options, Failure> {
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
}
