// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of /proc and cgroups that the child writes. Nothing here allocates memory.

use crate::error::check;
use std::ffi::CStr;
use std::io;

/// Writes `bytes` to the file at `path`, which is there.
pub(super) fn write(path: &CStr, bytes: &[u8]) -> io::Result<()> {
    // SAFETY: a C string, and constants.
    let file = check(unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) })?;
    // SAFETY: the pointer and the length are those of one slice.
    let written = unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
    let result = if written < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: the descriptor was opened above.
    unsafe { libc::close(file) };
    result
}
