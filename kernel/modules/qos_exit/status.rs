// SPDX-License-Identifier: GPL-2.0

//! What a program may write, and the bytes that the host gets for it.
//!
//! Pure logic: the port is any [`Io`] of one byte, so that the tests at the end of this file read
//! the bytes back instead of sending them.

use core::fmt::{
    self,
    Write, //
};
use kernel::{
    io::{
        Io,
        IoCapable, //
    },
    prelude::*,
};

/// Length in bytes of the longest valid request: three digits and a newline.
pub(crate) const REQUEST_MAX: usize = 4;

/// What a read of the debug console's port answers, wherever the port is: the magic number of Bochs,
/// which QEMU keeps (property `readback` of `isa-debugcon`). A port with nothing behind it reads 0xff.
pub(crate) const READBACK: u8 = 0xe9;

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

/// Sends the line of `status`, `qos-exit: N\n`, to the port byte by byte.
pub(crate) fn send<'a, P>(port: P, status: u8)
where
    P: Io<'a, Target = u8>,
    P::Backend: IoCapable<u8>,
{
    // `Bytes` takes everything, so there is no error to pass on.
    let _ = writeln!(Bytes(|byte| port.write_val(byte)), "qos-exit: {status}");
}

/// Looks for a debug console behind the port.
///
/// # Errors
///
/// The byte that was read instead of [`READBACK`].
pub(crate) fn probe<'a, P>(port: P) -> core::result::Result<(), u8>
where
    P: Io<'a, Target = u8>,
    P::Backend: IoCapable<u8>,
{
    match port.read_val() {
        READBACK => Ok(()),
        other => Err(other),
    }
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
    use core::cell::Cell;
    use kernel::{
        io::{
            IoBackend,
            IoBase, //
        },
        ptr::KnownSize,
    };

    /// Stands for the host: answers `readback`, keeps what is sent.
    struct Host {
        readback: u8,
        sent: [Cell<u8>; 32],
        /// Bytes sent, those that `sent` had no room for included.
        count: Cell<usize>,
    }

    impl Host {
        fn new(readback: u8) -> Self {
            Self {
                readback,
                sent: [const { Cell::new(0) }; 32],
                count: Cell::new(0),
            }
        }

        fn port(&self) -> HostPort<'_, u8> {
            HostPort {
                host: self,
                ptr: core::ptr::null_mut(),
            }
        }

        /// Whether exactly `bytes` were sent.
        fn got(&self, bytes: &[u8]) -> bool {
            self.count.get() == bytes.len()
                && self
                    .sent
                    .iter()
                    .zip(bytes)
                    .all(|(sent, byte)| sent.get() == *byte)
        }
    }

    /// A one-byte port of `host`; `ptr` only carries the type, it has no address.
    struct HostPort<'a, T: ?Sized> {
        host: &'a Host,
        ptr: *mut T,
    }

    impl<T: ?Sized> Copy for HostPort<'_, T> {}
    impl<T: ?Sized> Clone for HostPort<'_, T> {
        fn clone(&self) -> Self {
            *self
        }
    }

    struct HostBackend;

    impl IoBackend for HostBackend {
        type View<'a, T: ?Sized + KnownSize> = HostPort<'a, T>;

        fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
            view.ptr
        }

        unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
            view: Self::View<'a, T>,
            ptr: *mut U,
        ) -> Self::View<'a, U> {
            HostPort {
                host: view.host,
                ptr,
            }
        }
    }

    impl<'a, T: ?Sized + KnownSize> IoBase<'a> for HostPort<'a, T> {
        type Backend = HostBackend;
        type Target = T;

        fn as_view(self) -> Self {
            self
        }
    }

    impl IoCapable<u8> for HostBackend {
        fn io_read(view: HostPort<'_, u8>) -> u8 {
            view.host.readback
        }

        fn io_write(view: HostPort<'_, u8>, value: u8) {
            let count = view.host.count.get();
            if let Some(cell) = view.host.sent.get(count) {
                cell.set(value);
            }
            view.host.count.set(count + 1);
        }
    }

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

    #[test]
    fn every_status_survives_the_way_to_the_host() {
        for status in 0..=u8::MAX {
            let host = Host::new(READBACK);
            send(host.port(), status);
            let count = host.count.get();
            assert!(count <= 14);
            let mut line = [0u8; 14];
            for (byte, cell) in line.iter_mut().zip(&host.sent) {
                *byte = cell.get();
            }
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
            let host = Host::new(READBACK);
            send(host.port(), status);
            assert!(host.got(line));
        }
    }

    #[test]
    fn probe_wants_the_magic_number() {
        assert_eq!(probe(Host::new(0xe9).port()), Ok(()));
        for readback in [0xff, 0x00, 0xe8] {
            let host = Host::new(readback);
            assert_eq!(probe(host.port()), Err(readback));
            assert!(host.got(b""));
        }
    }
}
