// SPDX-License-Identifier: MIT OR Apache-2.0
//! The end: sync(2), reboot(2).

use crate::signal::{SIGUSR1, SIGUSR2};
use rustix::system::RebootCommand;
use std::io;

/// How the machine is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Power is switched off.
    PowerOff,
    /// The machine starts again.
    Reboot,
    /// The processors stop; power stays on.
    Halt,
    /// The kernel that is loaded ([`crate::kexec`]) takes over.
    Kexec,
}

/// `SIGRTMIN` as C libraries have it on Linux: 32 and 33 are their own.
pub const SIGRTMIN: i32 = 34;

impl Action {
    /// The signal that requests it from process 1: busybox's for `halt` and `poweroff`, systemd's (systemd(1)) for `reboot`
    /// and `kexec`.
    #[must_use]
    pub const fn signal(self) -> i32 {
        match self {
            Action::PowerOff => SIGUSR2,
            Action::Reboot => SIGRTMIN + 5,
            Action::Halt => SIGUSR1,
            Action::Kexec => SIGRTMIN + 6,
        }
    }
}

/// Does it at once: nothing is written back, no process is notified. Returns only with an error.
pub fn now(action: Action) -> io::Error {
    let command = match action {
        Action::PowerOff => RebootCommand::PowerOff,
        Action::Reboot => RebootCommand::Restart,
        Action::Halt => RebootCommand::Halt,
        Action::Kexec => RebootCommand::Kexec,
    };
    match rustix::system::reboot(command) {
        Ok(()) => io::Error::other("reboot(2) came back without an error"),
        Err(error) => error.into(),
    }
}

/// Makes Ctrl-Alt-Del send SIGINT to process 1 instead of restarting the machine at once.
///
/// # Errors
/// Without the right to do so (EPERM).
pub fn catch_ctrl_alt_del() -> io::Result<()> {
    Ok(rustix::system::reboot(RebootCommand::CadOff)?)
}

/// Writes everything that is not on its disk yet, and waits until it is.
pub fn sync() {
    rustix::fs::sync();
}

/// Sets the host name.
///
/// # Errors
/// As in sethostname(2): EINVAL when it is longer than 64 bytes.
pub fn set_host_name(name: &[u8]) -> io::Result<()> {
    Ok(rustix::system::sethostname(name)?)
}

/// Release of the kernel that runs (`uname -r`).
#[must_use]
pub fn kernel_release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}
