// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of the log: segments in a directory, the last of which is written to.

mod segment;

pub use segment::{Loaded, Segment, compress, head, list, usage, vacuum};

use crate::codec::{self, Header, RECORD_MAX};
use crate::entry::Entry;
use qos_sys::error_text;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all segments together.
    pub total: u64,
    /// Bytes of a segment, before it is compressed.
    pub segment: u64,
}

impl Limits {
    /// The smallest total.
    const LEAST: u64 = 256 << 10;

    /// Limits for `total` bytes: there are eight segments at least.
    #[must_use]
    pub fn of(total: u64) -> Self {
        let total = total.max(Self::LEAST);
        Limits { total, segment: (total / 8).min(4 << 20) }
    }

    /// What the file system of `directory` allows: a tenth of it, at most 64 MiB.
    #[must_use]
    pub fn by_space(directory: &Path) -> Self {
        let size = qos_sys::space::total(directory).unwrap_or(64 << 20);
        Self::of((size / 10).min(64 << 20))
    }
}

/// Who writes, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// This boot.
    pub boot: u128,
    /// This host.
    pub host: String,
}

/// The segment that is written to.
struct Active {
    file: File,
    header: Header,
    /// Bytes that are surely whole.
    length: u64,
}

/// The log, for the one process that writes it.
pub struct Store {
    directory: PathBuf,
    limits: Limits,
    origin: Origin,
    active: Option<Active>,
    next_number: u64,
    /// Records that are not written yet, and their number.
    pending: Vec<u8>,
    pending_count: u64,
    /// Written since the last fdatasync(2).
    unsynced: bool,
    /// Entries that could not be written, and why.
    lost: Option<(u64, String)>,
    _lock: File,
}

/// Records that are collected before they are written.
const BATCH: usize = 256 << 10;

