// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parsers of files and command lines, for tools/fuzz.

use crate::kexec::unified::parts;
use qos_sys::mount_options::Options;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Reads options of mount(8). What is left for the file system is its own: read again, it stays.
///
/// # Panics
/// When a property does not hold.
pub fn mount_options(text: &[u8]) {
    let mut options = Options::default();
    options.add(OsStr::from_bytes(text));
    let mut again = Options::default();
    again.add(OsStr::from_bytes(&options.data));
    assert_eq!(again, Options { data: options.data, ..Options::default() });
}

/// Reverts the text of a dump; then dumps it as bytes: these come back.
///
/// # Panics
/// When a property does not hold.
pub fn xxd(data: &[u8]) {
    crate::xxd::fuzz(data);
}

/// Reads the headers of a unified kernel image. What is found in the first half of them is found in all of them.
///
/// # Panics
/// When a property does not hold.
pub fn unified(head: &[u8]) {
    let all = parts(head);
    let half = parts(&head[..head.len() / 2]);
    assert!(half.is_none() || half == all, "{half:?} {all:?}");
}
