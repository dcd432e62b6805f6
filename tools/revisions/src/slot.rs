// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories that one process has for itself, so that several can work in one repository at the same time.

use qos_host::root;
use qos_host::ui::Result;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// Processes that work at the same time.
const MOST: usize = 64;

/// A directory that no other process uses.
///
/// It is `NAME-1`, or the first `NAME-NUMBER` that is free. The lock on the file `NAME-NUMBER.lock` says which are free: the kernel releases
/// it when the process ends, however that happens.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    number: usize,
    /// Open as long as the directory is used.
    _lock: File,
}

impl Slot {
    /// A directory `NAME-NUMBER` in `target/qos/PARENT`.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn in_scratch(parent: &str, name: &str) -> Result<Self> {
        let scratch = root::scratch(root::root());
        Self::new(&scratch.join(parent), name, &scratch.join("locks").join(parent))
    }

    /// A directory `NAME-NUMBER` in `parent`, whose lock is in `locks`. What an interrupted process left in the directory is there for the
    /// caller to remove; the directory may not exist.
    ///
    /// # Errors
    ///
    /// A directory cannot be made, the file system has no locks, or too many processes use one.
    pub fn new(parent: &Path, name: &str, locks: &Path) -> Result<Self> {
        for folder in [parent, locks] {
            fs::create_dir_all(folder)
                .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        }
        for number in 1..=MOST {
            let path = locks.join(format!("{name}-{number}.lock"));
            let cannot = |error| format!("cannot lock {}: {error}", path.display());
            let file =
                File::options().write(true).create(true).truncate(false).open(&path).map_err(cannot)?;
            match file.try_lock() {
                Ok(()) => {
                    return Ok(Slot { path: parent.join(format!("{name}-{number}")), number, _lock: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(cannot(error).into()),
            }
        }
        Err(format!("{MOST} other processes use {}/{name}-*; wait until one ends", parent.display()).into())
    }

    /// The number in its name; 1 unless another process has that one.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;

    #[test]
    fn everybody_has_another_directory_until_it_is_free() {
        let folder = Folder::temporary();
        let slot = |name| Slot::new(&folder.path("a/b"), name, &folder.path("locks"));
        let name = |slot: &Slot| slot.path().strip_prefix(folder.path("a/b")).unwrap().to_owned();
        let one = slot("run").unwrap();
        let two = slot("run").unwrap();
        let other = slot("tree").unwrap();
        assert_eq!([name(&one), name(&two), name(&other)], ["run-1", "run-2", "tree-1"].map(PathBuf::from));
        drop(one);
        let [again, three] = [slot("run").unwrap(), slot("run").unwrap()];
        assert_eq!([name(&again), name(&three)], ["run-1", "run-3"].map(PathBuf::from));
    }

    #[test]
    fn too_many_and_directories_that_cannot_be_made_are_errors() {
        let folder = Folder::temporary();
        let slot = || Slot::new(&folder.path("a"), "run", &folder.path("locks"));
        let all: Vec<Slot> = (0..MOST).map(|_| slot().unwrap()).collect();
        let error = slot().unwrap_err().to_string();
        assert!(error.starts_with("64 other processes use "), "{error}");
        drop(all);
        slot().unwrap();
        folder.write("file", "");
        let error = Slot::new(&folder.path("file/x"), "run", &folder.path("locks")).unwrap_err().to_string();
        assert!(error.starts_with("cannot create ") && error.contains("file/x"), "{error}");
    }
}
