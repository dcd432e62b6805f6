// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files as lines.

use crate::options::Options;
use crate::reason;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A line, and whether a newline ends it.
pub(crate) struct Line {
    pub text: Vec<u8>,
    pub has_end: bool,
    /// Whether it is the first of a file that begins a text of its own (`-s`, `-i`).
    pub begins: Option<PathBuf>,
}

/// What is left of the input.
pub(crate) struct Input {
    files: VecDeque<PathBuf>,
    reader: Option<Box<dyn BufRead>>,
    name: PathBuf,
    end: u8,
    separate: bool,
    in_place: bool,
    /// Files whose first line was not read yet, the last of which is `name`.
    begun: Option<PathBuf>,
    failed: bool,
}

impl Input {
    pub fn new(options: &Options) -> Self {
        let mut files: VecDeque<PathBuf> = options.files.iter().cloned().collect();
        if files.is_empty() {
            files.push_back("-".into());
        }
        Input {
            files,
            reader: None,
            name: "-".into(),
            end: options.end(),
            separate: options.separate,
            in_place: options.in_place.is_some(),
            begun: None,
            failed: false,
        }
    }

    /// Whether a file could not be read.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// The file of the last line.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Whether no line follows: in this file with `-s`, or else in any.
    pub fn is_last(&mut self) -> bool {
        loop {
            while let Some(reader) = &mut self.reader {
                match reader.fill_buf() {
                    Ok(buffered) if !buffered.is_empty() => return false,
                    Ok(_) if self.separate => return true,
                    Ok(_) => self.reader = None,
                    Err(error) => self.complain(&error),
                }
            }
            if self.separate || !self.open() {
                return true;
            }
        }
    }

    /// The next line.
    pub fn next(&mut self) -> Option<Line> {
        loop {
            let Some(reader) = &mut self.reader else {
                if self.open() {
                    continue;
                }
                return None;
            };
            let mut text = Vec::new();
            match reader.read_until(self.end, &mut text) {
                Ok(0) => self.reader = None,
                Ok(_) => {
                    let has_end = text.last() == Some(&self.end);
                    if has_end {
                        text.pop();
                    }
                    return Some(Line { text, has_end, begins: self.begun.take() });
                }
                Err(error) => self.complain(&error),
            }
        }
    }

    /// Opens the next file that can be read, if there is one.
    fn open(&mut self) -> bool {
        while let Some(path) = self.files.pop_front() {
            self.name.clone_from(&path);
            if path.as_os_str() == "-" && !self.in_place {
                self.reader = Some(Box::new(io::stdin().lock()));
            } else {
                match File::open(&path).and_then(|file| Ok((file.metadata()?.is_dir(), file))) {
                    Ok((true, _)) => {
                        self.failed = true;
                        eprintln!("sed: couldn't edit {}: not a regular file", path.display());
                        continue;
                    }
                    Ok((false, file)) => self.reader = Some(Box::new(BufReader::new(file))),
                    Err(error) => {
                        self.failed = true;
                        eprintln!("sed: can't read {}: {}", path.display(), reason(&error));
                        continue;
                    }
                }
            }
            self.begun = self.separate.then_some(path);
            return true;
        }
        false
    }

    fn complain(&mut self, error: &io::Error) {
        self.failed = true;
        self.reader = None;
        eprintln!("sed: read error on {}: {}", self.name.display(), reason(error));
    }
}
