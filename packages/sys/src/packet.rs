// SPDX-License-Identifier: MIT OR Apache-2.0
//! Packets below the Internet protocol, on an interface that has no address yet: packet(7).

use crate::error::check;
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// IPv4, as a protocol of Ethernet.
pub const IPV4: u16 = 0x0800;

/// An instruction of a filter of packets: `sock_filter` of the kernel's `networking/filter.rst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub code: u16,
    /// Instructions to skip if it is true.
    pub yes: u8,
    /// Instructions to skip if it is false.
    pub no: u8,
    /// The operand.
    pub operand: u32,
}

/// A socket that sends and receives packets of one protocol on one interface, without their Ethernet header.
pub struct Socket {
    socket: OwnedFd,
    interface: libc::c_int,
    protocol: u16,
}

impl Socket {
    /// A socket on the interface of that index that receives what `filter` lets pass.
    ///
    /// # Errors
    /// As in socket(2): EPERM without CAP_NET_RAW; ENODEV when there is no such interface; EINVAL when the filter is not valid.
    pub fn new(interface: u32, protocol: u16, filter: &[Instruction]) -> io::Result<Self> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // Protocol 0 receives nothing: no packet comes before there is a filter.
        // SAFETY: the call has no memory to be wrong about.
        let socket = check(unsafe { libc::socket(libc::AF_PACKET, kind, 0) })?;
        // SAFETY: the call has succeeded: it is an open descriptor, and nobody else's.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        let interface = libc::c_int::try_from(interface).map_err(|_| io::ErrorKind::InvalidInput)?;
        let socket = Socket { socket, interface, protocol };
        socket.attach(filter)?;
        let address = socket.address([0; 6]);
        // SAFETY: the pointer and the length are those of an address that outlives the call.
        check(unsafe {
            libc::bind(socket.socket.as_raw_fd(), (&raw const address).cast(), size_of_val(&address) as u32)
        })?;
        Ok(socket)
    }

    fn attach(&self, filter: &[Instruction]) -> io::Result<()> {
        let code =
            |one: &Instruction| libc::sock_filter { code: one.code, jt: one.yes, jf: one.no, k: one.operand };
        let mut filter: Vec<libc::sock_filter> = filter.iter().map(code).collect();
        let len = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
        // SAFETY: the kernel reads the structure and the instructions that it points to; both outlive the call.
        check(unsafe {
            libc::setsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_ATTACH_FILTER,
                (&raw const program).cast(),
                size_of::<libc::sock_fprog>() as u32,
            )
        })
        .map(drop)
    }

    fn address(&self, hardware: [u8; 6]) -> libc::sockaddr_ll {
        // SAFETY: the structure has numbers and bytes only, of which zero is a value.
        let mut address: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = self.protocol.to_be();
        address.sll_ifindex = self.interface;
        address.sll_halen = 6;
        address.sll_addr[..6].copy_from_slice(&hardware);
        address
    }

    /// Sends a packet to the Ethernet address `to`.
    ///
    /// # Errors
    /// As in sendto(2): ENETDOWN when the interface is down.
    pub fn send(&self, to: [u8; 6], packet: &[u8]) -> io::Result<()> {
        let address = self.address(to);
        // SAFETY: both pointers and lengths are those of a slice and of an address that outlive the call.
        let sent = unsafe {
            libc::sendto(
                self.socket.as_raw_fd(),
                packet.as_ptr().cast(),
                packet.len(),
                0,
                (&raw const address).cast(),
                size_of_val(&address) as u32,
            )
        };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Takes a packet that is there into `buffer`: how many bytes it has. What does not fit is lost.
    ///
    /// # Errors
    /// As in recv(2): ENETDOWN, once, when the interface went down.
    pub fn take(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            // SAFETY: the pointer and the length are those of a slice that outlives the call.
            let taken =
                unsafe { libc::recv(self.socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) };
            if let Ok(taken) = usize::try_from(taken) {
                return Ok(Some(taken));
            }
            let error = io::Error::last_os_error();
            match error.kind() {
                io::ErrorKind::WouldBlock => return Ok(None),
                io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            }
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_such_interface() {
        // Without CAP_NET_RAW the error is another one.
        assert!(Socket::new(i32::MAX as u32, IPV4, &[]).is_err());
        assert!(Socket::new(u32::MAX, IPV4, &[]).is_err());
    }
}
