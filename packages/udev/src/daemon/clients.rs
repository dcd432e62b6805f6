// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs that have sent a request and wait for its answer.

use crate::control::Request;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Bytes of the longest request.
const LONGEST: usize = 4096;

/// The socket, and the connections to it.
pub struct Clients {
    socket: UnixListener,
    clients: Vec<Client>,
    next: u64,
}

struct Client {
    number: u64,
    stream: UnixStream,
    text: Vec<u8>,
    /// The event that it waits for.
    waits_for: Option<u64>,
    gone: bool,
}

impl Clients {
    /// Makes the socket, for root only.
    pub fn new(path: &Path) -> io::Result<Clients> {
        if UnixStream::connect(path).is_ok() {
            return Err(io::Error::other("another udevd runs; stop it first"));
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        socket.set_nonblocking(true)?;
        Ok(Clients { socket, clients: Vec::new(), next: 0 })
    }

    /// Descriptors for poll(2): the socket, then each connection.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        [self.socket.as_fd()].into_iter().chain(self.clients.iter().map(|client| client.stream.as_fd()))
    }

    /// Reads where something is there, and takes new connections; `ready` is in the order of [`Clients::descriptors`].
    pub fn read(&mut self, ready: &[bool]) {
        let (socket, clients) =
            ready.split_first().map_or((false, ready), |(socket, clients)| (*socket, clients));
        for (client, _) in self.clients.iter_mut().zip(clients).filter(|(_, ready)| **ready) {
            let mut part = [0; 512];
            match client.stream.read(&mut part) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => client.gone = true,
                Ok(read) => client.text.extend_from_slice(&part[..read]),
            }
            client.gone |= client.text.len() > LONGEST;
        }
        while socket && let Ok((stream, _)) = self.socket.accept() {
            let is_root = qos_sys::message::peer_uid(&stream)
                .is_ok_and(|uid| uid == 0 || uid == qos_sys::user::effective_uid());
            if is_root && stream.set_nonblocking(true).is_ok() {
                self.next += 1;
                self.clients.push(Client {
                    number: self.next,
                    stream,
                    text: Vec::new(),
                    waits_for: None,
                    gone: false,
                });
            }
        }
        self.clients.retain(|client| !client.gone);
    }

    /// The requests that are whole, with the number of who sent each. Those not understood are answered.
    pub fn requests(&mut self) -> Vec<(u64, Request)> {
        let mut requests = Vec::new();
        for client in &mut self.clients {
            while let Some(end) = client.text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = client.text.drain(..=end).collect();
                match String::from_utf8_lossy(&line).trim_end().parse::<Request>() {
                    Ok(request) => requests.push((client.number, request)),
                    Err(error) => client.write(&error),
                }
            }
        }
        requests
    }

    /// Answers one.
    pub fn answer(&mut self, number: u64, text: &str) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.number == number) {
            client.write(text);
        }
    }

    /// One waits until the events up to `event` are done.
    pub fn wait_for(&mut self, number: u64, event: u64) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.number == number) {
            client.waits_for = Some(event);
        }
    }

    /// Answers those whose events are done.
    pub fn answer_settled(&mut self, is_done: impl Fn(u64) -> bool) {
        for client in &mut self.clients {
            if client.waits_for.is_some_and(&is_done) {
                client.waits_for = None;
                client.write("ok");
            }
        }
    }
}

impl Client {
    /// Who does not read a line that short is gone.
    fn write(&mut self, text: &str) {
        self.gone |= writeln!(self.stream, "{text}").is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::send;
    use std::time::Duration;

    #[test]
    fn requests_and_answers() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control");
        let mut clients = Clients::new(&path).unwrap();
        let other = std::thread::spawn({
            let path = path.clone();
            move || {
                [Request::Ping, Request::Settle]
                    .map(|request| send(&path, &request, Some(Duration::from_secs(60))))
            }
        });
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let descriptors: Vec<_> = clients.descriptors().collect();
            let ready = qos_sys::poll::any_readable(&descriptors, Some(Duration::from_secs(60))).unwrap();
            clients.read(&ready);
            for (number, request) in clients.requests() {
                match request {
                    Request::Settle => clients.wait_for(number, 7),
                    _ => clients.answer(number, "ok"),
                }
                seen.push(request);
            }
        }
        assert_eq!(seen, [Request::Ping, Request::Settle]);
        clients.answer_settled(|_| false);
        clients.answer_settled(|event| event == 7);
        assert!(other.join().unwrap().iter().all(Result::is_ok));
        assert!(Clients::new(&path).is_err(), "a second daemon");
    }
}
