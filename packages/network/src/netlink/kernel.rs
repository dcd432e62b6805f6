// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests to the kernel, and what it tells of itself.

use super::address::{self, Address};
use super::link::{self, Link};
use super::route::{self, Route};
use super::userop::Announced;
use super::{Message, Request, kind, messages};
use qos_sys::netlink::Socket;
use qos_sys::uevent::Taken;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// How long the kernel may take for an answer.
const LIMIT: Duration = Duration::from_secs(10);

/// A change in the kernel.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// A link is new, or is another than before.
    Link(Link),
    /// The link of that index is gone.
    LinkGone(u32),
    /// An address is new, or is another than before.
    Address(Address),
    /// An address is gone.
    AddressGone(Address),
    /// A router announces DNS servers or domains.
    Announced(Announced),
    /// Changes are lost: all is to be read again.
    Lost,
}

/// A socket for requests.
pub struct Kernel {
    socket: Socket,
    sequence: u32,
}

impl Kernel {
    /// Opens it.
    ///
    /// # Errors
    /// When the kernel has no network.
    pub fn new() -> io::Result<Kernel> {
        let socket = Socket::new(0)?;
        socket.enlarge(1 << 20)?;
        Ok(Kernel { socket, sequence: 0 })
    }

    /// Has the kernel do something.
    ///
    /// # Errors
    /// The kernel's, as in rtnetlink(7).
    pub fn act(&mut self, request: Request) -> io::Result<()> {
        self.ask(request, |_| {})
    }

    /// All links.
    ///
    /// # Errors
    /// The kernel's.
    pub fn links(&mut self) -> io::Result<Vec<Link>> {
        let mut links = Vec::new();
        self.ask(link::list(), |message| links.extend(Link::parse(message.body)))?;
        Ok(links)
    }

    /// All addresses.
    ///
    /// # Errors
    /// The kernel's.
    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        let mut addresses = Vec::new();
        self.ask(address::list(), |message| addresses.extend(Address::parse(message.body)))?;
        Ok(addresses)
    }

    /// All routes of one family, of all tables.
    ///
    /// # Errors
    /// The kernel's.
    pub fn routes(&mut self, v6: bool) -> io::Result<Vec<Route>> {
        let mut routes = Vec::new();
        self.ask(route::list(v6), |message| routes.extend(Route::parse(message.body)))?;
        Ok(routes)
    }

    fn ask(&mut self, request: Request, mut found: impl FnMut(Message<'_>)) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        self.socket.send(&request.finish(self.sequence))?;
        loop {
            if !qos_sys::poll::readable([self.socket.as_fd()], Some(LIMIT))?[0] {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let packet = match self.socket.take()? {
                Taken::Packet(packet) => packet,
                Taken::None => continue,
                Taken::Overrun => return Err(io::Error::other("more answers than there is room for")),
            };
            for message in messages(&packet).filter(|message| message.sequence == self.sequence) {
                match message.kind {
                    kind::ERROR | kind::DONE => {
                        // The number of an error, negative; 0 is none.
                        let number = message.body.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes));
                        return match number {
                            0.. => Ok(()),
                            number => Err(io::Error::from_raw_os_error(number.saturating_neg())),
                        };
                    }
                    _ => found(message),
                }
            }
        }
    }
}

/// A socket that hears of changes.
pub struct Listener {
    socket: Socket,
}

impl Listener {
    /// Hears of links, addresses, and announcements of routers, from now on.
    ///
    /// # Errors
    /// When the kernel has no network.
    pub fn new() -> io::Result<Listener> {
        // RTNLGRP_LINK, _IPV4_IFADDR, _IPV6_IFADDR, _ND_USEROPT
        let groups = [1, 5, 9, 20].iter().fold(0, |mask, group| mask | 1 << (group - 1));
        let socket = Socket::new(groups)?;
        socket.enlarge(8 << 20)?;
        Ok(Listener { socket })
    }

    /// Takes the changes that are there.
    ///
    /// # Errors
    /// As in recvfrom(2).
    pub fn take(&self) -> io::Result<Vec<News>> {
        let mut all = Vec::new();
        loop {
            match self.socket.take()? {
                Taken::Packet(packet) => all.extend(messages(&packet).filter_map(news)),
                Taken::None => return Ok(all),
                Taken::Overrun => all.push(News::Lost),
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What a message tells.
pub fn news(message: Message<'_>) -> Option<News> {
    match message.kind {
        kind::NEW_LINK => Link::parse(message.body).map(News::Link),
        kind::DEL_LINK => Link::parse(message.body).map(|link| News::LinkGone(link.index)),
        kind::NEW_ADDRESS => Address::parse(message.body).map(News::Address),
        kind::DEL_ADDRESS => Address::parse(message.body).map(News::AddressGone),
        kind::NEW_ND_USER_OPTION => Announced::parse(message.body).map(News::Announced),
        _ => None,
    }
}
