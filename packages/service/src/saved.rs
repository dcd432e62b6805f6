// SPDX-License-Identifier: MIT OR Apache-2.0
//! The state of a manager as text, for the program that goes on with it: records of a kind, a name and values, one a line.
//!
//! Another version may have written it: who reads a record takes a default for a value that is missing, and leaves out what it does not
//! know.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::str::FromStr;
use std::time::Duration;

/// The first line.
const HEADER: &str = "qos-manager 1";

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    kind: String,
    /// What it is about; can be empty.
    pub name: String,
    values: BTreeMap<String, Vec<u8>>,
}

impl Record {
    /// A record without values.
    pub fn new(kind: &str, name: impl Display) -> Self {
        Record { kind: kind.to_owned(), name: name.to_string(), values: BTreeMap::new() }
    }

    /// With a value.
    #[must_use]
    pub fn set(self, key: &str, value: impl Display) -> Self {
        self.set_bytes(key, value.to_string().as_bytes())
    }

    /// With a value, if there is one.
    #[must_use]
    pub fn set_some(self, key: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// With a value of any bytes.
    #[must_use]
    pub fn set_bytes(mut self, key: &str, value: &[u8]) -> Self {
        self.values.insert(key.to_owned(), value.to_vec());
        self
    }

    /// With a list of values.
    #[must_use]
    pub fn set_list<T: Display>(self, key: &str, values: impl IntoIterator<Item = T>) -> Self {
        let words: Vec<String> =
            values.into_iter().map(|value| escape(value.to_string().as_bytes())).collect();
        self.set(key, words.join(" "))
    }

    /// The bytes of a value; none if it is missing.
    #[must_use]
    pub fn bytes(&self, key: &str) -> &[u8] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// A value.
    #[must_use]
    pub fn get<T: FromStr>(&self, key: &str) -> Option<T> {
        std::str::from_utf8(self.values.get(key)?).ok()?.parse().ok()
    }

    /// Whether a value is `true`.
    #[must_use]
    pub fn is(&self, key: &str) -> bool {
        self.get(key).unwrap_or(false)
    }

    /// The time of a value.
    #[must_use]
    pub fn time(&self, key: &str) -> Option<Duration> {
        self.get::<Time>(key).map(|time| time.0)
    }

    /// The values of a list that are such values.
    #[must_use]
    pub fn list<T: FromStr>(&self, key: &str) -> Vec<T> {
        let text = String::from_utf8_lossy(self.bytes(key));
        let words = text.split(' ').filter(|word| !word.is_empty()).filter_map(unescape);
        words.filter_map(|word| String::from_utf8(word).ok()?.parse().ok()).collect()
    }
}

/// A time in seconds with nine digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Duration);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0.as_secs(), self.0.subsec_nanos())
    }
}

impl FromStr for Time {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seconds, nanoseconds) = text.split_once('.').ok_or(())?;
        let nanoseconds = nanoseconds.parse().ok().filter(|nanoseconds| *nanoseconds < 1_000_000_000);
        Ok(Time(Duration::new(seconds.parse().map_err(drop)?, nanoseconds.ok_or(())?)))
    }
}

/// The value of `all` with this name.
pub fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|value| name(*value) == text)
}

/// All records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saved {
    records: Vec<Record>,
}

impl Saved {
    /// Adds a record.
    pub fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The records of a kind, in their order.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |record| record.kind == kind)
    }

    /// The first record of a kind, or one without values.
    #[must_use]
    pub fn first(&self, kind: &str) -> Record {
        self.of(kind).next().cloned().unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for record in &self.records {
            let _ = write!(text, "{} {}", record.kind, escape(record.name.as_bytes()));
            for (key, value) in &record.values {
                let _ = write!(text, " {key}={}", escape(value));
            }
            text.push('\n');
        }
        let _ = writeln!(text, "end {}", self.records.len());
        text
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Says which line is wrong, or that the text is cut off.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|error| format!("saved state: {error}"))?;
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Err(format!("saved state: the first line is not {HEADER:?}"));
        }
        let mut saved = Saved::default();
        for (number, line) in lines.enumerate() {
            let wrong = || format!("saved state: line {}: {line:?}", number + 2);
            let (kind, rest) = line.split_once(' ').ok_or_else(wrong)?;
            if kind == "end" {
                let complete = rest == saved.records.len().to_string();
                return if complete { Ok(saved) } else { Err(wrong()) };
            }
            let mut words = rest.split(' ');
            let name = words.next().and_then(unescape).and_then(|name| String::from_utf8(name).ok());
            let mut record = Record::new(kind, name.ok_or_else(wrong)?);
            for word in words {
                let (key, value) = word.split_once('=').ok_or_else(wrong)?;
                record = record.set_bytes(key, &unescape(value).ok_or_else(wrong)?);
            }
            saved.push(record);
        }
        Err("saved state: it is cut off".into())
    }
}

/// One word: `%` alone is the empty one, and `%XX` a byte.
fn escape(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "%".into();
    }
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'%' => text.push_str("%25"),
            b if b.is_ascii_graphic() => text.push(char::from(*b)),
            b => {
                let _ = write!(text, "%{b:02x}");
            }
        }
    }
    text
}

fn unescape(word: &str) -> Option<Vec<u8>> {
    if word == "%" {
        return Some(Vec::new());
    }
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let time = Duration::new(12, 3_000_001);
        let record = Record::new("unit", "a b.service")
            .set("pid", 7)
            .set("empty", "")
            .set("on", true)
            .set_bytes("bytes", b"100%\n\xff=")
            .set_some("none", None::<u32>)
            .set_some("time", Some(Time(time)))
            .set_list("names", ["x y", "", "%"])
            .set_list("nothing", Vec::<u32>::new());
        let mut saved = Saved::default();
        saved.push(record.clone());
        saved.push(Record::new("job", ""));
        let text = saved.text();
        assert_eq!(text.lines().count(), 4, "{text}");
        let back = Saved::parse(text.as_bytes()).unwrap();
        assert_eq!(back, saved);
        let first = back.first("unit");
        assert_eq!(
            (first.get("pid"), first.get::<u32>("none"), first.time("time")),
            (Some(7), None, Some(time))
        );
        assert_eq!((first.bytes("bytes"), first.bytes("missing")), (&b"100%\n\xff="[..], &b""[..]));
        assert_eq!(first.list::<String>("names"), ["x y", "", "%"]);
        assert!(first.is("on") && !first.is("off") && first.list::<String>("nothing").is_empty());
        assert_eq!(back.first("other"), Record::default());
    }

    #[test]
    fn what_is_no_state() {
        for (text, expect) in [
            ("", "first line"),
            ("qos-manager 2\nend 0\n", "first line"),
            ("qos-manager 1\n", "cut off"),
            ("qos-manager 1\nunit a x=1\n", "cut off"),
            ("qos-manager 1\nunit a x=1\nend 2\n", "line 3"),
            ("qos-manager 1\nunit a x\nend 1\n", "line 2"),
            ("qos-manager 1\nunit a x=%4\nend 1\n", "line 2"),
        ] {
            let error = Saved::parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(expect), "{text:?}: {error}");
        }
    }
}
