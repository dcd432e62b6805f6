// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sends entries to syslog servers by TCP (RFC 6587, "Octet Counting") or TLS (RFC 5425).
//!
//! Each server has a queue and a thread of its own, so that a server that does not answer holds nothing up.

mod frame;
mod notice;
mod server;
mod stream;
#[cfg(test)]
mod tests;
mod timed;
mod tls;

use crate::entry::Entry;
use frame::frame;
use notice::Notices;
use qos_command::Failure;
use server::Server;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};
use stream::{Stream, Target};
use tls::Tls;

/// Messages that wait for the server; later ones are dropped.
const QUEUE: usize = 4096;

/// How long a connection, a handshake or a message may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Pauses between attempts to connect: from the first to the second, twice as long each time.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How long the end waits for messages that are still in the queue.
const END: Duration = Duration::from_secs(1);

/// Port of syslog over TLS (RFC 5425, section 4.1).
const TLS_PORT: u16 = 6514;

/// The authorities that a server's certificate is verified with, unless others are given.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What the command line says about servers.
#[derive(Default)]
pub struct Options {
    /// `HOST:PORT` of a server by TCP.
    pub tcp: Option<String>,
    /// `HOST[:PORT]` of a server by TLS.
    pub tls: Option<String>,
    /// PEM file with the authorities that may sign the server's certificate.
    pub authorities: Option<PathBuf>,
    /// PEM file with the client's certificate.
    pub certificate: Option<PathBuf>,
    /// PEM file with the key of the client's certificate.
    pub key: Option<PathBuf>,
}

impl Options {
    fn targets(&self) -> Result<Vec<Target>, Failure> {
        let mut targets = Vec::new();
        if let Some(text) = &self.tcp {
            let server = Server::parse(text, None).map_err(|error| usage("--forward", text, &error))?;
            targets.push(Target { server, tls: None, limit: LIMIT });
        }
        let identity = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some((certificate.as_path(), key.as_path())),
            (None, None) => None,
            _ => return Err(Failure::usage("--forward-cert and --forward-key need each other")),
        };
        match &self.tls {
            Some(text) => {
                let server = Server::parse(text, Some(TLS_PORT))
                    .map_err(|error| usage("--forward-tls", text, &error))?;
                let authorities = self.authorities.clone().unwrap_or_else(|| AUTHORITIES.into());
                let tls = Tls::new(&server.host, &authorities, identity)?;
                targets.push(Target { server, tls: Some(tls), limit: LIMIT });
            }
            None if identity.is_some() || self.authorities.is_some() => {
                return Err(Failure::usage(
                    "--forward-ca, --forward-cert and --forward-key need --forward-tls",
                ));
            }
            None => {}
        }
        Ok(targets)
    }
}

fn usage(option: &str, text: &str, error: &str) -> Failure {
    Failure::usage(format!("{option} {text}: {error}"))
}

/// The senders to all servers.
pub struct Forwarders {
    senders: Vec<Forwarder>,
    notices: UnixDatagram,
}

impl Forwarders {
    /// Starts a sender for each server of the command line; `None` if there is no server. `host` is the name of this host.
    ///
    /// # Errors
    /// When options do not fit together, a file cannot be used, or there can be no more threads.
    pub fn new(options: &Options, host: &str) -> Result<Option<Self>, Failure> {
        let targets = options.targets()?;
        if targets.is_empty() {
            return Ok(None);
        }
        Self::start(targets, host).map(Some).map_err(|error| Failure::of("forwarding", &error))
    }

    fn start(targets: Vec<Target>, host: &str) -> io::Result<Self> {
        let (notices, sender) = UnixDatagram::pair()?;
        notices.set_nonblocking(true)?;
        let senders = targets.into_iter().map(|target| Forwarder::new(target, host, sender.try_clone()?));
        Ok(Forwarders { senders: senders.collect::<io::Result<_>>()?, notices })
    }

    /// Puts an entry into the queues.
    pub fn send(&self, entry: &Entry) {
        self.senders.iter().for_each(|sender| sender.send(entry));
    }

    /// The descriptor that can be read when there are [`Forwarders::notices`].
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.notices.as_fd()
    }

    /// What the log has to say about servers. These entries are not to be forwarded: each attempt could make another one.
    pub fn notices(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count) = self.notices.recv(&mut buffer) {
            entries.push(notice::decode(&buffer[..count]));
        }
        entries
    }
}

/// The queue of a server.
struct Forwarder {
    /// `None` at the end only.
    queue: Option<SyncSender<Vec<u8>>>,
    dropped: Arc<AtomicU64>,
    host: String,
    /// Closed by the end of the thread.
    ended: Receiver<()>,
}

impl Forwarder {
    fn new(target: Target, host: &str, notices: UnixDatagram) -> io::Result<Self> {
        let (queue, messages) = sync_channel(QUEUE);
        let (end, ended) = mpsc::channel();
        let dropped = Arc::new(AtomicU64::new(0));
        let notices = Notices::new(&target.server, notices);
        let sender =
            Sender { target, host: host.to_owned(), dropped: dropped.clone(), stream: None, notices };
        thread::Builder::new().name("forward".into()).spawn(move || {
            sender.send_all(&messages);
            drop(end);
        })?;
        Ok(Forwarder { queue: Some(queue), dropped, host: host.to_owned(), ended })
    }

    fn send(&self, entry: &Entry) {
        let Some(queue) = &self.queue else { return };
        if queue.try_send(frame(entry, &self.host)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Forwarder {
    /// Waits until the queue is empty and the connection is closed, for a second at most.
    fn drop(&mut self) {
        self.queue = None;
        let _ = self.ended.recv_timeout(END);
    }
}

/// What the thread of a server has.
struct Sender {
    target: Target,
    host: String,
    dropped: Arc<AtomicU64>,
    stream: Option<Stream>,
    notices: Notices,
}

impl Sender {
    fn send_all(mut self, messages: &Receiver<Vec<u8>>) {
        let start = Instant::now();
        // The end of the channel is the end of the thread.
        for message in messages {
            let mut pause = PAUSES.0;
            loop {
                let is_new = self.stream.is_none();
                match self.send(&message) {
                    Ok(true) => {
                        self.notices.success();
                        break;
                    }
                    // The server may end and come back; nobody has to know unless it does not come back.
                    Ok(false) => {}
                    Err(error) if !is_new && timed::is_end(&error) => {}
                    Err(error) => {
                        self.notices.failure(&stream::reason(&error, &self.target), start.elapsed());
                    }
                }
                self.stream = None;
                thread::sleep(pause);
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }

    /// Sends a message, and connects before if need be. Returns false if the server has closed the connection.
    fn send(&mut self, message: &[u8]) -> io::Result<bool> {
        let stream = match &mut self.stream {
            Some(open) => {
                // Noticed before a message is given to it.
                if !open.is_open()? {
                    return Ok(false);
                }
                open
            }
            none => none.insert(Stream::connect(&self.target)?),
        };
        // Tells the server how many messages it did not get.
        let count = self.dropped.swap(0, Ordering::Relaxed);
        if count > 0 {
            let sent = stream.send(&frame(&notice::dropped(count), &self.host));
            if sent.is_err() {
                self.dropped.fetch_add(count, Ordering::Relaxed);
            }
            sent?;
        }
        stream.send(message).map(|()| true)
    }
}
