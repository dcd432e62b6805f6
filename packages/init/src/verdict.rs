// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verdict's way to the host: the device of module `qos_exit`, or the I/O port behind it where the kernel has no such
//! module.

use crate::kmsg;
use qos_protocol::verdict;
use qos_sys::{error_text, ioport};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::OnceLock;

static DEVICE: OnceLock<File> = OnceLock::new();

/// Opens the device, if it is there. The module lets one program have it open: from now on no other can speak in init's place.
pub fn hold() {
    match open() {
        Ok(device) => {
            // Set once: there is one thread.
            let _ = DEVICE.set(device);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => kmsg::warn(&format!("{}: {}", verdict::GUEST_DEVICE, error_text(&error))),
    }
}

fn open() -> io::Result<File> {
    OpenOptions::new().write(true).open(verdict::GUEST_DEVICE)
}

/// Sends the verdict, where there is a way to the host.
pub fn send(status: u8) {
    let line = verdict::device_line(status);
    let sent = match DEVICE.get() {
        Some(mut device) => device.write_all(line.as_bytes()),
        // The module can have been loaded since.
        None => open().and_then(|mut device| device.write_all(line.as_bytes())),
    };
    match sent {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => send_to_port(status),
        Err(error) => {
            kmsg::warn(&format!("no verdict sent: {}: {}", verdict::GUEST_DEVICE, error_text(&error)));
        }
    }
}

/// Without the module: the line itself, where there is a debug console and the kernel lets process 1 use it.
fn send_to_port(status: u8) {
    let line = verdict::encode(status);
    match ioport::write_to(verdict::IO_PORT, verdict::IO_PRESENT, line.as_bytes()) {
        Ok(true) => {}
        Ok(false) => kmsg::info("no verdict sent: the machine has no debug console"),
        Err(error) => kmsg::warn(&format!(
            "no verdict sent: module qos_exit is not loaded, and port {:#x} cannot be used: {}",
            verdict::IO_PORT,
            error_text(&error)
        )),
    }
}
