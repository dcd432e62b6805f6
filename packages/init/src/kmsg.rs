// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks in the kernel's log (`/dev/kmsg`); before that is there, on standard error.

use qos_protocol::mark::{Level, record};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::OnceLock;

static KMSG: OnceLock<File> = OnceLock::new();

/// Progress.
pub fn info(text: &str) {
    write(Level::Info, text);
}

/// Something is not as asked; init goes on.
pub fn warn(text: &str) {
    write(Level::Warning, text);
}

/// Something failed.
pub fn error(text: &str) {
    write(Level::Error, text);
}

fn write(level: Level, text: &str) {
    let record = record(level, text);
    if KMSG.get().is_none() {
        if let Ok(file) = OpenOptions::new().write(true).open("/dev/kmsg") {
            // Set once: there is one thread.
            let _ = KMSG.set(file);
        }
    }
    let written = KMSG.get().is_some_and(|mut file| file.write_all(record.as_bytes()).is_ok());
    if !written {
        // The console is all that is left; without it there is nobody to tell.
        let _ = std::io::stderr().write_all(record.as_bytes());
    }
}
