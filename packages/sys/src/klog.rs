// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's log: syslog(2).

use crate::error::check;
use std::io;

const READ_ALL: libc::c_int = 3;
const READ_CLEAR: libc::c_int = 4;
const CLEAR: libc::c_int = 5;
const CONSOLE_OFF: libc::c_int = 6;
const CONSOLE_ON: libc::c_int = 7;
const CONSOLE_LEVEL: libc::c_int = 8;
const SIZE_BUFFER: libc::c_int = 10;

fn klogctl(action: libc::c_int, buffer: &mut [u8], argument: libc::c_int) -> io::Result<usize> {
    // The actions that fill a buffer take its length as their argument.
    let argument = if buffer.is_empty() {
        argument
    } else {
        libc::c_int::try_from(buffer.len()).map_err(|_| io::ErrorKind::InvalidInput)?
    };
    // SAFETY: the pointer and the length are those of one slice, which outlives the call.
    let returned = check(unsafe { libc::klogctl(action, buffer.as_mut_ptr().cast(), argument) })?;
    usize::try_from(returned).map_err(io::Error::other)
}

/// The whole log, records as `<LEVEL>[TIME] TEXT` lines; with `clear`, later calls do not see these any more.
///
/// # Errors
/// Without the right to read it (EPERM).
pub fn read(clear: bool) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; klogctl(SIZE_BUFFER, &mut [], 0)?.max(1)];
    let length = klogctl(if clear { READ_CLEAR } else { READ_ALL }, &mut buffer, 0)?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Opens /dev/kmsg, which gives one record with each read, from the oldest one on, without waiting for the next.
///
/// # Errors
/// Without the right to read it (EPERM).
pub fn open(path: &std::path::Path) -> io::Result<std::fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Hides the present contents of the log from later reads.
///
/// # Errors
/// Without the right to do so (EPERM).
pub fn clear() -> io::Result<()> {
    klogctl(CLEAR, &mut [], 0).map(drop)
}

/// Turns the kernel's messages on the console off or on.
///
/// # Errors
/// Without the right to do so (EPERM).
pub fn console(on: bool) -> io::Result<()> {
    klogctl(if on { CONSOLE_ON } else { CONSOLE_OFF }, &mut [], 0).map(drop)
}

/// Shows on the console what has a lower number than `level`, 1 to 8.
///
/// # Errors
/// With another level (EINVAL), or without the right to do so (EPERM).
pub fn console_level(level: u8) -> io::Result<()> {
    klogctl(CONSOLE_LEVEL, &mut [], level.into()).map(drop)
}
