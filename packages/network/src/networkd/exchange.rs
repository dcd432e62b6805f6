// SPDX-License-Identifier: MIT OR Apache-2.0
//! A DHCP client with its sockets.

use crate::dhcp::client::{Action, Client, Identity};
use crate::dhcp::datagram::{self, CLIENT, SERVER};
use crate::dhcp::lease::Lease;
use crate::dhcp::message::Message;
use qos_sys::packet::{IPV4, Socket};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// What became of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is new, or has new times.
    Bound(Box<Lease>),
    /// There is none any more.
    Lost,
}

/// A client on a link.
pub struct Exchange {
    client: Client,
    socket: Socket,
    name: String,
    /// Kept until the answer is there, so that the kernel does not refuse it on behalf of nobody.
    unicast: Option<UdpSocket>,
}

impl Exchange {
    /// Begins on the link of that index and name.
    ///
    /// # Errors
    /// As in packet(7).
    pub fn new(index: u32, name: &str, identity: Identity, before: Option<Lease>) -> io::Result<Exchange> {
        let socket = Socket::new(index, IPV4, &datagram::FILTER)?;
        let client = Client::new(identity, qos_sys::time::since_boot(), before);
        Ok(Exchange { client, socket, name: name.to_owned(), unicast: None })
    }

    /// The lease in use.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.client.lease()
    }

    /// When there is something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.client.deadline()
    }

    /// Takes what is received, and does what is due.
    ///
    /// # Errors
    /// When there is no random number.
    pub fn work(&mut self) -> io::Result<Option<Outcome>> {
        let mut outcome = None;
        let mut buffer = [0; 4096];
        loop {
            match self.socket.take(&mut buffer) {
                Ok(None) => break,
                Ok(Some(length)) => {
                    let Some(content) = datagram::unwrap(&buffer[..length]) else { continue };
                    let now = qos_sys::time::since_boot();
                    match Message::parse(content) {
                        Ok(message) => {
                            let actions = self.client.receive(now, &message);
                            outcome = self.act(actions).or(outcome);
                        }
                        Err(reason) => eprintln!("{}: message of DHCP: {reason}: ignored", self.name),
                    }
                }
                // The link went down: its news comes by another way.
                Err(_) => break,
            }
        }
        let actions = self.client.timer(qos_sys::time::since_boot(), random()?);
        Ok(self.act(actions).or(outcome))
    }

    /// Asks for more time now.
    pub fn renew(&mut self) {
        self.client.renew(qos_sys::time::since_boot());
    }

    /// Gives the address back, while it is still there.
    pub fn release(&mut self) {
        let action = random().ok().and_then(|random| self.client.release(random));
        self.act(action.into_iter().collect());
    }

    fn act(&mut self, actions: Vec<Action>) -> Option<Outcome> {
        let mut outcome = None;
        for action in actions {
            match action {
                Action::Broadcast(message) => {
                    let packet = datagram::wrap(message.client, Ipv4Addr::BROADCAST, &message.encode());
                    self.tell(self.socket.send([255; 6], &packet));
                }
                Action::Unicast(message, server) => {
                    self.unicast = None;
                    let sent = unicast(&message, server).map(|socket| self.unicast = Some(socket));
                    self.tell(sent);
                }
                Action::Bound(lease) => {
                    self.unicast = None;
                    outcome = Some(Outcome::Bound(Box::new(lease)));
                }
                Action::Lost(reason) => {
                    eprintln!("{}: the address of DHCP is lost: {reason}", self.name);
                    outcome = Some(Outcome::Lost);
                }
                Action::Unused(reason) => {
                    eprintln!("{}: message of a DHCP server: {reason}: ignored", self.name)
                }
            }
        }
        outcome
    }

    /// A message that is not sent is one that is lost: the client asks again.
    fn tell(&self, sent: io::Result<()>) {
        if let Err(error) = sent {
            eprintln!("{}: send to a DHCP server: {}", self.name, qos_sys::error_text(&error));
        }
    }
}

/// Sends by the kernel's routes, from the address that the client has. The answer comes to the packet socket.
fn unicast(message: &Message, server: Ipv4Addr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((message.client, CLIENT))?;
    socket.set_nonblocking(true)?;
    socket.send_to(&message.encode(), (server, SERVER))?;
    Ok(socket)
}

fn random() -> io::Result<u32> {
    let mut bytes = [0; 4];
    qos_sys::random::fill(&mut bytes)?;
    Ok(u32::from_ne_bytes(bytes))
}

impl AsFd for Exchange {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
