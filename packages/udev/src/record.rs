// SPDX-License-Identifier: MIT OR Apache-2.0
//! The record of a device in the database: lines `X:VALUE`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the database has about a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `S`: links, relative to /dev.
    pub links: BTreeSet<String>,
    /// `L`: priority of the links.
    pub priority: i32,
    /// `I`: microseconds from the boot to the first event.
    pub initialized: u64,
    /// `E`: properties that rules have set.
    pub properties: BTreeMap<String, String>,
    /// `G`: tags that the device has or had.
    pub tags: BTreeSet<String>,
    /// `Q`: tags that it has.
    pub current_tags: BTreeSet<String>,
}

impl Record {
    /// Reads the text of a file. Lines that are not understood are left out.
    #[must_use]
    pub fn parse(text: &str) -> Record {
        let mut record = Record::default();
        let mut version = 0;
        // A carriage return at the end of a line is part of the value.
        for line in text.split('\n') {
            let Some((kind, value)) = line.split_once(':') else { continue };
            match kind {
                "S" => drop(record.links.insert(value.to_owned())),
                "L" => record.priority = value.parse().unwrap_or(0),
                "I" => record.initialized = value.parse().unwrap_or(0),
                "E" => {
                    if let Some((key, value)) = value.split_once('=').filter(|(key, _)| !key.is_empty()) {
                        record.properties.insert(key.to_owned(), value.to_owned());
                    }
                }
                "G" => drop(record.tags.insert(value.to_owned())),
                "Q" => drop(record.current_tags.insert(value.to_owned())),
                "V" => version = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        // Before version 1 there were no lines `Q`.
        if version == 0 {
            record.current_tags = record.tags.clone();
        }
        record
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(256);
        // Writing to a string does not fail. A newline would begin a line of its own.
        let mut line = |kind: char, value: std::fmt::Arguments<'_>| {
            let value = value.to_string().replace('\n', " ");
            let _ = writeln!(text, "{kind}:{value}");
        };
        self.links.iter().for_each(|link| line('S', format_args!("{link}")));
        if self.priority != 0 {
            line('L', format_args!("{}", self.priority));
        }
        if self.initialized != 0 {
            line('I', format_args!("{}", self.initialized));
        }
        self.properties.iter().for_each(|(key, value)| line('E', format_args!("{key}={value}")));
        self.tags.iter().for_each(|tag| line('G', format_args!("{tag}")));
        self.current_tags.iter().for_each(|tag| line('Q', format_args!("{tag}")));
        line('V', format_args!("1"));
        text
    }

    /// Whether rules have said nothing about the device.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.properties.is_empty() && self.tags.is_empty() && self.priority == 0
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The file of a disk as systemd 252 wrote it, but for its lines `W`, which are the daemon's own.
    pub const DISK: &str = "\
S:disk/by-id/virtio-a
S:disk/by-path/pci-0000:00:04.0
L:10
I:1234567
E:ID_PATH=pci-0000:00:04.0
E:ID_SERIAL=a=b
G:systemd
G:was
Q:systemd
V:1
";

    #[test]
    fn a_record_is_written_as_it_was_read() {
        let record = Record::parse(DISK);
        assert_eq!(record.text(), DISK);
        assert_eq!((record.priority, record.initialized), (10, 1_234_567));
        assert_eq!(record.properties["ID_SERIAL"], "a=b");
        assert!(record.tags.contains("was") && !record.current_tags.contains("was"));
        assert_eq!(Record::parse("S:a\r").text(), "S:a\r\nV:1\n");
        assert_eq!(Record::parse("W:3\nX\n:\nE:a\nG:x\n").current_tags.len(), 1);
    }
}
