// SPDX-License-Identifier: MIT OR Apache-2.0
//! Streams of output: the connections to the socket `stdout`, and how many a user may have.

use super::intake::{Gathered, Intake, TURN};
use crate::entry::Entry;
use crate::input::stdout;
use qos_sys::message;
use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Streams at a time: each has a descriptor.
pub const STREAMS: usize = 2048;

/// Streams of a user other than root, who connects for the units.
const SHARE: usize = STREAMS / 4;

/// Streams of all such users together.
const OTHERS: usize = STREAMS - SHARE;

/// A connection.
struct Client {
    stream: UnixStream,
    state: stdout::Stream,
    pid: i32,
    uid: u32,
}

/// Whether user `uid` may have one more stream than there are; `users` are those of the present ones.
fn has_share(uid: u32, users: impl Iterator<Item = u32>) -> bool {
    let (mut all, mut own, mut others) = (0, 0, 0);
    for user in users {
        all += 1;
        own += usize::from(user == uid);
        others += usize::from(user != 0);
    }
    all < STREAMS && (uid == 0 || (own < SHARE && others < OTHERS))
}

/// The socket and its connections.
pub struct Streams {
    listener: UnixListener,
    clients: Vec<Client>,
}

/// What is known of senders, and the present.
type Context<'a> = (&'a mut Intake, (u64, u64));

impl Streams {
    /// Makes the socket, which anyone may connect to.
    ///
    /// # Errors
    /// As in bind(2).
    pub fn listen(path: &Path) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
        listener.set_nonblocking(true)?;
        Ok(Streams { listener, clients: Vec::new() })
    }

    /// Descriptors, in the order in which [`Streams::take`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.listener.as_fd()).chain(self.clients.iter().map(|client| client.stream.as_fd()))
    }

    /// Takes what the streams have, and then the connections that wait, as far as their users have a share left.
    pub fn take(
        &mut self,
        ready: &mut dyn Iterator<Item = bool>,
        buffer: &mut [u8],
        (intake, now): Context<'_>,
        all: &mut Vec<Gathered>,
    ) {
        let incoming = ready.next().unwrap_or(false);
        self.read(ready, buffer, (&mut *intake, now), all);
        if incoming {
            self.accept((intake, now), all);
        }
    }

    fn accept(&mut self, (intake, now): Context<'_>, all: &mut Vec<Gathered>) {
        for _ in 0..TURN {
            let Ok((stream, _)) = self.listener.accept() else { return };
            let (Ok(()), Ok((pid, uid))) = (stream.set_nonblocking(true), message::peer(&stream)) else {
                continue;
            };
            if has_share(uid, self.clients.iter().map(|client| client.uid)) {
                self.clients.push(Client { stream, state: stdout::Stream::default(), pid, uid });
            } else {
                let text = format!("too many stdout streams, refusing connection of user {uid}");
                intake.say_seldom(&format!("streams {uid}"), &text, now, all);
            }
        }
    }

    fn read(
        &mut self,
        ready: &mut dyn Iterator<Item = bool>,
        buffer: &mut [u8],
        (intake, now): Context<'_>,
        all: &mut Vec<Gathered>,
    ) {
        self.clients.retain_mut(|client| {
            if !ready.next().unwrap_or(false) {
                return true;
            }
            let (lines, stays) = match client.stream.read(&mut buffer[..32 << 10]) {
                Ok(0) => (client.state.end().into_iter().collect(), false),
                Ok(count) => match client.state.feed(&buffer[..count]) {
                    Ok(lines) => (lines, true),
                    Err(reason) => {
                        let text = format!("process {}: output is refused: {reason}", client.pid);
                        intake.say_seldom(&format!("header {}", client.uid), &text, now, all);
                        (Vec::new(), false)
                    }
                },
                Err(error) => (
                    Vec::new(),
                    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
                ),
            };
            let header = client.state.header.clone();
            // Only root says what another unit prints.
            let unit = String::from_utf8_lossy(&header.unit).into_owned();
            let unit = Some(unit.as_str()).filter(|unit| client.uid == 0 && !unit.is_empty());
            for line in lines {
                let mut entry = Entry::new("stdout", line.level);
                entry.set("SYSLOG_FACILITY", line.facility.to_string());
                if !header.identifier.is_empty() {
                    entry.set("SYSLOG_IDENTIFIER", header.identifier.as_slice());
                }
                entry.set("MESSAGE", line.text);
                all.push(intake.complete(entry, (client.pid, client.uid), unit, now));
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        let check = |uid: u32, there: &[(u32, usize)], expect: bool| {
            let users = there.iter().flat_map(|(user, count)| std::iter::repeat_n(*user, *count));
            assert_eq!(has_share(uid, users), expect, "{uid} {there:?}");
        };
        check(1000, &[], true);
        check(1000, &[(1000, 511)], true);
        check(1000, &[(1000, 512)], false);
        check(1001, &[(1000, 512)], true);
        check(1001, &[(1000, 512), (0, 1400)], true);
        // Together they leave a quarter to root.
        check(4, &[(1, 512), (2, 512), (3, 512)], false);
        check(0, &[(1, 512), (2, 512), (3, 512), (0, 511)], true);
        check(0, &[(0, 2047)], true);
        check(0, &[(0, 2048)], false);
        check(1000, &[(0, 2048)], false);
    }
}
