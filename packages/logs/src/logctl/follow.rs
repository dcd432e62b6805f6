// SPDX-License-Identifier: MIT OR Apache-2.0
//! Waits for entries that are added.

use super::filter::Filter;
use super::journal::{Headed, Located};
use crate::store;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

/// How far each directory is read: number of the segment, and offset in it.
pub struct Follower {
    directories: Vec<PathBuf>,
    watcher: qos_sys::watch::Watcher,
    read: BTreeMap<PathBuf, (u64, usize)>,
}

/// How long a directory that does not exist yet is waited for before it is looked for again.
const PAUSE: Duration = Duration::from_secs(1);

impl Follower {
    /// Begins at the present end of the log.
    pub fn new(directories: &[PathBuf]) -> io::Result<Self> {
        let watcher = qos_sys::watch::Watcher::new()?;
        let mut follower = Follower { directories: directories.to_vec(), watcher, read: BTreeMap::new() };
        follower.watch();
        // What is there is read, and shown by who called.
        follower.next(&Filter::default())?;
        Ok(follower)
    }

    /// Whether all directories are watched.
    fn watch(&mut self) -> bool {
        let mut all = true;
        for directory in &self.directories {
            all &= self.watcher.add(directory, true).is_ok();
        }
        all
    }

    /// Waits until the log may have changed.
    pub fn wait(&mut self) -> io::Result<()> {
        let limit = if self.watch() { None } else { Some(PAUSE) };
        qos_sys::poll::readable([self.watcher.as_fd()], limit)?;
        self.watcher.drain();
        Ok(())
    }

    /// The entries that were added and that the filter admits.
    pub fn next(&mut self, filter: &Filter) -> io::Result<Vec<Located>> {
        let mut all = Vec::new();
        for directory in &self.directories {
            let segments = match store::list(directory) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                listed => listed?,
            };
            let read = self.read.entry(directory.clone()).or_default();
            // A log that was removed and begins anew has lower numbers.
            if segments.last().is_some_and(|last| last.number < read.0) {
                *read = (0, 0);
            }
            let first = read.0;
            for segment in segments.into_iter().filter(|segment| segment.number >= first) {
                let number = segment.number;
                let offset = if number == read.0 { read.1 } else { 0 };
                // Nothing is added to a compressed segment that was read before it was complete, but the rest has to be read.
                let headed = Headed { segment, header: Default::default() };
                let (entries, end) = headed.entries_from(filter, offset)?;
                all.extend(entries);
                *read = (number, end);
            }
        }
        Ok(all)
    }
}
