// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk image that a test makes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// A disk in a temporary file. The file is removed with the last of its clones, of which each boot has one.
#[derive(Clone, Debug)]
pub struct DiskImage {
    file: Arc<NamedTempFile>,
}

impl DiskImage {
    /// A disk of `mib` MiB that starts with `contents`; the rest is zeros.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    #[must_use]
    #[track_caller]
    pub fn new(mib: u64, contents: &[u8]) -> Self {
        let make = || -> io::Result<NamedTempFile> {
            let mut file = tempfile::Builder::new().prefix("qos-boot-").suffix(".img").tempfile()?;
            file.as_file().set_len(mib << 20)?;
            file.write_all(contents)?;
            Ok(file)
        };
        let file = make().unwrap_or_else(|error| panic!("cannot make a disk: {error}"));
        Self { file: Arc::new(file) }
    }

    /// A copy of the disk `file`, which the guest can write.
    ///
    /// # Panics
    /// When it cannot be read, or the temporary directory cannot be written.
    #[must_use]
    #[track_caller]
    pub fn copy_of(file: &Path) -> Self {
        let made = Self::new(0, &[]);
        let copy =
            || -> io::Result<u64> { io::copy(&mut File::open(file)?, &mut File::create(made.path())?) };
        copy().unwrap_or_else(|error| panic!("cannot copy the disk {}: {error}", file.display()));
        made
    }

    /// What is on it.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap_or_else(|error| panic!("cannot read {}: {error}", self.path().display()))
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}
