// SPDX-License-Identifier: MIT OR Apache-2.0
//! Network interfaces: netdevice(7).

use crate::error::check;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// Switches the loopback interface on; the kernel then gives it 127.0.0.1 and ::1. Allocates nothing: a process calls it between fork(2)
/// and execve(2) too.
///
/// # Errors
/// EPERM without CAP_NET_ADMIN, EAFNOSUPPORT when the kernel has no IPv4.
pub fn loopback_up() -> io::Result<()> {
    // SAFETY: the structure has numbers and bytes only, of which zero is a value.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    copy("lo", &mut request.ifr_name)?;
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_LOOPBACK) as libc::c_short;
    let socket =
        rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    // SAFETY: the kernel reads one `ifreq`, which outlives the call; the name in it ends with a NUL.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) }).map(drop)
}

/// Gives the interface `from` the name `to`.
///
/// # Errors
/// ENODEV when there is no such interface, EEXIST when the name is taken, EBUSY when a kernel before 6.2 has the interface up,
/// [`io::ErrorKind::InvalidInput`] when a name is empty or has more than 15 bytes.
pub fn rename(from: &str, to: &str) -> io::Result<()> {
    // SAFETY: the structure has numbers and bytes only, of which zero is a value.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    copy(from, &mut request.ifr_name)?;
    let mut name = [0; libc::IFNAMSIZ];
    copy(to, &mut name)?;
    request.ifr_ifru.ifru_newname = name;
    let socket =
        rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    // SAFETY: the kernel reads one `ifreq`, which outlives the call; both names in it end with a NUL.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFNAME as _, &mut request) }).map(drop)
}

fn copy(name: &str, place: &mut [libc::c_char; libc::IFNAMSIZ]) -> io::Result<()> {
    if name.is_empty() || name.len() >= place.len() || name.contains('\0') {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, byte) in place.iter_mut().zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be() {
        for (from, to) in [("", "a"), ("a", ""), ("a", "0123456789abcdef"), ("a", "b\0")] {
            assert_eq!(rename(from, to).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{from:?} {to:?}");
        }
    }

    #[test]
    fn no_such_interface() {
        assert!(rename("qos-none", "qos-other").is_err());
    }
}
