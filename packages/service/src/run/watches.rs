// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of path units.

use super::Runner;
use super::directories::make_directory;
use crate::event::{Event, Level};
use crate::saved::{Record, Saved, Time};
use qos_sys::watch::Watcher;
use qos_unit::{Name, PathKind, Specific, Watch};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The paths that are watched, by unit.
#[derive(Default)]
pub struct Watches {
    units: BTreeMap<Name, Watched>,
}

/// The paths of a unit.
struct Watched {
    /// What is watched for the unit's conditions, and for paths that appear: the paths, and the nearest directories above them.
    around: Watcher,
    /// The paths of PathChanged= and PathModified= that are there. What `around` tells is of other files too.
    own: Watcher,
    /// When each path was modified last; `None` where it was not there.
    before: Vec<Option<SystemTime>>,
}

impl Watches {
    /// Descriptors, in the order in which [`Watches::ready`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.units.values().flat_map(|watched| [watched.around.as_fd(), watched.own.as_fd()])
    }

    /// Adds when the paths were modified last, as far as that is known: `-` where it is not.
    pub fn save(&self, saved: &mut Saved) {
        for (name, watched) in &self.units {
            let times = watched.before.iter().map(|time| {
                let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                since.map_or("-".to_owned(), |since| Time(since).to_string())
            });
            saved.push(Record::new("watch", name).set_list("before", times));
        }
    }

    /// The units of whose paths one changed.
    pub fn ready(&self, ready: &mut dyn FnMut() -> bool) -> Vec<Name> {
        let mut names = Vec::new();
        for (name, watched) in &self.units {
            let (around, own) = (ready(), ready());
            if around {
                watched.around.drain();
            }
            // `own` is taken when the unit's paths are looked at.
            if around || own {
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
        if let Some(Specific::Path(path)) = self.manager.unit(name).map(|entry| &entry.unit.specific)
            && path.make_directory
        {
            self.make_directories(name, &watches, path.directory_mode);
        }
        match watch_paths(&watches) {
            Ok(watched) => drop(self.watches.units.insert(name.clone(), watched)),
            Err(error) => {
                self.log(Level::Error, &format!("{name}: watch paths: {}", qos_sys::error_text(&error)));
                return;
            }
        }
        // It may be so already.
        self.look_at_paths(name);
    }

    /// MakeDirectory=: makes the directories that are to be watched.
    fn make_directories(&self, name: &Name, watches: &[Watch], mode: u32) {
        let wanted = watches
            .iter()
            .filter(|watch| !matches!(watch.kind, PathKind::Exists | PathKind::ExistsGlob))
            .map(|watch| Path::new(&watch.path));
        for path in wanted {
            if let Err(error) = make_directory(path, mode) {
                let text = format!("{name}: make {}: {}", path.display(), qos_sys::error_text(&error));
                self.log(Level::Warning, &text);
            }
        }
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
            } else if let Ok(watched) = watch_paths(&watches) {
                let is_other = |(watch, before): (&Watch, &Option<SystemTime>)| {
                    waits_for_change(watch) && modified(watch) != *before
                };
                let changed = watches.iter().zip(&before).any(is_other);
                self.watches.units.insert(name.clone(), Watched { before, ..watched });
                if changed {
                    self.manager.handle(super::now(), Event::PathChanged(name.clone(), true));
                } else {
                    self.look_at_paths(&name);
                }
            }
        }
    }

    /// Looks whether what a path unit waits for is so.
    pub(super) fn look_at_paths(&mut self, name: &Name) {
        let watches = self.watches_of(name);
        let Some(watched) = self.watches.units.get_mut(name) else { return };
        // Directories may have appeared on the way to a path. Watched before the look, so that nothing happens in between.
        let new = watch_paths(&watches);
        let mut holds = !watched.own.take().is_empty();
        for (watch, before) in watches.iter().zip(&watched.before) {
            holds |= match watch.kind {
                PathKind::Exists => Path::new(&watch.path).exists(),
                PathKind::ExistsGlob => crate::conditions::glob(Path::new("/"), &watch.path),
                PathKind::DirectoryNotEmpty => {
                    fs::read_dir(&watch.path).is_ok_and(|mut entries| entries.next().is_some())
                }
                // As with systemd: it appeared, or it is gone.
                PathKind::Changed | PathKind::Modified => before.is_some() != Path::new(&watch.path).exists(),
            };
        }
        // Watchers of paths that are there stay: events may wait in them.
        if let (false, Ok(new)) = (holds, new) {
            (watched.around, watched.before) = (new.around, new.before);
        }
        self.manager.handle(super::now(), Event::PathChanged(name.clone(), holds));
    }
}

fn waits_for_change(watch: &Watch) -> bool {
    matches!(watch.kind, PathKind::Changed | PathKind::Modified)
}

fn watch_paths(watches: &[Watch]) -> io::Result<Watched> {
    // Looked at first: what happens from here on has an event.
    let before = watches.iter().map(modified).collect();
    let (around, own) = (Watcher::new()?, Watcher::new()?);
    for watch in watches {
        let wanted = Path::new(&watch.path);
        nearest(wanted, &mut |path| {
            if path == wanted && waits_for_change(watch) {
                own.add(path, watch.kind == PathKind::Modified)?;
            } else {
                around.add(path, false)?;
            }
            match path.parent().filter(|_| path != wanted || !path.is_dir()) {
                Some(parent) => around.add(parent, false),
                None => Ok(()),
            }
        })?;
    }
    Ok(Watched { around, own, before })
}

/// Calls `add` with the path, or with the nearest directory above it that is there, where it could appear. A nearer one that appears
/// before `add` watches is never told of: it is looked for again until nothing has changed.
fn nearest(path: &Path, add: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut added = None;
    loop {
        let found = path.ancestors().find(|path| path.exists());
        let Some(at) = found.filter(|_| found != added) else { return Ok(()) };
        match add(at) {
            Ok(()) => added = found,
            // It is gone just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => added = None,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn directories_that_come_and_go_meanwhile() {
        let root = std::env::temp_dir().join(format!("qos-watches-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let (deep, file) = (root.join("deep/down"), root.join("deep/down/file"));
        let mut added: Vec<PathBuf> = Vec::new();
        // They come between the look and the watch; then the nearest is gone, once.
        nearest(&file, &mut |path| {
            added.push(path.to_owned());
            match added.len() {
                1 => fs::create_dir_all(&deep),
                2 => fs::remove_dir(&deep).and(Err(std::io::ErrorKind::NotFound.into())),
                _ => Ok(()),
            }
        })
        .unwrap();
        assert_eq!(added, [root.clone(), deep, root.join("deep")]);
        fs::remove_dir_all(&root).unwrap();
    }
}
