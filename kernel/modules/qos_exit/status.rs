// SPDX-License-Identifier: GPL-2.0

//! What a program may write, and the bytes that the host gets for it.
//!
//! Pure logic, for every kernel: the port is a function that takes a byte.

use core::fmt::{self, Write};
use kernel::prelude::*;

/// Length in bytes of the longest valid request: three digits and a newline.
pub(crate) const REQUEST_MAX: usize = 4;

/// What a read of the debug console's port answers, wherever the port is: the magic number of Bochs,
/// which QEMU keeps (property `readback` of `isa-debugcon`). A port with nothing behind it reads 0xff.
pub(crate) const READBACK: u8 = 0xe9;

/// Whether a debug console is behind a port that reads `read`.
pub(crate) fn is_console(read: u8) -> bool {
    read == READBACK
}

/// Reads a request: a decimal number from 0 to 255, then at most one newline.
///
/// A status has one spelling: no sign, no leading zero, no other white space.
///
/// # Errors
///
/// `EINVAL` for anything else.
pub(crate) fn parse(request: &[u8]) -> Result<u8> {
    let digits = match request {
        [digits @ .., b'\n'] => digits,
        digits => digits,
    };
    match digits {
        [] | [b'0', _, ..] => return Err(EINVAL),
        _ => (),
    }
    digits.iter().try_fold(0u8, |status, &byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            _ => return Err(EINVAL),
        };
        status
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(digit))
            .ok_or(EINVAL)
    })
}

/// Hands the line of `status`, `qos-exit: N\n`, to `port` byte by byte.
pub(crate) fn send(port: impl FnMut(u8), status: u8) {
    // `Bytes` takes everything, so there is no error to pass on.
    let _ = writeln!(Bytes(port), "qos-exit: {status}");
}

/// Formats into a function that takes one byte at a time.
struct Bytes<F>(F);

impl<F: FnMut(u8)> Write for Bytes<F> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(&mut self.0);
        Ok(())
    }
}

#[cfg(qos_test)]
#[kunit_tests(qos_exit)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts() {
        let cases: [(&[u8], u8); 10] = [
            (b"0", 0),
            (b"0\n", 0),
            (b"1\n", 1),
            (b"9", 9),
            (b"10\n", 10),
            (b"42", 42),
            (b"99\n", 99),
            (b"100", 100),
            (b"249\n", 249),
            (b"255\n", 255),
        ];
        for (request, status) in cases {
            assert!(request.len() <= REQUEST_MAX);
            assert_eq!(parse(request), Ok(status));
        }
    }

    #[test]
    fn parse_refuses() {
        let cases: [&[u8]; 24] = [
            b"", b"\n", b"\n\n", b"1\n\n", b"\n1", b" 1", b"1 ", b"1 \n", b"\t1\n", b"1\r\n",
            b"00", b"01\n", b"007", b"256", b"256\n", b"260\n", b"999\n", b"1000", b"-1\n",
            b"+1\n", b"0x1\n", b"1\0", b"ok\n", b"\xff",
        ];
        for request in cases {
            assert_eq!(parse(request), Err(EINVAL));
        }
    }

    /// What `send` hands to the port: the bytes, and how many they are.
    fn sent(status: u8) -> ([u8; 16], usize) {
        let mut line = [0; 16];
        let mut count = 0;
        send(
            |byte| {
                if let Some(place) = line.get_mut(count) {
                    *place = byte;
                }
                count += 1;
            },
            status,
        );
        (line, count)
    }

    #[test]
    fn every_status_survives_the_way_to_the_host() {
        for status in 0..=u8::MAX {
            let (line, count) = sent(status);
            assert!(count <= 14);
            assert!(line[..count].starts_with(b"qos-exit: "));
            assert_eq!(parse(&line[10..count]), Ok(status));
        }
    }

    #[test]
    fn send_emits_exactly_one_line() {
        let cases: [(u8, &[u8]); 4] = [
            (0, b"qos-exit: 0\n"),
            (7, b"qos-exit: 7\n"),
            (42, b"qos-exit: 42\n"),
            (255, b"qos-exit: 255\n"),
        ];
        for (status, line) in cases {
            let (bytes, count) = sent(status);
            assert_eq!(bytes.get(..count), Some(line));
        }
    }

    #[test]
    fn probe_wants_the_magic_number() {
        assert!(is_console(0xe9));
        for read in [0xff, 0x00, 0xe8] {
            assert!(!is_console(read));
        }
    }
}
