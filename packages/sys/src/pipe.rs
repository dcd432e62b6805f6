// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pipes: pipe2(2).

use crate::error::check;
use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

/// Makes a pipe: the end to read from, and the end to write to. Programs that are started do not inherit them.
///
/// # Errors
/// When there are too many open files (EMFILE, ENFILE).
pub fn new() -> io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` is a place for two descriptors that outlives the call.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    // SAFETY: the call has succeeded: both are open descriptors, and nobody else's.
    let [read, write] = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
    Ok((read.into(), write.into()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    #[test]
    fn what_goes_in_comes_out() {
        let (mut read, mut write) = super::new().unwrap();
        write.write_all(b"text").unwrap();
        drop(write);
        let mut text = String::new();
        read.read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }
}