impl Store {
    /// Opens the log in `directory`, which is made if need be. What a crash left is put in order: a torn record at the end is cut, and
    /// segments that are complete are compressed.
    ///
    /// # Errors
    /// When the directory cannot be written to, or another process writes the log.
    pub fn open(directory: &Path, limits: Limits, origin: Origin) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o750).create(directory)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640)
            .open(directory.join("lock"))?;
        qos_sys::lock::exclusive(&lock, Duration::from_secs(1)).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => io::Error::new(error.kind(), "another logd writes this log"),
            _ => error,
        })?;
        segment::clean(directory)?;
        let segments = list(directory)?;
        let next_number = segments.last().map_or(1, |last| last.number + 1);
        let mut store = Store {
            directory: directory.to_owned(),
            limits,
            origin,
            active: None,
            next_number,
            pending: Vec::new(),
            pending_count: 0,
            unsynced: false,
            lost: None,
            _lock: lock,
        };
        for segment in segments.iter().filter(|segment| !segment.compressed) {
            if segment.number + 1 == next_number && store.resume(segment)? {
                continue;
            }
            // Without space it stays as it is.
            let _ = compress(segment);
        }
        vacuum(directory, store.closed_limit())?;
        Ok(store)
    }

    /// Continues the last segment, if it is of this boot.
    fn resume(&mut self, segment: &Segment) -> io::Result<bool> {
        let data = segment.load()?.data;
        let end = codec::end_of_records(&data) as u64;
        let Some(header) = Header::parse(&data) else {
            // Its beginning is torn: there is nothing in it, unless a byte was changed later.
            if data.len() < codec::HEADER {
                fs::remove_file(&segment.path)?;
                return Ok(true);
            }
            return Ok(false);
        };
        let file = OpenOptions::new().append(true).open(&segment.path)?;
        if end < data.len() as u64 {
            file.set_len(end)?;
        }
        let goes_on = header.boot == self.origin.boot && end < self.limits.segment;
        if goes_on {
            self.active = Some(Active { file, header, length: end });
        }
        Ok(goes_on)
    }

    /// Bytes that complete segments may have: beside them there are the active one, and one that is being compressed.
    fn closed_limit(&self) -> u64 {
        self.limits.total.saturating_sub(2 * self.limits.segment)
    }

    /// Adds an entry. It is on its way to the file after [`Store::flush`].
    pub fn append(&mut self, mut entry: Entry) {
        entry.bound();
        let is_urgent = entry.level() <= 2;
        self.report_loss(&entry);
        self.encode(&entry);
        if self.pending.len() >= BATCH || is_urgent {
            self.flush();
        }
        if is_urgent {
            self.sync();
        }
    }

    fn encode(&mut self, entry: &Entry) {
        let room = self.limits.segment.saturating_sub(self.pending.len() as u64);
        if self.active.as_ref().is_some_and(|active| active.length >= room) {
            self.flush();
            self.close();
        }
        if self.active.is_none()
            && let Err(error) = self.begin(entry)
        {
            self.lose(1, &error);
            return;
        }
        if let Some(active) = &self.active {
            active.header.encode_entry(entry, &mut self.pending);
            self.pending_count += 1;
        }
    }

    /// Begins a segment whose times count from those of `entry`.
    fn begin(&mut self, entry: &Entry) -> io::Result<()> {
        let header = Header {
            boot: self.origin.boot,
            realtime: entry.realtime,
            monotonic: entry.monotonic,
            number: self.next_number,
            host: self.origin.host.clone(),
        };
        let path = self.directory.join(segment::name(header.number));
        let mut file = OpenOptions::new().append(true).create(true).mode(0o640).open(&path)?;
        let bytes = header.encode();
        if let Err(error) = file.write_all(&bytes) {
            let _ = fs::remove_file(&path);
            if vacuum_one(&self.directory) {
                return self.begin(entry);
            }
            return Err(error);
        }
        self.next_number += 1;
        self.active = Some(Active { file, header, length: bytes.len() as u64 });
        Ok(())
    }

    /// Writes what is collected.
    pub fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let count = std::mem::take(&mut self.pending_count);
        let Some(active) = self.active.as_mut().filter(|_| count > 0) else { return };
        loop {
            match active.file.write_all(&pending) {
                Ok(()) => {
                    active.length += pending.len() as u64;
                    self.unsynced = true;
                    break;
                }
                Err(error) => {
                    // A part of a record must not stay: the next one would stand behind it.
                    let cut = active.file.set_len(active.length);
                    if error.kind() == io::ErrorKind::FileTooLarge || cut.is_err() {
                        self.move_on(&pending, count, &error);
                        break;
                    }
                    if !vacuum_one(&self.directory) {
                        self.lose(count, &error);
                        break;
                    }
                }
            }
        }
        // Its memory is used again.
        self.pending = pending;
        self.pending.clear();
        self.pending.shrink_to(BATCH + RECORD_MAX);
    }

    /// Writes records to another segment, one by one: this file cannot grow any more.
    fn move_on(&mut self, records: &[u8], count: u64, error: &io::Error) {
        let Some(active) = &self.active else { return };
        let (header, is_empty) = (active.header.clone(), active.length <= codec::HEADER as u64);
        if !is_empty {
            self.close();
        } else if count == 1 {
            // The next one would not take it either.
            self.close();
            self.lose(count, error);
            return;
        }
        for found in codec::Scan::from(records, header, 0) {
            if let codec::Found::Entry(_, entry) = found {
                self.encode(&entry);
                self.flush();
            }
        }
    }

    fn lose(&mut self, count: u64, error: &io::Error) {
        let (lost, reason) = self.lost.get_or_insert((0, String::new()));
        *lost += count;
        *reason = error_text(error);
    }

    /// Before an entry that follows lost ones there is one that counts them.
    fn report_loss(&mut self, next: &Entry) {
        let Some((count, reason)) = self.lost.take() else { return };
        let place = self.directory.display();
        let mut report = Entry::own(
            3,
            &format!("{count} messages could not be written to {place} and are lost: {reason}"),
        );
        (report.realtime, report.monotonic) = (next.realtime, next.monotonic);
        self.encode(&report);
        self.flush();
        // It was lost too: both are counted again.
        if let Some((again, _)) = &mut self.lost {
            *again = count;
        }
    }

    /// Ends the active segment: compresses it, and removes the oldest ones.
    fn close(&mut self) {
        let Some(active) = self.active.take() else { return };
        let _ = active.file.sync_data();
        self.unsynced = false;
        let number = active.header.number;
        let path = self.directory.join(segment::name(number));
        // Without space for that it stays as it is.
        let _ = compress(&Segment { number, path, compressed: false });
        let _ = vacuum(&self.directory, self.closed_limit());
    }

    /// Ends the active segment, so that the next entry begins another.
    pub fn rotate(&mut self) {
        self.flush();
        self.close();
    }

    /// Whether something is written and not yet surely on the disk.
    #[must_use]
    pub fn is_unsynced(&self) -> bool {
        self.unsynced
    }

    /// Writes what is collected, and waits until the disk has it.
    pub fn sync(&mut self) {
        self.flush();
        if let Some(active) = &self.active {
            let _ = active.file.sync_data();
        }
        self.unsynced = false;
    }

    /// How many entries could not be written since that was last told in the log, and why.
    #[must_use]
    pub fn lost(&self) -> Option<&(u64, String)> {
        self.lost.as_ref()
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The number of the last kernel message of this boot that the log has.
    #[must_use]
    pub fn last_kernel_message(&self) -> Option<u64> {
        let segments = list(&self.directory).ok()?;
        for segment in segments.iter().rev() {
            let data = segment.load().ok()?.data;
            if Header::parse(&data).is_some_and(|header| header.boot != self.origin.boot) {
                return None;
            }
            let numbers = codec::Scan::new(&data).filter_map(|found| match found {
                codec::Found::Entry(_, entry) => entry.text("_KMSG_SEQ")?.parse().ok(),
                codec::Found::Damage(_) => None,
            });
            if let Some(last) = numbers.max() {
                return Some(last);
            }
        }
        None
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.sync();
    }
}

/// Removes the oldest complete segment; `false` if there is none.
fn vacuum_one(directory: &Path) -> bool {
    let segments = list(directory).unwrap_or_default();
    // The last one may be active.
    segments.len() > 1 && fs::remove_file(&segments[0].path).is_ok()
}

#[cfg(test)]
mod tests;
