// SPDX-License-Identifier: MIT OR Apache-2.0
//! The verdict: how the guest says with what status its main program ended.
//!
//! Init writes the status and a newline to [`GUEST_DEVICE`]; the kernel module behind it sends one verdict line to I/O port
//! [`IO_PORT`], where the host listens (`-device isa-debugcon,iobase=0xe9,…`). The module lets one program have the device
//! open, which is init. Without the module the guest agent sends the line to the port at the end. No verdict means that the guest ended in
//! another way: never a success.

/// I/O port of QEMU's debug console. Reading it gives [`IO_PRESENT`] where there is one.
pub const IO_PORT: u16 = 0xe9;

/// What reading [`IO_PORT`] gives when the device is there.
pub const IO_PRESENT: u8 = 0xe9;

/// Device of the kernel module `qos_exit`.
pub const GUEST_DEVICE: &str = "/dev/qos-exit";

/// How a verdict line begins.
pub const PREFIX: &str = "qos-exit: ";

/// Status of a main program that could not be found out, or of a fault in init itself (as `sysexits.h` numbers an
/// internal software error).
pub const INIT_FAULT: u8 = 70;

/// Status of a main program that is not there (POSIX, Shell Command Language, 2.8.2).
pub const NOT_FOUND: u8 = 127;

/// Status of a main program that is there but cannot be run (POSIX, as above).
pub const NOT_EXECUTABLE: u8 = 126;

/// Status for a main program that signal `signal` ended: 128 + signal, as shells report it.
#[must_use]
pub fn of_signal(signal: u8) -> u8 {
    signal.saturating_add(128)
}

/// What is written to [`GUEST_DEVICE`] for `status`.
#[must_use]
pub fn device_line(status: u8) -> String {
    format!("{status}\n")
}

/// The line the host sees for `status`, newline included.
#[must_use]
pub fn encode(status: u8) -> String {
    format!("{PREFIX}{status}\n")
}

/// The status in what the host read, or `None` when there is no complete verdict line in it. The last line counts:
/// it is init's, which writes when everything else has ended, so that no program can say it in its place.
///
/// Only the exact form is a verdict: no sign, no leading zeros, nothing after the number, 0 to 255, with its newline.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<u8> {
    bytes.split_inclusive(|&b| b == b'\n').rev().find_map(|line| line_status(line.strip_suffix(b"\n")?))
}

fn line_status(line: &[u8]) -> Option<u8> {
    let digits = line.strip_prefix(PREFIX.as_bytes())?;
    let canonical = !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || digits.len() == 1);
    if !canonical {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: Option<u8>) {
        assert_eq!(parse(input.as_bytes()), expect, "{input:?}");
    }

    #[test]
    fn every_status_comes_back() {
        for status in 0..=u8::MAX {
            check(&encode(status), Some(status));
        }
    }

    #[test]
    fn only_the_exact_form_counts() {
        check("", None);
        check("qos-exit: 0", None);
        check("qos-exit: \n", None);
        check("qos-exit: 256\n", None);
        check("qos-exit: +1\n", None);
        check("qos-exit: 01\n", None);
        check("qos-exit: 1 \n", None);
        check("qos-exit: 1\r\n", None);
        check(" qos-exit: 1\n", None);
        check("qos-exit: 99999999999999999999\n", None);
    }

    #[test]
    fn last_verdict_counts() {
        check("noise\nqos-exit: 0\nqos-exit: 3\n", Some(3));
        check("qos-exit: 3\nqos-exit: 0", Some(3));
        check("qos-exit: 4\nqos-exit: x\n", Some(4));
        assert_eq!(parse(b"\xff\xfe\nqos-exit: 5\n"), Some(5));
    }

    #[test]
    fn signals() {
        assert_eq!(of_signal(9), 137);
        assert_eq!(of_signal(200), 255);
    }
}
