// SPDX-License-Identifier: MIT OR Apache-2.0
//! One x86 I/O port from a program: ioperm(2) and the instructions `in` and `out`.

use std::io;

/// Writes `bytes` to `port` one by one, if reading it gives `readback`, which is how a device there shows itself; `false` if it
/// gives something else. The port is the caller's for that time only.
///
/// # Errors
/// As ioperm(2): without CAP_SYS_RAWIO, or where the kernel does not have it. `Unsupported` on processors without I/O ports.
#[cfg(target_arch = "x86_64")]
pub fn write_to(port: u16, readback: u8, bytes: &[u8]) -> io::Result<bool> {
    use crate::error::check;
    use std::arch::asm;

    // SAFETY: ioperm takes any range, and only changes what this thread may do.
    let allow = |on: libc::c_int| check(unsafe { libc::ioperm(port.into(), 1, on) });
    allow(1)?;
    let found: u8;
    // SAFETY: the port was allowed above, so that `in` does not fault; it touches no memory and no flags.
    unsafe { asm!("in al, dx", in("dx") port, out("al") found, options(nomem, nostack, preserves_flags)) };
    let present = found == readback;
    if present {
        for &byte in bytes {
            // SAFETY: as for `in`, with a device behind the port that takes bytes.
            unsafe {
                asm!("out dx, al", in("dx") port, in("al") byte, options(nomem, nostack, preserves_flags))
            };
        }
    }
    allow(0)?;
    Ok(present)
}

/// As on x86-64, where there are ports.
///
/// # Errors
/// `Unsupported`: this processor has no I/O ports.
#[cfg(not(target_arch = "x86_64"))]
pub fn write_to(_port: u16, _readback: u8, _bytes: &[u8]) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// Without the right it fails, and does not fault; with it (as root of a host) port 0xe9 has no debug console that answers
    /// like this.
    #[test]
    fn a_port_without_a_device_takes_nothing() {
        match write_to(0xe9, 0x5a, b"x") {
            Ok(present) => assert!(!present),
            Err(error) => {
                let number = error.raw_os_error();
                assert!(matches!(number, Some(libc::EPERM | libc::ENOSYS)), "{error}");
            }
        }
    }
}
