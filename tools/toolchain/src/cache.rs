// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cache directory, `$XDG_CACHE_HOME/qos` (else `~/.cache/qos`): downloaded packages in `debs/`, indexes in
//! `lists/`, unfinished trees in `work/`. All of it can be removed at any time.

use crate::error::{Error, Result};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// The cache, locked: one process at a time works in it.
pub struct Cache {
    root: PathBuf,
    _lock: Flock<File>,
}

/// A directory below `work/`, removed when this is dropped.
pub struct WorkFolder(PathBuf);

/// The cache's place by the environment.
///
/// # Errors
///
/// Neither `XDG_CACHE_HOME` nor `HOME` is set.
pub fn default_root() -> Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    from("XDG_CACHE_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("qos"))
        .ok_or_else(|| {
            Error::new(
                "neither HOME nor XDG_CACHE_HOME is set; set XDG_CACHE_HOME to a directory for downloads",
            )
        })
}

impl Cache {
    /// Opens the cache at `root`, and removes what an interrupted process left in `work/`. If another process has it,
    /// `waiting` is called once before the wait.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or written.
    pub fn open(root: &Path, waiting: impl FnOnce()) -> Result<Cache> {
        for folder in ["debs", "lists", "work"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder)
                .map_err(|error| Error::io("create the directory", &folder, &error))?;
        }
        let path = root.join("lock");
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(|error| Error::io("write", &path, &error))?;
        let lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((file, _)) => {
                waiting();
                Flock::lock(file, FlockArg::LockExclusive)
                    .map_err(|(_, error)| Error::io("lock", &path, &error.into()))?
            }
        };
        let cache = Cache { root: root.to_owned(), _lock: lock };
        for stale in fs::read_dir(cache.root.join("work")).into_iter().flatten().flatten() {
            drop(WorkFolder(stale.path()));
        }
        Ok(cache)
    }

    /// The path of a package file.
    pub fn deb(&self, file_name: &str) -> PathBuf {
        self.root.join("debs").join(file_name)
    }

    /// The path of an index with this sum.
    pub fn list(&self, name: &str) -> PathBuf {
        self.root.join("lists").join(name)
    }

    /// A work directory of that name; it does not exist yet.
    pub fn work(&self, name: &str) -> WorkFolder {
        WorkFolder(self.root.join("work").join(name))
    }
}

impl WorkFolder {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // What cannot be removed now is tried again at the next start.
        let _ = fs::remove_dir_all(&self.0);
    }
}
