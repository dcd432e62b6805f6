// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's messages about its devices: netlink(7), NETLINK_KOBJECT_UEVENT.

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, netlink};
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Hears every event from its creation on.
pub struct Listener {
    socket: OwnedFd,
}

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the kernel has no such sockets.
    pub fn new() -> io::Result<Self> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            Some(netlink::KOBJECT_UEVENT),
        )?;
        // Group 1 holds the kernel's own events; process id 0 lets the kernel choose the address.
        rustix::net::bind(&socket, &netlink::SocketAddrNetlink::new(0, 1))?;
        Ok(Listener { socket })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn waits_for_an_event_and_no_longer_than_told() {
        // Another socket of datagrams: the kernel's own events come when they like.
        let (sender, receiver) = std::os::unix::net::UnixDatagram::pair().unwrap();
        receiver.set_nonblocking(true).unwrap();
        let listener = Listener { socket: receiver.into() };
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
}
