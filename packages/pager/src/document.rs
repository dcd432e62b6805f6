// SPDX-License-Identifier: MIT OR Apache-2.0
//! A text by lines, read only as far as it is needed.

use crate::source::Source;
use regex::bytes::Regex;
use std::os::fd::OwnedFd;

/// A text.
pub struct Document {
    pub name: String,
    source: Source,
    text: Vec<u8>,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl Document {
    pub fn new(name: &str, source: Source) -> Self {
        let name = if name == "-" { "standard input" } else { name };
        Document { name: name.to_owned(), source, text: Vec::new(), starts: vec![0] }
    }

    /// Reading is given up once `interruption` can be read from.
    pub fn interrupt_by(&mut self, interruption: OwnedFd) {
        self.source.interruption = Some(interruption);
    }

    /// Reads until there are `lines` lines, or the text ends.
    pub fn load(&mut self, lines: usize) {
        // The last start is that of a line which may go on.
        while self.starts.len() <= lines && !self.source.has_ended() && self.read() {}
    }

    /// Reads all of it.
    pub fn load_all(&mut self) {
        while !self.source.has_ended() && self.read() {}
    }

    /// Reads what a file has got since its end was seen; whether there was anything.
    pub fn follow(&mut self) -> bool {
        let before = self.text.len();
        self.read();
        self.text.len() > before
    }

    /// Reads the next part; `false` when it was interrupted.
    fn read(&mut self) -> bool {
        let Some(bytes) = self.source.read() else { return false };
        let offset = self.text.len();
        self.text.extend_from_slice(&bytes);
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        self.starts.extend(ends.map(|(at, _)| offset + at + 1));
        true
    }

    /// Number of lines that have been read.
    pub fn len(&self) -> usize {
        // A newline at the end begins no line.
        if self.starts.last() == Some(&self.text.len()) { self.starts.len() - 1 } else { self.starts.len() }
    }

    /// Whether all of it has been read.
    pub fn is_complete(&self) -> bool {
        self.source.has_ended()
    }

    /// Line `n`, from 0, without its newline.
    pub fn line(&self, n: usize) -> Option<&[u8]> {
        let start = *self.starts.get(n).filter(|_| n < self.len())?;
        let end = self.starts.get(n + 1).map_or(self.text.len(), |end| end - 1);
        let line = &self.text[start..end];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The first line from `from` on that `pattern` matches.
    pub fn find(&mut self, pattern: &Regex, from: usize) -> Option<usize> {
        let mut n = from;
        loop {
            self.load(n + 1);
            if pattern.is_match(&plain(self.line(n)?)) {
                return Some(n);
            }
            n += 1;
        }
    }

    /// The last line before `before` that `pattern` matches.
    pub fn find_back(&self, pattern: &Regex, before: usize) -> Option<usize> {
        (0..before.min(self.len()))
            .rev()
            .find(|n| self.line(*n).is_some_and(|line| pattern.is_match(&plain(line))))
    }
}

/// A line without the sequences that set colours.
fn plain(line: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let length = crate::render::color(&line[at..]);
        if length == 0 {
            plain.push(line[at]);
        }
        at += length.max(1);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::bytes::RegexBuilder;

    #[test]
    fn lines() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        std::fs::write(&path, "one\ntwo\r\n\n\x1b[1mfo\x1b[mur").unwrap();
        let mut document = Document::new("f", Source::open(&path).unwrap());
        document.load(2);
        assert_eq!(document.line(1), Some(&b"two"[..]));
        document.load_all();
        assert_eq!((document.len(), document.line(2), document.line(4)), (4, Some(&b""[..]), None));
        let pattern = RegexBuilder::new("f?o").unicode(false).build().unwrap();
        assert_eq!(document.find(&pattern, 1), Some(1));
        assert_eq!(document.find(&pattern, 2), Some(3));
        assert_eq!(document.find(&pattern, 4), None);
        assert_eq!(document.find_back(&pattern, 3), Some(1));
        let four = RegexBuilder::new("four").unicode(false).build().unwrap();
        assert_eq!(document.find(&four, 0), Some(3));
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut f| std::io::Write::write_all(&mut f, b"!\nfive\n"))
            .unwrap();
        assert!(document.follow());
        assert_eq!((document.len(), document.line(4)), (5, Some(&b"five"[..])));
    }

    #[test]
    fn interrupted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        std::fs::write(&path, "one\n").unwrap();
        let mut document = Document::new("f", Source::open(&path).unwrap());
        let (interruption, mut end) = qos_sys::pipe::new().unwrap();
        document.interrupt_by(interruption.into());
        std::io::Write::write_all(&mut end, b"x").unwrap();
        document.load_all();
        assert_eq!((document.len(), document.is_complete()), (0, false));
    }
}
