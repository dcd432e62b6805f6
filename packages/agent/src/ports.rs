// SPDX-License-Identifier: MIT OR Apache-2.0
//! The virtio ports that carry the main program's standard streams.

use crate::LOG;
use qos_protocol::port;
use qos_sys::error_text;
use qos_sys::uevent::Listener;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the agent waits for the ports of a device that is there, and for the host at their other end. Both are there
/// within milliseconds; a host that was stopped for longer loses nothing but these streams.
pub const LIMIT: Duration = Duration::from_secs(10);

/// The driver's directory in sysfs: has an entry for each virtio-serial device.
const DRIVER: &str = "/sys/bus/virtio/drivers/virtio_console";

/// Devices of the ports for standard input, output, error. Waits for them where there is a virtio-serial device.
#[must_use]
pub fn find() -> Option<[PathBuf; 3]> {
    if !has_device() {
        return None;
    }
    // The listener comes before the first look, so that nothing happens unseen between the two.
    let listener =
        Listener::new().map_err(|error| LOG.warn(&format!("uevents: {}", error_text(&error)))).ok();
    loop {
        if let Some(ports) = named_ports() {
            return Some(ports);
        }
        let more = listener.as_ref().is_some_and(|listener| listener.wait(LIMIT).unwrap_or(false));
        if !more {
            LOG.warn(
                "virtio-serial is there, but not the ports for stdin, stdout and stderr: using the console",
            );
            return None;
        }
    }
}

/// Whether there is a virtio-serial device.
fn has_device() -> bool {
    let Ok(entries) = fs::read_dir(DRIVER) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("virtio"))
}

fn named_ports() -> Option<[PathBuf; 3]> {
    let mut found: [Option<PathBuf>; 3] = Default::default();
    for entry in fs::read_dir(port::GUEST_NAMES).ok()?.flatten() {
        let Ok(name) = fs::read_to_string(entry.path().join("name")) else { continue };
        if let Some(stream) = port::STREAMS.iter().position(|stream| *stream == name.trim_end()) {
            found[stream] = Some(Path::new("/dev").join(entry.file_name()));
        }
    }
    match found {
        [Some(stdin), Some(stdout), Some(stderr)] => Some([stdin, stdout, stderr]),
        _ => None,
    }
}
