// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends the verdict to the host: through the device of module `qos_exit`, or by the agent if the kernel has no such module.

use crate::{AGENT, LOG};
use qos_protocol::verdict;
use qos_sys::error_text;
use qos_sys::spawn::{Session, spawn};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::process::Command;
use std::sync::OnceLock;

static DEVICE: OnceLock<File> = OnceLock::new();

/// Opens the device, if it exists. The module lets one program have it open, so no other program can send a status after this.
pub fn hold() {
    match open() {
        Ok(device) => {
            // Set once: there is one thread.
            let _ = DEVICE.set(device);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => LOG.warn(&format!("{}: {}", verdict::GUEST_DEVICE, error_text(&error))),
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
        Err(error) if error.kind() == io::ErrorKind::NotFound => send_by_agent(status),
        Err(error) => {
            LOG.warn(&format!("no verdict sent: {}: {}", verdict::GUEST_DEVICE, error_text(&error)));
        }
    }
}

/// Without the module the agent uses another way. At this point no other program runs or can run.
fn send_by_agent(status: u8) {
    let mut command = Command::new(AGENT);
    command.arg("verdict").arg(status.to_string());
    match spawn(command, Session::Same).and_then(|mut agent| agent.wait()) {
        // The agent has logged the reason why it did not send.
        Ok(_) => {}
        Err(error) => LOG.warn(&format!("no verdict sent: {AGENT}: {}", error_text(&error))),
    }
}
