// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends the verdict to the host on a kernel without the module `qos_exit`: through the I/O port itself.

use crate::LOG;
use qos_protocol::verdict;
use qos_sys::{error_text, ioport};

/// Sends the verdict line with `status`, where there is a debug console and the kernel lets root use it. Whether it was sent.
pub fn send(status: u8) -> bool {
    let line = verdict::encode(status);
    match ioport::write_to(verdict::IO_PORT, verdict::IO_PRESENT, line.as_bytes()) {
        Ok(true) => return true,
        Ok(false) => LOG.info("no verdict sent: the machine has no debug console"),
        Err(error) => LOG.warn(&format!(
            "no verdict sent: module qos_exit is not loaded, and port {:#x} cannot be used: {}",
            verdict::IO_PORT,
            error_text(&error)
        )),
    }
    false
}
