// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals to init that request an action.
//!
//! | signal | from | what init does | verdict |
//! | --- | --- | --- | --- |
//! | `SIGUSR1` | `halt` (as busybox has it) | halts | 0 |
//! | `SIGUSR2` | `poweroff` (as busybox has it) | powers off | 0 |
//! | `SIGRTMIN+3`, `+4`, `+5` | as systemd has them; `reboot` sends the last | halts, powers off, restarts | 0 |
//! | `SIGRTMIN+6` | as systemd has it | starts the kernel that kexec(8) has loaded, restarts without one | the next kernel's |
//! | `SIGTERM` | anyone | powers off | the main program's status |
//! | `SIGINT` | Ctrl-Alt-Del, by way of the kernel | powers off | the main program's status |
//! | `SIGPWR` | a power supply's monitor | powers off | the main program's status |
//!
//! The main program gets `SIGTERM` in each case, and is waited for. At the interactive console the verdict is 0: to
//! switch the machine off is what the person meant.

use qos_sys::power::{Action, SIGRTMIN};
use qos_sys::signal::{SIGCHLD, SIGHUP, SIGINT, SIGPWR, SIGTERM, SIGUSR1, SIGUSR2};

/// Every signal that init takes. SIGHUP is taken and means nothing: process 1 has no configuration to read again.
pub const TAKEN: &[i32] = &[
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGPWR,
    SIGTERM,
    SIGUSR1,
    SIGUSR2,
    SIGRTMIN + 3,
    SIGRTMIN + 4,
    SIGRTMIN + 5,
    SIGRTMIN + 6,
];

/// The request of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// How the machine is to be left.
    pub action: Action,
    /// A program of the guest requested it on purpose: it is not a failure of the main program, however that ends.
    pub deliberate: bool,
}

/// The request of `signal`, or `None` if it has none.
#[must_use]
pub fn request(signal: i32) -> Option<Request> {
    let (action, deliberate) = match signal {
        SIGTERM | SIGINT | SIGPWR => (Action::PowerOff, false),
        _ if signal == Action::Halt.signal() || signal == SIGRTMIN + 3 => (Action::Halt, true),
        _ if signal == Action::PowerOff.signal() || signal == SIGRTMIN + 4 => (Action::PowerOff, true),
        _ if signal == Action::Reboot.signal() => (Action::Reboot, true),
        _ if signal == Action::Kexec.signal() => (Action::Kexec, true),
        _ => return None,
    };
    Some(Request { action, deliberate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(signal: i32, expect: Option<(Action, bool)>) {
        assert_eq!(request(signal).map(|r| (r.action, r.deliberate)), expect, "signal {signal}");
    }

    #[test]
    fn table() {
        check(SIGUSR1, Some((Action::Halt, true)));
        check(SIGUSR2, Some((Action::PowerOff, true)));
        check(37, Some((Action::Halt, true)));
        check(38, Some((Action::PowerOff, true)));
        check(39, Some((Action::Reboot, true)));
        check(40, Some((Action::Kexec, true)));
        check(SIGTERM, Some((Action::PowerOff, false)));
        check(SIGINT, Some((Action::PowerOff, false)));
        check(SIGPWR, Some((Action::PowerOff, false)));
        check(SIGCHLD, None);
        check(SIGHUP, None);
    }

    #[test]
    fn every_request_is_taken() {
        for signal in 1..=64 {
            assert!(request(signal).is_none() || TAKEN.contains(&signal), "signal {signal}");
        }
    }
}
