// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the kernel says about its devices: netlink(7), NETLINK_KOBJECT_UEVENT.

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
        if rustix::event::poll(&mut poll, Some(&limit))? == 0 {
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

    #[test]
    fn waits_no_longer_than_told() {
        // A build's sandbox may have no network, and so no such sockets: the boot tests use them for real.
        if let Ok(listener) = Listener::new() {
            listener.wait(Duration::ZERO).unwrap();
        }
    }
}
