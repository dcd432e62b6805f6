// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines for the system's log.

use std::os::unix::net::UnixDatagram;

/// `authpriv.info` (syslog(3)).
const PRIORITY: u32 = 10 * 8 + 6;

/// Sends a line to the daemon that reads /dev/log. Where none does, the line is lost: logins go on without it.
pub fn note(program: &str, text: &str) {
    let text: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let line = format!("<{PRIORITY}>{program}[{}]: {text}", std::process::id());
    let Ok(socket) = UnixDatagram::unbound() else { return };
    let _ = socket.set_nonblocking(true);
    let _ = socket.send_to(line.as_bytes(), "/dev/log");
}
