// SPDX-License-Identifier: MIT OR Apache-2.0
//! The inputs from the host: fw_cfg files, virtio ports, the console's device.

use crate::{LOG, console, ports};
use qos_protocol::{Winsize, fw_cfg};
use qos_sys::error_text;
use std::fs;
use std::io;
use std::path::PathBuf;

/// What the host gave, and what the machine has for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Contents of the fw_cfg file `command`.
    pub command: Option<Vec<u8>>,
    /// There is a fw_cfg file `script`, at this path.
    pub script: Option<PathBuf>,
    /// Size of the host's terminal.
    pub winsize: Option<Winsize>,
    /// Devices of the ports for standard input, output, error, when all are there.
    pub ports: Option<[PathBuf; 3]>,
    /// Device of the console, `/dev/ttyS0` for example.
    pub console: PathBuf,
}

/// Looks for it.
pub fn find() -> Found {
    let script = PathBuf::from(fw_cfg::guest_path(fw_cfg::SCRIPT));
    Found {
        command: read(fw_cfg::COMMAND),
        script: script.exists().then_some(script),
        winsize: winsize(),
        ports: ports::find(),
        console: console::device(),
    }
}

fn read(name: &str) -> Option<Vec<u8>> {
    match fs::read(fw_cfg::guest_path(name)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            LOG.warn(&format!("fw_cfg file {name}: {}", error_text(&error)));
            None
        }
    }
}

fn winsize() -> Option<Winsize> {
    let bytes = read(fw_cfg::WINSIZE)?;
    let text = String::from_utf8_lossy(&bytes);
    text.trim_end_matches(['\0', '\n'])
        .parse()
        .map_err(|error| LOG.warn(&format!("fw_cfg file {}: {error}", fw_cfg::WINSIZE)))
        .ok()
}
