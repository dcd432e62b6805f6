// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parsers of data from a guest, from QEMU and from files, with their properties, for tools/fuzz.

use crate::{cmdline, inputs, qmp};

/// Checks a kernel's command line. One that is accepted fits.
///
/// # Panics
/// When a property does not hold.
pub fn command_line(text: &str) {
    for size in [0, 64, cmdline::SIZE] {
        let checked = cmdline::check(text, size);
        assert!(checked.is_err() || text.len() <= size, "{text:?}");
    }
}

/// Reads a line of QEMU's monitor, and `data` as the start of a kernel and of an initramfs.
///
/// # Panics
/// When a property does not hold.
pub fn files_and_messages(data: &[u8]) {
    let _ = qmp::parse(&String::from_utf8_lossy(data));
    assert!(inputs::kernel_kind(data).is_err() || inputs::initramfs_kind(data).is_err());
    let _ = inputs::header_cmdline_size(data);
}
