// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's messages about its devices: netlink(7), NETLINK_KOBJECT_UEVENT.

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// Bytes of the largest packet that is taken: the kernel's have 2 KiB of properties, those of udev may have more.
const PACKET: usize = 8192;

/// A multicast group of such sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The kernel's own events.
    Kernel,
    /// Events that udev has processed.
    Udev,
}

impl Group {
    fn mask(self) -> u32 {
        match self {
            Group::Kernel => 1,
            Group::Udev => 2,
        }
    }
}

/// What [`Listener::take`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// The bytes of a packet.
    Packet(Vec<u8>),
    /// There is none.
    None,
    /// The socket's buffer was full: events are lost.
    Overrun,
}

/// Hears every event from its creation on.
pub struct Listener {
    socket: OwnedFd,
    group: Group,
}

impl Listener {
    /// Begins to listen to the kernel.
    ///
    /// # Errors
    /// When the kernel has no such sockets.
    pub fn new() -> io::Result<Self> {
        Self::of(Group::Kernel)
    }

    /// Begins to listen to a group.
    ///
    /// # Errors
    /// When the kernel has no such sockets.
    pub fn of(group: Group) -> io::Result<Self> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            Some(netlink::KOBJECT_UEVENT),
        )?;
        // Process id 0 lets the kernel choose the address.
        rustix::net::bind(&socket, &netlink::SocketAddrNetlink::new(0, group.mask()))?;
        Ok(Listener { socket, group })
    }

    /// Makes room for `bytes` of events that wait, beyond the system's limit (SO_RCVBUFFORCE in socket(7)).
    ///
    /// # Errors
    /// As in setsockopt(2): EPERM without CAP_NET_ADMIN.
    pub fn enlarge(&self, bytes: usize) -> io::Result<()> {
        Ok(rustix::net::sockopt::set_socket_recv_buffer_size_force(&self.socket, bytes)?)
    }

    /// Takes a packet that is there. One of the kernel's group that another process sent is dropped, and so is one that was
    /// sent to this socket alone, which every process may do.
    ///
    /// # Errors
    /// As in recvfrom(2).
    pub fn take(&self) -> io::Result<Taken> {
        let mut buffer = [MaybeUninit::<u8>::uninit(); PACKET];
        loop {
            match rustix::net::recvfrom(&self.socket, &mut buffer[..], RecvFlags::empty()) {
                Ok(((packet, _), _, Some(sender))) => {
                    let Ok(sender) = netlink::SocketAddrNetlink::try_from(sender) else { continue };
                    let kernels = sender.pid() == 0;
                    if sender.groups() == self.group.mask() && kernels == (self.group == Group::Kernel) {
                        return Ok(Taken::Packet(packet.to_vec()));
                    }
                }
                Ok((_, _, None)) | Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(Taken::None),
                Err(rustix::io::Errno::NOBUFS) => return Ok(Taken::Overrun),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a packet to all who listen to udev's group. It is no error that nobody does.
    ///
    /// # Errors
    /// As in sendto(2): EPERM without CAP_NET_ADMIN.
    pub fn send(&self, packet: &[u8]) -> io::Result<()> {
        let group = netlink::SocketAddrNetlink::new(0, Group::Udev.mask());
        match rustix::net::sendto(&self.socket, packet, SendFlags::empty(), &group) {
            Ok(_) | Err(rustix::io::Errno::CONNREFUSED) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until there has been an event, and forgets those that are there; `false` when `limit` went by first.
    ///
    /// # Errors
    /// As in poll(2), recv(2).
    pub fn wait(&self, limit: Duration) -> io::Result<bool> {
        let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
        let mut poll = [PollFd::new(&self.socket, PollFlags::IN)];
        let ready = loop {
            match rustix::event::poll(&mut poll, Some(&limit)) {
                Err(rustix::io::Errno::INTR) => {}
                other => break other?,
            }
        };
        if ready == 0 {
            return Ok(false);
        }
        let mut event = [0; 4096];
        loop {
            match rustix::net::recv(&self.socket, &mut event, RecvFlags::empty()) {
                Ok(_) | Err(rustix::io::Errno::NOBUFS | rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn waits_for_an_event_and_no_longer_than_told() {
        // Another socket of datagrams: the kernel's own events come when they like.
        let (sender, receiver) = std::os::unix::net::UnixDatagram::pair().unwrap();
        receiver.set_nonblocking(true).unwrap();
        let listener = Listener { socket: receiver.into(), group: Group::Kernel };
        let begin = Instant::now();
        assert!(!listener.wait(Duration::from_millis(50)).unwrap());
        assert!(begin.elapsed() >= Duration::from_millis(50));
        for event in [&b"add@/devices/a"[..], b"change@/devices/b"] {
            sender.send(event).unwrap();
        }
        assert!(listener.wait(Duration::from_secs(60)).unwrap());
        // all that were there are forgotten
        assert!(!listener.wait(Duration::ZERO).unwrap());
        let later = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            sender.send(b"remove@/devices/a").unwrap();
            sender
        });
        assert!(listener.wait(Duration::from_secs(60)).unwrap());
        later.join().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn a_listener_is_the_kernels() {
        // A sandbox may have no such sockets, and then says so; the boot tests use them for real.
        match Listener::new() {
            Ok(listener) => {
                let address = rustix::net::getsockname(&listener.socket).unwrap();
                let address = netlink::SocketAddrNetlink::try_from(address).unwrap();
                assert_eq!(address.groups(), 1);
                listener.wait(Duration::ZERO).unwrap();
            }
            Err(error) => {
                let codes = [libc::EPROTONOSUPPORT, libc::EAFNOSUPPORT, libc::EPERM, libc::EACCES];
                assert!(error.raw_os_error().is_some_and(|code| codes.contains(&code)), "{error}");
            }
        }
    }

    #[test]
    fn a_group_hears_what_is_sent_to_it_and_the_kernels_hears_the_kernel_only() {
        // Without sockets of this kind, or without CAP_NET_ADMIN, there is nothing to test.
        let (Ok(kernel), Ok(udev)) = (Listener::new(), Listener::of(Group::Udev)) else { return };
        if kernel.send(b"libudev").is_err() {
            return;
        }
        assert!(udev.wait_readable());
        assert_eq!(udev.take().unwrap(), Taken::Packet(b"libudev".to_vec()));
        assert_eq!(udev.take().unwrap(), Taken::None);
        // A packet to the socket alone, as from any user.
        let address = rustix::net::getsockname(&udev.socket).unwrap();
        let address = netlink::SocketAddrNetlink::try_from(address).unwrap();
        let alone = netlink::SocketAddrNetlink::new(address.pid(), 0);
        rustix::net::sendto(&kernel.socket, b"x", SendFlags::empty(), &alone).unwrap();
        assert_eq!(udev.take().unwrap(), Taken::None);
    }

    impl Listener {
        fn wait_readable(&self) -> bool {
            crate::poll::readable([self.as_fd()], Some(Duration::from_secs(60))).unwrap()[0]
        }
    }
}
