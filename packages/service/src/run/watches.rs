// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of path units.

use super::Runner;
use crate::event::Event;
use crate::saved::{Record, Saved, Time};
use qos_sys::watch::Watcher;
use qos_unit::{Name, PathKind, Specific, Watch};
use std::collections::BTreeMap;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The paths that are watched, by unit.
#[derive(Default)]
pub struct Watches {
    units: BTreeMap<Name, (Watcher, Vec<Option<SystemTime>>)>,
}

impl Watches {
    /// Descriptors, in the order in which [`Watches::ready`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.units.values().map(|(watcher, _)| watcher.as_fd())
    }

    /// Adds when the paths were modified last, as far as that is known: `-` where it is not.
    pub fn save(&self, saved: &mut Saved) {
        for (name, (_, before)) in &self.units {
            let times = before.iter().map(|time| {
                let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                since.map_or("-".to_owned(), |since| Time(since).to_string())
            });
            saved.push(Record::new("watch", name).set_list("before", times));
        }
    }

    /// The units of whose paths one changed.
    pub fn ready(&self, ready: &mut dyn FnMut() -> bool) -> Vec<Name> {
        let mut names = Vec::new();
        for (name, (watcher, _)) in &self.units {
            if ready() {
                watcher.drain();
                names.push(name.clone());
            }
        }
        names
    }
}

fn modified(watch: &Watch) -> Option<SystemTime> {
    fs::metadata(&watch.path).and_then(|found| found.modified()).ok()
}

impl Runner {
    fn watches_of(&self, name: &Name) -> Vec<Watch> {
        match self.manager.unit(name).map(|entry| &entry.unit.specific) {
            Some(Specific::Path(path)) => path.watches.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn watch(&mut self, name: &Name, on: bool) {
        self.watches.units.remove(name);
        if !on {
            return;
        }
        let watches = self.watches_of(name);
        let before = watches.iter().map(modified).collect();
        match self.watch_paths(&watches) {
            Ok(watcher) => drop(self.watches.units.insert(name.clone(), (watcher, before))),
            Err(error) => {
                self.log(
                    crate::event::Level::Error,
                    &format!("{name}: watch paths: {}", qos_sys::error_text(&error)),
                );
                return;
            }
        }
        // It may be so already.
        self.look_at_paths(name);
    }

    /// Watches the paths of `saved` again; what was modified in between is noticed.
    pub(super) fn restore_watches(&mut self, saved: &Saved) {
        for record in saved.of("watch") {
            let Ok(name) = Name::new(&record.name) else { continue };
            let before: Vec<_> = record
                .list::<String>("before")
                .iter()
                .map(|time| Some(UNIX_EPOCH + time.parse::<Time>().ok()?.0))
                .collect();
            let watches = self.watches_of(&name);
            // Where the unit's file has other paths now, they begin anew.
            if before.len() != watches.len() {
                self.watch(&name, true);
            } else if let Ok(watcher) = self.watch_paths(&watches) {
                self.watches.units.insert(name.clone(), (watcher, before));
                self.look_at_paths(&name);
            }
        }
    }

    fn watch_paths(&self, watches: &[Watch]) -> std::io::Result<Watcher> {
        let watcher = Watcher::new()?;
        for watch in watches {
            // The path itself, and the nearest directory above it that is there, where it could appear.
            let mut at = Some(Path::new(&watch.path));
            while let Some(path) = at {
                let writes = watch.kind == PathKind::Modified;
                if path.exists() {
                    watcher.add(path, writes)?;
                    if (path != Path::new(&watch.path) || !path.is_dir())
                        && let Some(parent) = path.parent()
                    {
                        watcher.add(parent, writes)?;
                    }
                    break;
                }
                at = path.parent();
            }
        }
        Ok(watcher)
    }

    /// Looks whether what a path unit waits for is so.
    pub(super) fn look_at_paths(&mut self, name: &Name) {
        let watches = self.watches_of(name);
        let Some((_, before)) = self.watches.units.get(name) else { return };
        let holds = watches.iter().zip(before).any(|(watch, before)| match watch.kind {
            PathKind::Exists => Path::new(&watch.path).exists(),
            PathKind::ExistsGlob => crate::conditions::glob(Path::new("/"), &watch.path),
            PathKind::DirectoryNotEmpty => {
                fs::read_dir(&watch.path).is_ok_and(|mut entries| entries.next().is_some())
            }
            PathKind::Changed | PathKind::Modified => modified(watch) != *before,
        });
        if !holds {
            // Directories may have appeared on the way to the path.
            if let Ok(watcher) = self.watch_paths(&watches)
                && let Some((old, _)) = self.watches.units.get_mut(name)
            {
                *old = watcher;
            }
        }
        self.manager.handle(super::now(), Event::PathChanged(name.clone(), holds));
    }
}
