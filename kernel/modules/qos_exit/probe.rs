// SPDX-License-Identifier: GPL-2.0

//! Looking for a debug console at a port.

use crate::{port::ReservedPort, status};
use kernel::prelude::*;

/// Reserves `port` under `name`, if a debug console is there.
///
/// # Errors
///
/// `EBUSY` if another driver has the port, `ENODEV` if no debug console answers; the kernel's log says which.
pub(crate) fn reserve(port: u16, name: &'static CStr) -> Result<ReservedPort> {
    let reserved = ReservedPort::request(port, name).inspect_err(|_| {
        pr_err!("port {port:#x} is in use by another driver, see /proc/ioports\n");
    })?;
    let read = reserved.read();
    if !status::is_console(read) {
        pr_info!(
            "no debug console at port {port:#x} (it reads {read:#04x}, not {:#04x}): \
             give QEMU -device isa-debugcon,iobase={port:#x}\n",
            status::READBACK
        );
        return Err(ENODEV);
    }
    pr_info!("debug console at port {port:#x}\n");
    Ok(reserved)
}
