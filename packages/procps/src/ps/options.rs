// SPDX-License-Identifier: MIT OR Apache-2.0
//! Options of `ps`: POSIX's with a hyphen, BSD's without one, and long ones.

use crate::Failure;
use crate::columns::{self, Column};
use crate::order::{self, Keys};
use crate::select::Selection;
use crate::system::System;
use std::ffi::OsString;

/// The columns where none is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Full,
    Extra,
    Long,
    LongFull,
    Jobs,
    Bsd,
    BsdUser,
    BsdLong,
    BsdJobs,
}

/// The options of a command line.
pub struct Options {
    pub selection: Selection,
    pub style: Style,
    pub columns: Vec<Column>,
    pub sort: Option<Keys>,
    pub header: bool,
    pub forest: bool,
    pub wide: u8,
}

/// The words that are left, and how to take an option's argument from them.
struct Words<'a> {
    words: std::slice::Iter<'a, String>,
}

impl Words<'_> {
    /// The rest of the word, or the next one.
    fn argument(&mut self, option: &str, rest: &str) -> Result<String, Failure> {
        if !rest.is_empty() {
            return Ok(rest.to_owned());
        }
        let next = self.words.next().cloned();
        next.ok_or_else(|| Failure::usage(format!("missing argument for option '{option}'")))
    }
}

impl Options {
    /// Parses the arguments without the program's name.
    pub fn parse(args: &[OsString], system: &System) -> Result<Self, Failure> {
        let args: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let mut options = Options {
            selection: Selection::default(),
            style: Style::Plain,
            columns: Vec::new(),
            sort: None,
            header: true,
            forest: false,
            wide: 0,
        };
        let mut words = Words { words: args.iter() };
        while let Some(word) = words.words.next() {
            if let Some(name) = word.strip_prefix("--") {
                options.long(name, &mut words, system)?;
            } else if let Some(letters) = word.strip_prefix('-') {
                // `-aux` is `aux` by mistake, unless there is a user called x.
                if matches!(letters, "aux" | "auxw" | "auxww" | "ax" | "axu") && system.uid("x").is_err() {
                    options.bsd(letters, &mut words, system)?;
                } else {
                    options.unix(letters, &mut words, system)?;
                }
            } else if word.starts_with(|c: char| c.is_ascii_digit()) {
                options.selection.pids.extend(numbers(word)?);
                options.bsd("", &mut words, system)?;
            } else {
                options.bsd(word, &mut words, system)?;
            }
        }
        Ok(options)
    }

    fn unix(&mut self, letters: &str, words: &mut Words, system: &System) -> Result<(), Failure> {
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            let option = format!("-{letter}");
            match letter {
                'A' | 'e' => self.selection.every = true,
                'a' => self.selection.terminals = true,
                'd' => self.selection.not_leaders = true,
                'N' => self.selection.deselect = true,
                'f' => self.style = if self.style == Style::Long { Style::LongFull } else { Style::Full },
                'l' => self.style = if self.style == Style::Full { Style::LongFull } else { Style::Long },
                'F' => self.style = Style::Extra,
                'j' => self.style = Style::Jobs,
                'H' => self.forest = true,
                'w' => self.wide += 1,
                // Where names of users and terminals come from is not to be chosen; each process is one line.
                'n' => drop(words.argument(&option, rest)?),
                'o' | 'p' | 't' | 'u' | 'U' | 'g' | 'G' | 's' | 'C' => {
                    return self.list(letter, &words.argument(&option, rest)?, system);
                }
                _ => return Err(Failure::usage(format!("invalid option '{option}'"))),
            }
            if letter == 'n' {
                return Ok(());
            }
        }
        Ok(())
    }

    /// An option with a list as its argument.
    fn list(&mut self, letter: char, list: &str, system: &System) -> Result<(), Failure> {
        let selection = &mut self.selection;
        match letter {
            'o' => self.columns.extend(columns::parse(list, system)?),
            'p' => selection.pids.extend(numbers(list)?),
            's' => selection.sessions.extend(numbers(list)?),
            't' => selection.terminal_names.extend(words(list).map(str::to_owned)),
            'C' => selection.names.extend(words(list).map(str::to_owned)),
            'u' => each(list, &mut selection.euids, |name| system.uid(name))?,
            'U' => each(list, &mut selection.uids, |name| system.uid(name))?,
            'G' => each(list, &mut selection.gids, |name| system.gid(name))?,
            // Session leaders by number; groups by name are procps'.
            _ => match numbers(list) {
                Ok(sessions) => selection.sessions.extend(sessions),
                Err(_) => each(list, &mut selection.egids, |name| system.gid(name))?,
            },
        }
        Ok(())
    }

    fn long(&mut self, name: &str, words: &mut Words, system: &System) -> Result<(), Failure> {
        let (name, value) = name.split_once('=').unwrap_or((name, ""));
        let option = format!("--{name}");
        let letter = match name {
            "no-headers" | "no-heading" | "noheaders" | "noheading" => {
                self.header = false;
                return Ok(());
            }
            "forest" => {
                self.forest = true;
                return Ok(());
            }
            "deselect" => {
                self.selection.deselect = true;
                return Ok(());
            }
            "sort" => {
                self.sort = Some(order::parse(&words.argument(&option, value)?, system)?);
                return Ok(());
            }
            "ppid" => {
                self.selection.ppids.extend(numbers(&words.argument(&option, value)?)?);
                return Ok(());
            }
            "format" => 'o',
            "pid" => 'p',
            "sid" => 's',
            "tty" => 't',
            "user" => 'u',
            "User" => 'U',
            "group" => 'g',
            "Group" => 'G',
            _ => return Err(Failure::usage(format!("invalid option '{option}'"))),
        };
        self.list(letter, &words.argument(&option, value)?, system)
    }

    fn bsd(&mut self, letters: &str, words: &mut Words, system: &System) -> Result<(), Failure> {
        self.selection.bsd = true;
        if self.style == Style::Plain {
            self.style = Style::Bsd;
        }
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            match letter {
                'a' => self.selection.bsd_all = true,
                'x' => self.selection.bsd_no_terminal = true,
                'T' => self.selection.this_terminal = true,
                'u' => self.style = Style::BsdUser,
                'l' => self.style = Style::BsdLong,
                'j' => self.style = Style::BsdJobs,
                'f' => self.forest = true,
                'h' => self.header = false,
                'w' => self.wide += 1,
                // Names of commands are those of the kernel, or arguments by `args`: what `c` and `e` change of them is not.
                'o' | 'p' | 't' | 'U' | 'k' => {
                    let list = words.argument(&letter.to_string(), rest)?;
                    if letter == 'k' {
                        self.sort = Some(order::parse(&list, system)?);
                        return Ok(());
                    }
                    let letter = if letter == 'U' { 'u' } else { letter };
                    return self.list(letter, &list, system);
                }
                _ => return Err(Failure::usage(format!("invalid option '{letter}'"))),
            }
        }
        Ok(())
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t']).filter(|word| !word.is_empty())
}

fn numbers(list: &str) -> Result<Vec<i32>, Failure> {
    let parse = |word: &str| {
        let number = word.parse().ok().filter(|number| *number >= 0);
        number.ok_or_else(|| Failure::usage(format!("{word}: not a process id")))
    };
    words(list).map(parse).collect()
}

fn each(list: &str, ids: &mut Vec<u32>, find: impl Fn(&str) -> Result<u32, Failure>) -> Result<(), Failure> {
    for word in words(list) {
        ids.push(find(word)?);
    }
    Ok(())
}
