// SPDX-License-Identifier: MIT OR Apache-2.0
//! The file that CI keeps: a line of JSON for each commit and image, in the order in which they were recorded.
//!
//! ```json
//! {"commit":"1270be4…","date":"2026-11-28T21:05:17Z","image":"default","to-init":72116000,"kernel":4051968}
//! ```
//!
//! Lines that are not changed stay as they are, with keys that a later version may have added.

use crate::figure::Figures;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::Path;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The commit's full name.
    pub commit: String,
    /// When it was made, as `git log --format=%cI` has it.
    pub date: String,
    /// The image, as `qos.toml` names it.
    pub image: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The contents of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    lines: Vec<(String, Entry)>,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is new.
    Added,
    /// The file had its commit and image, with other figures.
    Updated,
    /// The file had all of it.
    Known,
}

impl History {
    /// Reads a file; one that does not exist is empty.
    ///
    /// # Errors
    ///
    /// One line: why it cannot be read, or the number of the first damaged line and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, String> {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes).map_err(|why| format!("{}:{why}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        }
    }

    /// Reads the contents of a file.
    ///
    /// # Errors
    ///
    /// `LINE: what is wrong`.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let lines = bytes.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(index, line)| {
            let wrong =
                |why: &str| format!("{}: the line is damaged: {why}; restore or delete it", index + 1);
            let text = std::str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))?;
            // The file's line is named already.
            let entry: Entry = serde_json::from_str(text)
                .map_err(|error| wrong(&error.to_string().replace(" at line 1 column ", " at column ")))?;
            entry.check().map_err(|why| wrong(&why))?;
            Ok((text.to_owned(), entry))
        });
        Ok(Self { lines: lines.collect::<Result<_, String>>()? })
    }

    /// Adds an entry. If the file has one of the same commit and image, its figures are updated in place; those that the new one
    /// does not have are kept.
    ///
    /// # Panics
    ///
    /// Never: an entry has nothing that JSON cannot hold.
    pub fn record(&mut self, entry: Entry) -> Recorded {
        let text = |entry: &Entry| serde_json::to_string(entry).expect("an entry is JSON");
        let known =
            self.lines.iter_mut().find(|(_, old)| (&old.commit, &old.image) == (&entry.commit, &entry.image));
        match known {
            None => {
                self.lines.push((text(&entry), entry));
                Recorded::Added
            }
            Some((line, old)) => {
                let figures = entry.figures.or(old.figures);
                if figures == old.figures {
                    return Recorded::Known;
                }
                old.figures = figures;
                *line = text(old);
                Recorded::Updated
            }
        }
    }

    /// Writes the file: all of it or nothing.
    ///
    /// # Errors
    ///
    /// One line: the file that cannot be written, and why.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let cannot = |error| format!("cannot write {}: {error}", path.display());
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = Path::new(&name);
        let text: String = self.lines.iter().flat_map(|(line, _)| [line.as_str(), "\n"]).collect();
        let write = || {
            let mut file = fs::File::create(new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(new, path)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(new);
            cannot(error)
        })
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.lines.iter().map(|(_, entry)| entry)
    }
}

impl Entry {
    /// Whether its texts can be what they stand for.
    ///
    /// # Errors
    ///
    /// The text that cannot be.
    pub fn check(&self) -> Result<(), String> {
        for (what, text) in [("commit", &self.commit), ("date", &self.date), ("image", &self.image)] {
            if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return Err(format!("{text:?} is no {what}"));
            }
        }
        let day = self.date.as_bytes();
        let is_day = day.len() >= 10
            && day[..10].iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if is_day { Ok(()) } else { Err(format!("{:?} is no date such as 2026-11-28T21:05:17Z", self.date)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    fn entry(commit: &str, image: &str, to_init: Option<u64>, memory: Option<u64>) -> Entry {
        let figures = Figures { to_init, memory, ..Figures::default() };
        Entry { commit: commit.into(), date: "2026-11-28T21:05:17Z".into(), image: image.into(), figures }
    }

    #[test]
    fn a_commit_is_recorded_once() {
        let folder = Folder::temporary();
        let path = folder.path("history.jsonl");
        let mut history = History::read(&path).expect("nothing is there yet");
        assert_eq!(history.record(entry("a", "default", Some(1000), None)), Recorded::Added);
        assert_eq!(history.record(entry("a", "minimal", Some(900), None)), Recorded::Added);
        history.write(&path).expect("written");
        let first = folder.read("history.jsonl");
        assert_eq!(
            first,
            "{\"commit\":\"a\",\"date\":\"2026-11-28T21:05:17Z\",\"image\":\"default\",\"to-init\":1000}\n\
             {\"commit\":\"a\",\"date\":\"2026-11-28T21:05:17Z\",\"image\":\"minimal\",\"to-init\":900}\n"
        );
        let mut again = History::read(&path).expect("read");
        assert_eq!(again.record(entry("a", "default", Some(1000), None)), Recorded::Known);
        assert_eq!(again, history);
        again.write(&path).expect("written");
        assert_eq!(folder.read("history.jsonl"), first);
        // The memory was measured later; what was known stays.
        assert_eq!(again.record(entry("a", "default", None, Some(64))), Recorded::Updated);
        assert_eq!(again.record(entry("b", "default", Some(1001), None)), Recorded::Added);
        let all: Vec<_> =
            again.entries().map(|e| (e.commit.as_str(), e.figures.to_init, e.figures.memory)).collect();
        assert_eq!(all, [("a", Some(1000), Some(64)), ("a", Some(900), None), ("b", Some(1001), None)]);
        assert_eq!(folder.names(), ["history.jsonl"]);
    }

    #[test]
    fn unknown_keys_and_empty_lines_stay_or_do_no_harm() {
        let line = r#"{"later": [1], "commit": "a", "date": "2026-11-28", "image": "x", "kernel": 5}"#;
        let mut history = History::parse(format!("\n{line}\r\n\n").as_bytes()).expect("a history");
        assert_eq!(history.entries().count(), 1);
        let _ = history.record(entry("b", "x", Some(1), None));
        let folder = Folder::temporary();
        history.write(&folder.path("h")).expect("written");
        assert!(folder.read("h").starts_with(line));
    }

    #[test]
    fn damaged_lines_are_reported_with_their_number() {
        let good = r#"{"commit":"a","date":"2026-11-28","image":"x"}"#;
        for (bad, why) in [
            (&br#"{"commit":"a","date":"2026-"#[..], "EOF while parsing a string at column 27"),
            (b"\xff", "it is not UTF-8"),
            (b"[]", "invalid type: sequence"),
            (br#"{"commit":"a","image":"x"}"#, "missing field `date`"),
            (br#"{"commit":"","date":"2026-11-28","image":"x"}"#, "\"\" is no commit"),
            (br#"{"commit":"a b","date":"2026-11-28","image":"x"}"#, "\"a b\" is no commit"),
            (br#"{"commit":"a","date":"yesterday","image":"x"}"#, "\"yesterday\" is no date such as"),
            (br#"{"commit":"a","date":"2026-11-28","image":"x","kernel":-1}"#, "invalid value: integer `-1`"),
        ] {
            let text = [good.as_bytes(), b"\n", bad, b"\n", good.as_bytes()].concat();
            let error = History::parse(&text).expect_err(why);
            assert!(error.starts_with("2: the line is damaged: ") && error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written() {
        let folder = Folder::temporary();
        assert!(History::read(&folder.path("")).expect_err("a directory").starts_with("cannot read "));
        let missing = folder.path("no/h");
        assert!(History::default().write(&missing).expect_err("no directory").starts_with("cannot write "));
    }
}
