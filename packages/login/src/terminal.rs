// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text for the person at the terminal.

use std::io::{self, Write};
use std::path::Path;

/// A line for the person at the terminal. That it may be gone is seen by who reads from it next.
pub fn tell(text: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Text of a file for the person at the terminal.
pub fn show(path: &Path) {
    if let Ok(text) = std::fs::read(path) {
        let _ = io::stdout().write_all(&text);
        let _ = io::stdout().flush();
    }
}
