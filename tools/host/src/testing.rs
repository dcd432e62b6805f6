// SPDX-License-Identifier: MIT OR Apache-2.0
//! Helpers of unit tests.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A temporary directory, which is removed with it.
pub struct Folder(TempDir);

impl Folder {
    /// An empty one.
    pub fn temporary() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in it; empty for the directory itself.
    pub fn path(&self, below: &str) -> PathBuf {
        if below.is_empty() { self.0.path().to_owned() } else { self.0.path().join(below) }
    }

    /// Writes a file, with the directories that it is in.
    pub fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file.
    pub fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// What is directly in it, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}
