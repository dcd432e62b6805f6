// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes lines of a program to the kernel's log (`/dev/kmsg`), or to standard error before that exists.

use qos_protocol::mark::{Level, record};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

/// The kernel's log.
const KMSG: &str = "/dev/kmsg";

/// The kernel's log, as one program writes to it.
pub struct Log {
    prefix: &'static str,
    /// The log as it was opened first: /dev may be covered or removed later.
    first: OnceLock<File>,
}

impl Log {
    /// The log of a program whose lines begin with `prefix`.
    #[must_use]
    pub const fn new(prefix: &'static str) -> Self {
        Log { prefix, first: OnceLock::new() }
    }

    /// Progress.
    pub fn info(&self, text: &str) {
        self.write(Level::Info, text);
    }

    /// A warning: something differs from the request; the program continues.
    pub fn warn(&self, text: &str) {
        self.write(Level::Warning, text);
    }

    /// Something failed.
    pub fn error(&self, text: &str) {
        self.write(Level::Error, text);
    }

    /// The program cannot continue without a person.
    pub fn critical(&self, text: &str) {
        self.write(Level::Critical, text);
    }

    fn write(&self, level: Level, text: &str) {
        let record = record(level, self.prefix, text);
        if write_to(Path::new(KMSG), &self.first, record.as_bytes()).is_err() {
            // Only the console is left; without it the message cannot be shown.
            let _ = io::stderr().write_all(record.as_bytes());
        }
    }
}

/// Writes a record to the log at `path`, opened anew: of one opener the kernel takes 10 records in 5 seconds and drops
/// the rest without an error (`devkmsg_write()` in `kernel/printk/printk.c`; `printk.devkmsg` in
/// `Documentation/admin-guide/kernel-parameters.txt`).
fn write_to(path: &Path, first: &OnceLock<File>, record: &[u8]) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) => return first.get().map_or(Err(error), |mut file| file.write_all(record)),
    };
    file.write_all(record)?;
    // Kept from the first time on.
    let _ = first.set(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_record_has_an_opener_of_its_own() {
        let folder = std::env::temp_dir().join(format!("qos-kmsg-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (log, moved) = (folder.join("kmsg"), folder.join("moved"));
        let first = OnceLock::new();
        assert!(write_to(&log, &first, b"0\n").is_err());
        fs::write(&log, "").unwrap();
        write_to(&log, &first, b"1\n").unwrap();
        // A descriptor that is open already would lead to the file that was moved.
        fs::rename(&log, &moved).unwrap();
        fs::write(&log, "").unwrap();
        write_to(&log, &first, b"2\n").unwrap();
        assert_eq!((fs::read(&moved).unwrap(), fs::read(&log).unwrap()), (b"1\n".to_vec(), b"2\n".to_vec()));
        // Without the path, only the first descriptor is left.
        fs::remove_file(&log).unwrap();
        write_to(&log, &first, b"3\n").unwrap();
        assert_eq!(fs::read(&moved).unwrap(), b"1\n3\n");
        fs::remove_dir_all(&folder).unwrap();
    }
}
