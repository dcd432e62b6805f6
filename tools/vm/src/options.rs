// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's options, as words of its command line. Pure.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// QEMU's arguments while they are put together.
#[derive(Default)]
pub struct Arguments {
    /// The words so far.
    pub list: Vec<OsString>,
}

impl Arguments {
    /// An option without a value.
    pub fn flag(&mut self, flag: &str) {
        self.list.push(flag.into());
    }

    /// An option with its value.
    pub fn option(&mut self, name: &str, value: impl Into<OsString>) {
        self.list.extend([name.into(), value.into()]);
    }

    /// An option whose value is a path.
    pub fn path(&mut self, name: &str, path: &OsStr) {
        self.option(name, path);
    }
}

/// In QEMU's `key=value,…` options a comma inside of a value is written twice.
pub fn escape_commas(value: &OsStr) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(value.len());
    for &byte in value.as_bytes() {
        escaped.push(byte);
        if byte == b',' {
            escaped.push(byte);
        }
    }
    escaped
}
