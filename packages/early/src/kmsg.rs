// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines in the kernel's log (`/dev/kmsg`); before that is there, on standard error. They begin with `early: `.
//!
//! Levels are those of syslog(2). `quiet` on the kernel's command line keeps the levels from 4 on away from the console.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

const KMSG: &str = "/dev/kmsg";
const PREFIX: &str = "early: ";
/// The kernel takes records of 1024 bytes (`Documentation/ABI/testing/dev-kmsg`).
const LONGEST: usize = 900;

/// The log as it was opened first: at the end `/dev` is in another root.
static FIRST: OnceLock<File> = OnceLock::new();
static DEBUG: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Copy)]
enum Level {
    Critical = 2,
    Warning = 4,
    Info = 6,
}

/// It does not go on without a person: on the console with `quiet loglevel=3` too.
pub fn critical(text: &str) {
    write(Level::Critical, text);
}

/// A warning: something differs from the request.
pub fn warn(text: &str) {
    write(Level::Warning, text);
}

/// Progress.
pub fn info(text: &str) {
    write(Level::Info, text);
}

/// A step, with `rd.debug` only.
pub fn debug(text: impl FnOnce() -> String) {
    if DEBUG.load(Ordering::Relaxed) {
        write(Level::Info, &text());
    }
}

/// Turns [`debug`] on.
pub fn enable_debug() {
    DEBUG.store(true, Ordering::Relaxed);
}

fn write(level: Level, text: &str) {
    let record = record(level, text);
    if write_to_log(record.as_bytes()).is_err() {
        // Only the console is left; without it the message cannot be shown.
        let _ = io::stderr().write_all(record.as_bytes());
    }
}

/// Writes a record to the log, opened anew: of one opener the kernel takes 10 records in 5 seconds and drops the rest
/// (`devkmsg_write()` in `kernel/printk/printk.c`).
fn write_to_log(record: &[u8]) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(KMSG) {
        Ok(file) => file,
        Err(error) => return FIRST.get().map_or(Err(error), |mut file| file.write_all(record)),
    };
    file.write_all(record)?;
    let _ = FIRST.set(file);
    Ok(())
}

/// One record: `<6>early: TEXT`. Control characters become `?`, so that it stays one line.
fn record(level: Level, text: &str) -> String {
    let mut record = format!("<{}>{PREFIX}", level as u8);
    for char in text.chars() {
        let char = if char.is_control() { '?' } else { char };
        if record.len() + char.len_utf8() > LONGEST {
            break;
        }
        record.push(char);
    }
    record.push('\n');
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        assert_eq!(record(Level::Info, "a b"), "<6>early: a b\n");
        assert_eq!(record(Level::Critical, "a\nb\u{1b}"), "<2>early: a?b?\n");
        let long = record(Level::Info, &"\u{e9}".repeat(2000));
        assert!(long.len() <= LONGEST + 1 && long.ends_with("\u{e9}\n"));
    }
}
