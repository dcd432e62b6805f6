// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sockets of rtnetlink(7): links, addresses, routes.

use crate::uevent::Taken;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Bytes of the longest packet that is taken: the kernel puts at most half of it in one packet of a list.
const PACKET: usize = 64 << 10;

/// A socket of the kernel's routing tables.
pub struct Socket {
    socket: OwnedFd,
}

impl Socket {
    /// A socket that hears the multicast groups of the mask `groups`: bit N-1 is group N of `linux/rtnetlink.h`.
    ///
    /// # Errors
    /// When the kernel has no network.
    pub fn new(groups: u32) -> io::Result<Self> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            // Protocol 0: NETLINK_ROUTE.
            None,
        )?;
        // Process id 0 lets the kernel choose the address.
        rustix::net::bind(&socket, &netlink::SocketAddrNetlink::new(0, groups))?;
        Ok(Socket { socket })
    }

    /// Makes room for `bytes` of messages that wait, as far as the system's limit allows (SO_RCVBUF in socket(7)).
    ///
    /// # Errors
    /// As in setsockopt(2).
    pub fn enlarge(&self, bytes: usize) -> io::Result<()> {
        match rustix::net::sockopt::set_socket_recv_buffer_size_force(&self.socket, bytes) {
            Err(rustix::io::Errno::PERM) => {
                Ok(rustix::net::sockopt::set_socket_recv_buffer_size(&self.socket, bytes)?)
            }
            done => Ok(done?),
        }
    }

    /// Sends a request to the kernel.
    ///
    /// # Errors
    /// As in sendto(2).
    pub fn send(&self, request: &[u8]) -> io::Result<()> {
        let kernel = netlink::SocketAddrNetlink::new(0, 0);
        rustix::net::sendto(&self.socket, request, SendFlags::empty(), &kernel)?;
        Ok(())
    }

    /// Takes a packet of the kernel that is there; those of other processes are dropped.
    ///
    /// # Errors
    /// As in recvfrom(2).
    pub fn take(&self) -> io::Result<Taken> {
        let mut buffer = vec![MaybeUninit::<u8>::uninit(); PACKET];
        loop {
            match rustix::net::recvfrom(&self.socket, &mut buffer[..], RecvFlags::empty()) {
                Ok(((packet, _), _, Some(sender))) => {
                    if netlink::SocketAddrNetlink::try_from(sender).is_ok_and(|sender| sender.pid() == 0) {
                        return Ok(Taken::Packet(packet.to_vec()));
                    }
                }
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(Taken::None),
                Err(rustix::io::Errno::NOBUFS) => return Ok(Taken::Overrun),
                Err(error) => return Err(error.into()),
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
    fn a_request_and_its_answer() {
        let socket = Socket::new(0).unwrap();
        assert_eq!(socket.take().unwrap(), Taken::None);
        // RTM_GETLINK with NLM_F_REQUEST | NLM_F_DUMP and a header of a link that is all zero.
        let mut request = vec![32, 0, 0, 0, 18, 0, 1, 3, 7, 0, 0, 0, 0, 0, 0, 0];
        request.extend([0; 16]);
        socket.send(&request).unwrap();
        assert!(
            crate::poll::readable([socket.as_fd()], Some(std::time::Duration::from_secs(60))).unwrap()[0]
        );
        let Taken::Packet(packet) = socket.take().unwrap() else { panic!("no answer") };
        // RTM_NEWLINK, with the number of the request.
        assert_eq!((&packet[4..6], &packet[8..12]), (&[16, 0][..], &[7, 0, 0, 0][..]));
    }
}
