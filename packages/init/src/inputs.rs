// SPDX-License-Identifier: MIT OR Apache-2.0
//! Looks for what the host gave: fw_cfg files, virtio ports, the console's device.

use crate::kmsg::warn;
use crate::plan::Found;
use qos_protocol::{fw_cfg, port};
use qos_sys::error_text;
use qos_sys::uevent::Listener;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long init waits for the ports of a device that is there, and for the host at their other end. Both are there
/// within milliseconds; a host that was stopped for longer loses nothing but these streams.
pub const PORT_LIMIT: Duration = Duration::from_secs(10);

/// The driver's folder in sysfs: has an entry for each virtio-serial device.
const DRIVER: &str = "/sys/bus/virtio/drivers/virtio_console";

pub fn find() -> Found {
    let script = PathBuf::from(fw_cfg::guest_path(fw_cfg::SCRIPT));
    Found {
        command: read(fw_cfg::COMMAND),
        script: script.exists().then_some(script),
        winsize: winsize(),
        ports: find_ports(),
        console: console(),
    }
}

fn read(name: &str) -> Option<Vec<u8>> {
    match fs::read(fw_cfg::guest_path(name)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            warn(&format!("fw_cfg file {name}: {}", error_text(&error)));
            None
        }
    }
}

fn winsize() -> Option<qos_protocol::Winsize> {
    let bytes = read(fw_cfg::WINSIZE)?;
    let text = String::from_utf8_lossy(&bytes);
    text.trim_end_matches(['\0', '\n'])
        .parse()
        .map_err(|error| warn(&format!("fw_cfg file {}: {error}", fw_cfg::WINSIZE)))
        .ok()
}

/// The terminal behind /dev/console: a session can have it as its own, and programs can name it.
fn console() -> PathBuf {
    let fallback = PathBuf::from("/dev/console");
    let Ok(active) = fs::read_to_string("/sys/class/tty/console/active") else { return fallback };
    // The last one is /dev/console. Its tty0 is whichever screen is shown, which no session can own.
    match active.split_whitespace().last() {
        Some("tty0") => "/dev/tty1".into(),
        Some(name) if Path::new("/dev").join(name).exists() => Path::new("/dev").join(name),
        _ => fallback,
    }
}

fn find_ports() -> Option<[PathBuf; 3]> {
    if !has_device() {
        return None;
    }
    // The listener comes before the first look, so that nothing happens unseen between the two.
    let listener = Listener::new().map_err(|error| warn(&format!("uevents: {}", error_text(&error)))).ok();
    loop {
        if let Some(ports) = named_ports() {
            return Some(ports);
        }
        let more = listener.as_ref().is_some_and(|listener| listener.wait(PORT_LIMIT).unwrap_or(false));
        if !more {
            warn("virtio-serial is there, but not the ports for stdin, stdout and stderr: using the console");
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
