// SPDX-License-Identifier: MIT OR Apache-2.0
//! A connection to a server, by TCP or TLS, whose operations take a limited time.

use super::server::Server;
use super::timed::{Timed, is_end};
use super::tls::{self, Tls};
use rustls::ClientConnection;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Reads of what a server sends, before a message is sent: a server that talks without end does not hold it up.
const READS: usize = 64;

/// A server, and how to talk to it.
pub struct Target {
    /// The address.
    pub server: Server,
    /// `None`: TCP without TLS.
    pub tls: Option<Tls>,
    /// How long a connection, a handshake or a message may take.
    pub limit: Duration,
}

/// An open connection.
pub struct Stream {
    tcp: TcpStream,
    tls: Option<Box<ClientConnection>>,
    limit: Duration,
}

impl Stream {
    /// Connects; with TLS the server is verified before this returns.
    ///
    /// # Errors
    /// [`reason`] has the text for a person.
    pub fn connect(target: &Target) -> io::Result<Self> {
        let tcp = connect(&target.server, target.limit)?;
        let tls = target.tls.as_ref().map(|tls| tls.handshake(&tcp, target.limit)).transpose()?;
        Ok(Stream { tcp, tls: tls.map(Box::new), limit: target.limit })
    }

    /// Whether the server has not closed the connection. What it has sent is read and dropped: syslog has no answers.
    ///
    /// # Errors
    /// When the server ended the connection by an alert of TLS, or sent what is not TLS.
    pub fn is_open(&mut self) -> io::Result<bool> {
        self.tcp.set_nonblocking(true)?;
        let state = self.drain();
        self.tcp.set_nonblocking(false)?;
        state
    }

    fn drain(&mut self) -> io::Result<bool> {
        for _ in 0..READS {
            let read = match &mut self.tls {
                Some(tls) => tls::receive(tls, &mut self.tcp),
                None => self.tcp.read(&mut [0; 4096]),
            };
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_end(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Sends a message. After an error the server may have a part of it.
    ///
    /// # Errors
    /// As those of sockets; `TimedOut` when the server does not take the message in time.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let mut timed = Timed::new(&self.tcp, self.limit, "the server did not take a message");
        match &mut self.tls {
            Some(tls) => tls::send(tls, &mut timed, message),
            None => timed.write_all(message),
        }
    }
}

impl Drop for Stream {
    /// Ends the connection in an orderly way, if the socket takes that at once (RFC 5425, section 4.4).
    fn drop(&mut self) {
        // Unread data, such as tickets of TLS sessions, would have the kernel reset the connection.
        let is_open = self.is_open().unwrap_or(false);
        if let Some(tls) = self.tls.as_mut().filter(|_| is_open) {
            tls.send_close_notify();
            let _ = self.tcp.set_nonblocking(true);
            let _ = tls.write_tls(&mut self.tcp);
        }
        let _ = self.tcp.shutdown(Shutdown::Write);
    }
}

/// Why messages are not sent to the target, for a person.
pub fn reason(error: &io::Error, target: &Target) -> String {
    match (error.get_ref().and_then(|inner| inner.downcast_ref()), &target.tls) {
        (Some(inner), Some(tls)) => tls.reason(inner, &target.server.host),
        _ => qos_sys::error_text(error),
    }
}

fn connect(server: &Server, limit: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{} has no address", server.host));
    for address in (server.host.as_str(), server.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
