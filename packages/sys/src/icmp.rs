// SPDX-License-Identifier: MIT OR Apache-2.0
//! Echo requests and their replies: icmp(7).

use crate::error::check;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, ipproto};
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// A socket for ICMP or ICMPv6.
pub struct Socket {
    socket: OwnedFd,
    /// Whether the socket sees all messages of ICMP that come to the host.
    raw: bool,
    v6: bool,
}

/// A message of ICMP.
#[derive(Debug, PartialEq, Eq)]
pub struct Received {
    /// Where it begins in the buffer, and where it ends.
    pub range: std::ops::Range<usize>,
    /// Who sent it; unknown in the case of raw sockets of old kernels.
    pub from: Option<IpAddr>,
    /// Its time to live, or hop limit.
    pub ttl: Option<u8>,
}

impl Socket {
    /// A datagram socket if the user's group may have one (`net.ipv4.ping_group_range`), and otherwise a raw one.
    ///
    /// # Errors
    /// As in socket(2): EPERM or EACCES when neither is permitted.
    pub fn new(v6: bool) -> io::Result<Self> {
        let (family, protocol) =
            if v6 { (AddressFamily::INET6, ipproto::ICMPV6) } else { (AddressFamily::INET, ipproto::ICMP) };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let make = |kind| rustix::net::socket_with(family, kind, flags, Some(protocol));
        let (socket, raw) = match make(SocketType::DGRAM) {
            Ok(socket) => (socket, false),
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) => (make(SocketType::RAW)?, true),
            Err(error) => return Err(error.into()),
        };
        let (level, option) = if v6 {
            (libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT)
        } else {
            (libc::IPPROTO_IP, libc::IP_RECVTTL)
        };
        let on: libc::c_int = 1;
        // SAFETY: the kernel reads one number, which outlives the call.
        check(unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                level,
                option,
                (&raw const on).cast(),
                size_of::<libc::c_int>() as u32,
            )
        })?;
        Ok(Socket { socket, raw, v6 })
    }

    /// Whether the socket sees the replies to other processes too, and the identifier of a request stays as it is.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    /// Sends a message; the kernel computes the checksum, except for a raw ICMP socket.
    ///
    /// # Errors
    /// As in sendto(2).
    pub fn send(&self, to: SocketAddr, message: &[u8]) -> io::Result<()> {
        rustix::net::sendto(&self.socket, message, SendFlags::empty(), &to)?;
        Ok(())
    }

    /// Takes a message that is there. A raw ICMP socket has the header of IPv4 in front of it, which `range` leaves out.
    ///
    /// # Errors
    /// As in recvmsg(2).
    pub fn take(&self, buffer: &mut [u8]) -> io::Result<Option<Received>> {
        let mut control = [0_u64; 16];
        let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: both structures have numbers, bytes and pointers only, of which zero is a value.
        let mut from: libc::sockaddr_in6 = unsafe { MaybeUninit::zeroed().assume_init() };
        // SAFETY: as above.
        let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
        header.msg_name = (&raw mut from).cast();
        header.msg_namelen = size_of::<libc::sockaddr_in6>() as u32;
        header.msg_iov = &raw mut part;
        header.msg_iovlen = 1;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = size_of_val(&control) as _;
        // SAFETY: the header's pointers and lengths are those of variables and of a slice that outlive the call.
        let taken = unsafe { libc::recvmsg(self.socket.as_raw_fd(), &mut header, 0) };
        let Ok(taken) = usize::try_from(taken) else {
            let error = io::Error::last_os_error();
            return match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(None),
                _ => Err(error),
            };
        };
        let start = if self.raw && !self.v6 { usize::from(buffer.first().unwrap_or(&0) & 15) * 4 } else { 0 };
        Ok(Some(Received {
            range: start.min(taken)..taken,
            from: sender(&from, header.msg_namelen),
            ttl: ttl(&header),
        }))
    }
}

/// The address in what the kernel wrote.
fn sender(address: &libc::sockaddr_in6, len: u32) -> Option<IpAddr> {
    match i32::from(address.sin6_family) {
        libc::AF_INET6 if len as usize >= size_of::<libc::sockaddr_in6>() => {
            Some(IpAddr::from(address.sin6_addr.s6_addr))
        }
        // The address of IPv4 is where that of IPv6 has its flow.
        libc::AF_INET => Some(IpAddr::from(address.sin6_flowinfo.to_ne_bytes())),
        _ => None,
    }
}

fn ttl(header: &libc::msghdr) -> Option<u8> {
    // SAFETY: the header is one that recvmsg filled in, and its control buffer is still there.
    let mut control = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !control.is_null() {
        // SAFETY: the pointer is to a header within the control buffer.
        let (level, kind) = unsafe { ((*control).cmsg_level, (*control).cmsg_type) };
        let wanted = [(libc::IPPROTO_IP, libc::IP_TTL), (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT)]
            .contains(&(level, kind));
        if wanted {
            // SAFETY: messages of these two kinds have an int; the read need not be aligned.
            let value = unsafe { libc::CMSG_DATA(control).cast::<libc::c_int>().read_unaligned() };
            return u8::try_from(value).ok();
        }
        // SAFETY: as for the first one.
        control = unsafe { libc::CMSG_NXTHDR(header, control) };
    }
    None
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_echo_of_this_host() {
        let Ok(socket) = Socket::new(false) else {
            // Neither kind is permitted to this user.
            assert!(!crate::process::is_root());
            return;
        };
        // Echo request, identifier 7, number 1, with its checksum.
        let request = [8, 0, 0xf7, 0xf7, 0, 7, 0, 1];
        socket.send("127.0.0.1:0".parse().unwrap(), &request).unwrap();
        let mut buffer = [0; 256];
        loop {
            assert!(crate::poll::readable([socket.as_fd()], Some(Duration::from_secs(60))).unwrap()[0]);
            let Some(received) = socket.take(&mut buffer).unwrap() else { continue };
            // A raw socket also sees the request.
            if buffer[received.range.start] == 0 {
                assert_eq!((received.range.len(), received.ttl), (8, Some(64)));
                assert_eq!(received.from, Some(IpAddr::from([127, 0, 0, 1])));
                return;
            }
        }
    }
}
