// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a manager hands on to its successor: records, and open descriptors.

use crate::saved::{Record, Saved};
use qos_sys::inherit;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// Records, and the descriptors that they name.
#[derive(Default)]
pub struct Kept<'a> {
    /// The records.
    pub saved: Saved,
    pub(super) descriptors: Vec<BorrowedFd<'a>>,
}

impl<'a> Kept<'a> {
    /// Hands a descriptor on; its number.
    pub fn keep(&mut self, descriptor: BorrowedFd<'a>) -> RawFd {
        self.descriptors.push(descriptor);
        descriptor.as_raw_fd()
    }
}

/// The descriptor of a record.
///
/// # Errors
/// EBADF when it was not handed on.
pub fn descriptor(record: &Record) -> io::Result<OwnedFd> {
    inherit::take(record.get("fd").unwrap_or(-1))
}
