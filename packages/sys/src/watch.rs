// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes of files: inotify(7).

use rustix::fs::inotify;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// A set of paths whose changes are told.
pub struct Watcher {
    descriptor: OwnedFd,
}

impl Watcher {
    /// Watches nothing.
    ///
    /// # Errors
    /// As in inotify_init1(2).
    pub fn new() -> io::Result<Self> {
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        Ok(Watcher { descriptor: inotify::init(flags)? })
    }

    /// Watches `path` too. `writes`: also each write, and not only the end of one.
    ///
    /// # Errors
    /// As in inotify_add_watch(2).
    pub fn add(&self, path: &Path, writes: bool) -> io::Result<()> {
        use inotify::WatchFlags;
        let mut flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVE
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ATTRIB
            | WatchFlags::MOVE_SELF
            | WatchFlags::DELETE_SELF;
        if writes {
            flags |= WatchFlags::MODIFY;
        }
        inotify::add_watch(&self.descriptor, path, flags)?;
        Ok(())
    }

    /// Watches for the end of writing to `path`, as a change of a device's contents; gives the number of the watch.
    ///
    /// # Errors
    /// As in inotify_add_watch(2).
    pub fn add_end_of_write(&self, path: &Path) -> io::Result<i32> {
        Ok(inotify::add_watch(&self.descriptor, path, inotify::WatchFlags::CLOSE_WRITE)?)
    }

    /// Ends a watch by its number.
    ///
    /// # Errors
    /// As in inotify_rm_watch(2): EINVAL when there is none of that number.
    pub fn remove(&self, watch: i32) -> io::Result<()> {
        Ok(inotify::remove_watch(&self.descriptor, watch)?)
    }

    /// Takes the changes that are there: the numbers of the watches that had any, each once.
    pub fn take(&self) -> Vec<i32> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.descriptor, &mut buffer);
        let mut changed = Vec::new();
        while let Ok(event) = reader.next() {
            // The kernel says by IGNORED that a watch has ended.
            if !event.events().contains(inotify::ReadFlags::IGNORED) && !changed.contains(&event.wd()) {
                changed.push(event.wd());
            }
        }
        changed
    }

    /// Forgets the changes that are there.
    pub fn drain(&self) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.descriptor, &mut buffer);
        while reader.next().is_ok() {}
    }
}

impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_new_file() {
        let directory = std::env::temp_dir().join(format!("qos-sys-watch-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let watcher = Watcher::new().unwrap();
        watcher.add(&directory, false).unwrap();
        let changed = || crate::poll::readable([watcher.as_fd()], Some(Duration::ZERO)).unwrap()[0];
        assert!(!changed());
        std::fs::write(directory.join("a"), "x").unwrap();
        assert!(changed());
        watcher.drain();
        assert!(!changed());
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn the_end_of_writing() {
        let path = std::env::temp_dir().join(format!("qos-sys-watch-end-{}", std::process::id()));
        std::fs::write(&path, "x").unwrap();
        let watcher = Watcher::new().unwrap();
        let watch = watcher.add_end_of_write(&path).unwrap();
        std::fs::read(&path).unwrap();
        assert!(watcher.take().is_empty());
        std::fs::write(&path, "y").unwrap();
        std::fs::write(&path, "z").unwrap();
        assert_eq!(watcher.take(), [watch]);
        watcher.remove(watch).unwrap();
        std::fs::write(&path, "y").unwrap();
        assert!(watcher.take().is_empty());
        std::fs::remove_file(&path).unwrap();
    }
}
