// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes of this process's table of mounts.

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

const TABLE: &str = "/proc/self/mountinfo";

/// Readable after a change of the table of mounts (proc_pid_mountinfo(5)).
pub struct MountWatch {
    /// The table itself is readable at all times; its changes are exceptional conditions, which this one makes of them.
    changes: OwnedFd,
    _table: File,
}

impl MountWatch {
    /// Watches from now on.
    ///
    /// # Errors
    /// As in open(2) of the table, epoll_create1(2) and epoll_ctl(2).
    pub fn new() -> io::Result<Self> {
        let table = File::open(TABLE)?;
        let changes = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&changes, &table, EventData::new_u64(0), EventFlags::PRI)?;
        let watch = MountWatch { changes, _table: table };
        // The first look is at what was before.
        watch.drain();
        Ok(watch)
    }

    /// Takes the news, so that it is no longer readable.
    pub fn drain(&self) {
        let mut events = [const { std::mem::MaybeUninit::uninit() }; 1];
        // The news may have been taken by poll(2) already.
        let _ =
            epoll::wait(&self.changes, &mut events, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 }));
    }
}

impl AsFd for MountWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.changes.as_fd()
    }
}

/// The mount points of this process.
///
/// # Errors
/// As in open(2) and read(2).
pub fn mount_points() -> io::Result<Vec<PathBuf>> {
    Ok(crate::mounts::mountinfo(&std::fs::read(TABLE)?).into_iter().map(|mount| mount.target).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_root_is_mounted_and_nothing_changes() {
        assert!(mount_points().unwrap().contains(&"/".into()));
        let watch = MountWatch::new().unwrap();
        assert_eq!(crate::poll::readable([watch.as_fd()], Some(Duration::ZERO)).unwrap(), [false]);
    }
}
