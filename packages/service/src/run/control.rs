// SPDX-License-Identifier: MIT OR Apache-2.0
//! The socket on which `svc` speaks with the manager.
//!
//! A request is a line: a verb and its arguments, with blanks between them. The reply is text whose last line is `ok`; or a line for
//! each failure, `error REASON`, or `error=STATUS REASON` where the exit status of `svc` is not 1. Then the connection is closed.
//! What changes something is for root, the rest for everyone.

mod jobs;
mod refusal;
mod saved;
mod show;
mod verbs;

use super::{Happened, Runner};
use crate::job::JobResult;
use qos_unit::Name;
use refusal::Refusal;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

/// Connections at a time of root, of each other user, and of all other users together: what they hold open keeps nobody else out.
const OF_ROOT: usize = 1024;
const OF_USER: usize = 16;
const OF_USERS: usize = 512;

/// Bytes of a request.
const REQUEST: usize = 64 << 10;

struct Connection {
    stream: UnixStream,
    uid: u32,
    request: Vec<u8>,
    /// Jobs that are waited for.
    jobs: Vec<u32>,
    failed: Vec<Refusal>,
    /// It asked for the successor, which answers.
    successor: bool,
}

/// The socket and its connections.
pub struct Control {
    listener: UnixListener,
    connections: BTreeMap<u64, Connection>,
    next: u64,
}

impl Control {
    /// Makes the socket at `path`.
    ///
    /// # Errors
    /// As in bind(2).
    pub fn new(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        Ok(Control { listener, connections: BTreeMap::new(), next: 0 })
    }

    /// Descriptors, in the order in which [`Control::ready`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.listener.as_fd())
            .chain(self.connections.values().map(|connection| connection.stream.as_fd()))
    }

    /// Takes connections and what comes on them; the connections whose request is complete.
    pub fn ready(&mut self, ready: &mut dyn FnMut() -> bool) -> Vec<u64> {
        let accepts = ready();
        let mut complete = Vec::new();
        let mut gone = Vec::new();
        for (number, connection) in &mut self.connections {
            if !ready() {
                continue;
            }
            let mut buffer = [0; 4096];
            match connection.stream.read(&mut buffer) {
                Ok(0) => gone.push(*number),
                Ok(count) => connection.request.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => gone.push(*number),
            }
            if connection.request.len() > REQUEST {
                gone.push(*number);
            } else if connection.request.contains(&b'\n') && connection.jobs.is_empty() {
                complete.push(*number);
            }
        }
        gone.iter().for_each(|number| drop(self.connections.remove(number)));
        // One that is too many is closed at once, and not left to wait: the listener would stay readable.
        if accepts && let Ok((stream, _)) = self.listener.accept() {
            let uid = qos_sys::message::peer_uid(&stream).unwrap_or(u32::MAX);
            if self.has_room(uid) && stream.set_nonblocking(true).is_ok() {
                let connection = Connection {
                    stream,
                    uid,
                    request: Vec::new(),
                    jobs: Vec::new(),
                    failed: Vec::new(),
                    successor: false,
                };
                self.connections.insert(self.next, connection);
                self.next += 1;
            }
        }
        complete
    }

    /// Whether a user may have another connection.
    fn has_room(&self, uid: u32) -> bool {
        let count = |of: &dyn Fn(u32) -> bool| {
            self.connections.values().filter(|connection| of(connection.uid)).count()
        };
        let own = count(&|other| other == uid);
        match uid {
            0 => own < OF_ROOT,
            _ => own < OF_USER && count(&|other| other != 0) < OF_USERS,
        }
    }

    /// Tells those who wait for a job.
    pub fn job_done(&mut self, id: u32, unit: &Name, result: JobResult) {
        let mut done = Vec::new();
        for (number, connection) in &mut self.connections {
            let before = connection.jobs.len();
            connection.jobs.retain(|job| *job != id);
            if connection.jobs.len() == before {
                continue;
            }
            if !result.is_good() {
                connection.failed.push(format!("job of {unit}: {}", result.name()).into());
            }
            if connection.jobs.is_empty() {
                done.push(*number);
            }
        }
        for number in done {
            self.reply_of_jobs(number);
        }
    }

    /// Replies to a request whose jobs have ended.
    fn reply_of_jobs(&mut self, number: u64) {
        let Some(connection) = self.connections.get_mut(&number) else { return };
        let failed = std::mem::take(&mut connection.failed);
        self.reply(number, if failed.is_empty() { Ok(String::new()) } else { Err(failed) });
    }

    /// Sends the reply and closes the connection. Who does not read a reply within a second does not get all of it.
    fn reply(&mut self, number: u64, reply: Result<String, Vec<Refusal>>) {
        let Some(mut connection) = self.connections.remove(&number) else { return };
        let text = match reply {
            Ok(body) => format!("{body}ok\n"),
            Err(refusals) => refusals.iter().map(|refusal| format!("{refusal}\n")).collect(),
        };
        let _ = connection.stream.set_nonblocking(false);
        let _ = connection.stream.set_write_timeout(Some(Duration::from_secs(1)));
        let _ = connection.stream.write_all(text.as_bytes());
    }
}

impl Runner {
    /// Serves the request of a connection.
    pub(super) fn serve(&mut self, number: u64) {
        let Some(connection) = self.control.connections.get(&number) else { return };
        let uid = connection.uid;
        let text = String::from_utf8_lossy(&connection.request).into_owned();
        let words: Vec<&str> = text.lines().next().unwrap_or("").split_whitespace().collect();
        let Some((verb, arguments)) = words.split_first() else {
            return self.control.reply(number, Err(vec!["empty request".into()]));
        };
        let changes = !matches!(*verb, "list" | "show" | "log" | "jobs");
        if changes && uid != 0 && uid != own_uid() {
            return self.control.reply(number, Err(vec![format!("{verb}: only root may do that").into()]));
        }
        match self.do_verb(verb, arguments) {
            Ok(Reply::Text(text)) => self.control.reply(number, Ok(text)),
            Err(refusal) => self.control.reply(number, Err(vec![refusal])),
            Ok(Reply::Successor) => {
                if let Some(connection) = self.control.connections.get_mut(&number) {
                    connection.successor = true;
                }
                self.happened.push(Happened::Reexec);
            }
            Ok(Reply::Jobs(jobs, failed)) => {
                if let Some(connection) = self.control.connections.get_mut(&number) {
                    (connection.jobs, connection.failed) = (jobs, failed);
                }
                // Jobs may have ended within the request: their results come now.
                self.act();
                let open: Vec<u32> = self.manager.jobs().map(|(_, job)| job.id).collect();
                let Some(connection) = self.control.connections.get_mut(&number) else { return };
                connection.jobs.retain(|id| open.contains(id));
                if connection.jobs.is_empty() {
                    self.control.reply_of_jobs(number);
                }
            }
        }
        self.act();
    }
}

/// The user of the manager.
fn own_uid() -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").map_or(0, |own| own.uid())
}

enum Reply {
    Text(String),
    /// The program that goes on with the manager's state answers.
    Successor,
    /// Jobs to wait for, and what failed at once.
    Jobs(Vec<u32>, Vec<Refusal>),
}
