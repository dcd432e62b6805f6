// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests of `networkctl`: a line each on a socket that root and the daemon's user may write to, answered by a line.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// How long one side waits for a line of the other.
const CLIENT: Duration = Duration::from_secs(30);
const SERVER: Duration = Duration::from_millis(500);

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Read the files again.
    Reload,
    /// Ask for more time for the link's lease.
    Renew(String),
    /// Configure the link from the beginning.
    Reconfigure(String),
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Request::Reload => write!(f, "reload"),
            Request::Renew(link) => write!(f, "renew {link}"),
            Request::Reconfigure(link) => write!(f, "reconfigure {link}"),
        }
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(text: &str) -> Result<Request, String> {
        match text.split_once(' ') {
            None if text == "reload" => Ok(Request::Reload),
            Some(("renew", link)) => Ok(Request::Renew(link.to_owned())),
            Some(("reconfigure", link)) => Ok(Request::Reconfigure(link.to_owned())),
            _ => Err(format!("unknown request `{text}`")),
        }
    }
}

/// Where requests come in.
pub struct Requests {
    listener: UnixListener,
}

/// Where an answer goes.
pub struct Answer(UnixStream);

impl Requests {
    /// Makes the socket; one that is there is of a daemon that has ended.
    pub fn new(path: &Path) -> io::Result<Requests> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Requests { listener })
    }

    /// Takes a request that is there. A client that sends none within half a second is left.
    pub fn take(&self) -> Option<(Request, Answer)> {
        loop {
            let (stream, _) = self.listener.accept().ok()?;
            let mut line = String::new();
            let limits = stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(SERVER)));
            let read = limits
                .and_then(|()| stream.set_write_timeout(Some(SERVER)))
                .and_then(|()| BufReader::new((&stream).take(4096)).read_line(&mut line));
            match (read, line.trim_end().parse()) {
                (Ok(_), Ok(request)) => return Some((request, Answer(stream))),
                (Ok(_), Err(error)) => Answer(stream).send(Err(error)),
                (Err(_), _) => {}
            }
        }
    }
}

impl Answer {
    /// Sends it. A client that is gone does not want it.
    pub fn send(mut self, result: Result<(), String>) {
        let _ = writeln!(self.0, "{}", result.err().unwrap_or("ok".into()));
    }
}

impl AsFd for Requests {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// Sends a request to the daemon at `socket`, and waits for its answer.
///
/// # Errors
/// There is no daemon, it does not answer within 30 s, or it refuses.
pub fn send(socket: &Path, request: &Request) -> io::Result<()> {
    qos_command::request::send(socket, "networkd", request, Some(CLIENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control");
        let requests = Requests::new(&path).unwrap();
        let all = [Request::Reload, Request::Renew("eth0".into()), Request::Reconfigure("a b".into())];
        for request in all {
            let (sent, to) = (request.clone(), path.clone());
            let client = std::thread::spawn(move || send(&to, &sent));
            assert!(qos_sys::poll::readable([requests.as_fd()], Some(CLIENT)).unwrap()[0]);
            let (taken, answer) = requests.take().unwrap();
            assert_eq!(taken, request);
            answer.send(if taken == Request::Reload { Ok(()) } else { Err("no".into()) });
            assert_eq!(client.join().unwrap().is_ok(), taken == Request::Reload);
        }
        for text in ["", "renew", "other eth0"] {
            assert_eq!(text.parse::<Request>(), Err(format!("unknown request `{text}`")));
        }
    }
}
