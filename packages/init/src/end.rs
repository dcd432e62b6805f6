// SPDX-License-Identifier: MIT OR Apache-2.0
//! The end of the system: processes, file systems, verdict, power, in this order.

use crate::{Finished, LOG, unmount, verdict};
use qos_protocol::mark;
use qos_sys::power::{self, Action};
use qos_sys::process::{self, Ended, Reaped, kill};
use qos_sys::signal::{Blocked, SIGCHLD, SIGCONT, SIGKILL, SIGTERM};
use qos_sys::{error_text, kexec};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long processes get after SIGTERM, and again after SIGKILL.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends everything. Does not come back.
pub fn end(finished: Finished) -> ! {
    LOG.info(&format!("{}{}", mark::STATUS, finished.status));
    if let Err(error) = end_all_processes() {
        LOG.error(&format!("ending the processes: {}", error_text(&error)));
    }
    let action = possible(finished.action, || kexec::is_loaded(Path::new("/")).unwrap_or(false));
    if action != finished.action {
        LOG.warn("no kernel is loaded (kexec -l): an ordinary reboot");
    }
    power::sync();
    unmount::all();
    power::sync();
    // Sent last: whoever reads it can rely on what went before. A kernel that takes over sends its own at its end.
    if action != Action::Kexec {
        verdict::send(finished.status);
    }
    leave(action)
}

/// A machine without a kernel to start reboots, as with systemd.
fn possible(action: Action, is_loaded: impl FnOnce() -> bool) -> Action {
    if action == Action::Kexec && !is_loaded() { Action::Reboot } else { action }
}

/// Leaves the machine. Does not come back.
pub fn leave(action: Action) -> ! {
    let name = match action {
        Action::PowerOff => "power off",
        Action::Reboot => "reboot",
        Action::Halt => "halt",
        Action::Kexec => "kexec",
    };
    LOG.info(&format!("{}{name}", mark::END));
    let error = power::now(action);
    LOG.error(&format!("{name}: {}", error_text(&error)));
    if action == Action::Kexec {
        leave(Action::Reboot);
    }
    // Process 1 must not end: the kernel would panic. There is nothing left to do but to stand still.
    loop {
        std::thread::park();
    }
}

/// SIGTERM for process `pid`, and SIGKILL when it does not end in time. How it ended, if it did.
///
/// # Errors
/// As in wait(2) and sigtimedwait(2).
pub fn end_process(pid: i32, signals: &Blocked) -> io::Result<Option<Ended>> {
    for signal in [SIGTERM, SIGKILL] {
        // It may have ended just now: then it is collected below.
        let _ = kill(pid, signal);
        let _ = kill(pid, SIGCONT);
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(ended) = crate::reap_until(pid)? {
                return Ok(Some(ended));
            }
            if !wait_for_child(signals, end)? {
                break;
            }
        }
    }
    Ok(None)
}

fn end_all_processes() -> io::Result<()> {
    let signals = Blocked::new(&[SIGCHLD])?;
    for signal in [SIGTERM, SIGKILL] {
        if no_children()? {
            return Ok(());
        }
        // "No such process" means that those left are ending already.
        let _ = kill(-1, signal);
        let _ = kill(-1, SIGCONT);
        let end = Instant::now() + PATIENCE;
        while !no_children()? {
            if !wait_for_child(&signals, end)? {
                break;
            }
        }
    }
    if !no_children()? {
        LOG.warn("a process does not end by SIGKILL: it waits inside of the kernel");
    }
    Ok(())
}

/// Collects what has ended; whether that was all. Every process is a child of process 1, or has one above it that is.
fn no_children() -> io::Result<bool> {
    loop {
        match process::reap()? {
            Reaped::Child(..) => {}
            Reaped::None => return Ok(false),
            Reaped::NoChildren => return Ok(true),
        }
    }
}

/// Waits for a child's end until `end`; `false` when that is past.
fn wait_for_child(signals: &Blocked, end: Instant) -> io::Result<bool> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match signals.wait(Some(left))? {
            Some(SIGCHLD) => return Ok(true),
            // Another request to end: that is under way.
            Some(_) => {}
            None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loaded_kernel_takes_over() {
        for (action, loaded, expect) in [
            (Action::Kexec, true, Action::Kexec),
            (Action::Kexec, false, Action::Reboot),
            (Action::PowerOff, true, Action::PowerOff),
            (Action::Reboot, true, Action::Reboot),
        ] {
            assert_eq!(possible(action, || loaded), expect, "{action:?} {loaded}");
        }
    }
}
