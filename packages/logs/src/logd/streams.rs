// SPDX-License-Identifier: MIT OR Apache-2.0
//! Streams of output: the connections to the socket `stdout`, and how many a user may have.

use super::sources::{Gathered, Sources, TURN};
use crate::entry::Entry;
use crate::input::stdout;
use qos_sys::message;
use std::fs;
use std::io::{self, Read};
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
pub struct Client {
    /// The socket.
    pub stream: UnixStream,
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

impl Sources {
    /// Takes the connections that wait, as far as their users have a share left.
    pub(super) fn accept(&mut self, now: (u64, u64), all: &mut Vec<Gathered>) {
        for _ in 0..TURN {
            let Ok((stream, _)) = self.listener.accept() else { return };
            let (Ok(()), Ok((pid, uid))) = (stream.set_nonblocking(true), message::peer(&stream)) else {
                continue;
            };
            if has_share(uid, self.clients.iter().map(|client| client.uid)) {
                self.clients.push(Client { stream, state: stdout::Stream::default(), pid, uid });
            } else {
                let text = format!("too many stdout streams, refusing connection of user {uid}");
                self.say_seldom(&format!("streams {uid}"), &text, now, all);
            }
        }
    }

    /// Takes what the streams have.
    pub(super) fn read_streams(
        &mut self,
        ready: &mut dyn Iterator<Item = bool>,
        now: (u64, u64),
        all: &mut Vec<Gathered>,
    ) {
        let mut clients = std::mem::take(&mut self.clients);
        clients.retain_mut(|client| {
            if !ready.next().unwrap_or(false) {
                return true;
            }
            let (lines, stays) = match client.stream.read(&mut self.buffer[..32 << 10]) {
                Ok(0) => (client.state.end().into_iter().collect(), false),
                Ok(count) => match client.state.feed(&self.buffer[..count]) {
                    Ok(lines) => (lines, true),
                    Err(reason) => {
                        let text = format!("process {}: output is refused: {reason}", client.pid);
                        self.say_seldom(&format!("header {}", client.uid), &text, now, all);
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
                all.push(self.complete(entry, (client.pid, client.uid), unit, now));
            }
            stays
        });
        self.clients = clients;
    }
}

/// Makes the socket, which anyone may connect to.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
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
