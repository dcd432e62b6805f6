// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of `/proc` about a process, from memory, for tools/fuzz.

use crate::process::Process;

/// Reads the texts of `stat` and `status`, and the bytes of `cmdline`. What is shown of them obeys no terminal.
///
/// # Panics
/// When a property does not hold.
pub fn process(stat: &str, status: &str, cmdline: &[u8]) {
    let Some(mut process) = Process::parse_stat(stat) else { return };
    process.parse_status(status);
    process.cmdline = cmdline.to_vec();
    for text in [process.args(), process.name()] {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    let _ = (process.line(), crate::process::tty_name(process.tty));
}
