// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log for readers: segments of several directories as one sequence. A segment that is being written can be read.

use super::filter::{Boot, Filter};
use super::show::Placed;
use crate::codec::{Found, HEADER, Header, Scan};
use crate::entry::Entry;
use crate::store::{self, Segment};
use std::io;
use std::path::PathBuf;

/// A segment and its header.
pub struct Headed {
    /// Its file.
    pub segment: Segment,
    /// Its header; one of zeros if it is damaged.
    pub header: Header,
}

/// An entry, and where it is.
pub struct Located {
    /// The header of its segment.
    pub header: Header,
    /// Where its record begins.
    pub offset: usize,
    /// The entry.
    pub entry: Entry,
}

impl Located {
    /// For showing it.
    pub fn placed(&self) -> Placed<'_> {
        Placed { header: &self.header, offset: self.offset, entry: &self.entry }
    }
}

/// All segments, the oldest first.
pub struct Journal {
    /// The segments.
    pub segments: Vec<Headed>,
}

impl Journal {
    /// Lists `directories`. One that does not exist has no segments if `may_be_absent`, as the places of the system's log.
    pub fn open(directories: &[PathBuf], may_be_absent: bool) -> Result<Self, (PathBuf, io::Error)> {
        let mut segments = Vec::new();
        for directory in directories {
            let listed = match store::list(directory) {
                Err(error) if may_be_absent && error.kind() == io::ErrorKind::NotFound => continue,
                listed => listed.map_err(|error| (directory.clone(), error))?,
            };
            segments.extend(listed.into_iter().map(|segment| {
                let header = store::head(&segment).unwrap_or_default();
                Headed { segment, header }
            }));
        }
        if directories.len() > 1 {
            // In each directory the order is that of the numbers, which a clock that is set back does not change.
            segments.sort_by_key(|headed| headed.header.realtime);
        }
        Ok(Journal { segments })
    }

    /// The boots, the oldest first, each with its segments' positions.
    pub fn boots(&self) -> Vec<Boot> {
        let mut boots: Vec<Boot> = Vec::new();
        for headed in self.segments.iter().filter(|headed| headed.header.boot != 0) {
            if !boots.iter().any(|boot| boot.id == headed.header.boot) {
                boots.push(Boot { id: headed.header.boot, first: headed.header.realtime });
            }
        }
        boots
    }

    /// The segments that can have entries which the filter admits.
    pub fn candidates<'a>(&'a self, filter: &'a Filter) -> impl DoubleEndedIterator<Item = &'a Headed> {
        self.segments
            .iter()
            .filter(|headed| filter.boots.as_ref().is_none_or(|boots| boots.contains(&headed.header.boot)))
    }
}

impl Headed {
    /// The entries that the filter admits, in order. A segment that was removed meanwhile has none.
    pub fn entries(&self, filter: &Filter) -> io::Result<Vec<Located>> {
        Ok(self.entries_from(filter, 0)?.0)
    }

    /// The entries whose records begin at `offset` or later, and the offset behind the last whole record.
    pub fn entries_from(&self, filter: &Filter, offset: usize) -> io::Result<(Vec<Located>, usize)> {
        let data = match self.segment.load() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), offset)),
            loaded => loaded?.data,
        };
        // Of a segment that was empty when it was listed.
        let header = Header::parse(&data);
        let begin = if header.is_some() { HEADER } else { 0 };
        let header = header.unwrap_or_default();
        let mut end = offset.max(begin).min(data.len());
        let mut entries = Vec::new();
        for found in Scan::from(&data, header.clone(), end) {
            match found {
                Found::Entry(range, entry) => {
                    end = range.end;
                    if filter.admits(&header, &entry) {
                        entries.push(Located { header: header.clone(), offset: range.start, entry });
                    }
                }
                // At the end it may be a record that is being written.
                Found::Damage(range) if range.end < data.len() => end = range.end,
                Found::Damage(_) => {}
            }
        }
        Ok((entries, end))
    }
}
