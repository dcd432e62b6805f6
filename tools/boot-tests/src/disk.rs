// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk image that a test makes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A disk in a temporary file, which is removed with it.
#[derive(Debug)]
pub struct DiskImage {
    file: PathBuf,
}

impl DiskImage {
    /// A disk of `mib` MiB that starts with `contents`; the rest is zeros.
    ///
    /// # Panics
    /// When the temporary directory cannot be written.
    #[must_use]
    #[track_caller]
    pub fn new(mib: u64, contents: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("qos-boot-{}-{}.img", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let made = Self { file: std::env::temp_dir().join(name) };
        let write = || -> io::Result<()> {
            let mut file = File::create(&made.file)?;
            file.set_len(mib << 20)?;
            file.write_all(contents)
        };
        write().unwrap_or_else(|error| panic!("cannot make the disk {}: {error}", made.file.display()));
        made
    }

    /// A copy of the disk `file`, which the guest can write.
    ///
    /// # Panics
    /// When it cannot be read, or the temporary directory cannot be written.
    #[must_use]
    #[track_caller]
    pub fn copy_of(file: &Path) -> Self {
        let made = Self::new(0, &[]);
        let copy = || -> io::Result<u64> { io::copy(&mut File::open(file)?, &mut File::create(&made.file)?) };
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
        fs::read(&self.file).unwrap_or_else(|error| panic!("cannot read {}: {error}", self.file.display()))
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }
}

impl Drop for DiskImage {
    fn drop(&mut self) {
        // What is left in the temporary directory does no harm.
        let _ = fs::remove_file(&self.file);
    }
}
