// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device of the console.

use std::fs;
use std::path::{Path, PathBuf};

/// The terminal behind /dev/console: a session can have it as its own, and programs can name it.
#[must_use]
pub fn device() -> PathBuf {
    let fallback = PathBuf::from("/dev/console");
    let Ok(active) = fs::read_to_string("/sys/class/tty/console/active") else { return fallback };
    // The last one is /dev/console. Its tty0 is whichever screen is shown, which no session can own.
    match active.split_whitespace().last() {
        Some("tty0") => "/dev/tty1".into(),
        Some(name) if Path::new("/dev").join(name).exists() => Path::new("/dev").join(name),
        _ => fallback,
    }
}
