// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hands what a unit prints on to the log daemon, over a stream of its protocol (`packages/logs`). Nothing here waits: a daemon that
//! does not read loses lines, and one that is not there is looked for when the next line comes.

use super::kept::Kept;
use crate::saved::Record;
use qos_unit::Name;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Bytes that wait for a daemon that does not read, beside those that the kernel keeps.
const WAITING: usize = 64 << 10;

/// `daemon.info`: what a line without a prefix `<N>` has.
const PRIORITY: u32 = 3 * 8 + 6;

/// A line in the place of lost ones.
const LOST: &[u8] = b"\n<4>output is lost here: the log daemon did not read it\n";

/// The stream of a unit.
#[derive(Default)]
pub struct Relay {
    identifier: String,
    stream: Option<UnixStream>,
    waiting: Vec<u8>,
    lost: bool,
}

impl Relay {
    /// A relay of the output of `program`, a path.
    pub fn new(program: &str) -> Self {
        let name = program.rsplit('/').next().unwrap_or(program);
        Relay { identifier: name.replace('\n', " "), ..Relay::default() }
    }

    /// Adds the stream, what waits for it, and whether something was lost.
    pub fn save<'a>(&'a self, record: Record, kept: &mut Kept<'a>) -> Record {
        let stream = self.stream.as_ref().map(|stream| kept.keep(stream.as_fd()));
        record
            .set("identifier", &self.identifier)
            .set_some("stream", stream)
            .set_bytes("waiting", &self.waiting)
            .set("lost", self.lost)
    }

    /// The relay of a record.
    pub fn restore(record: &Record) -> Self {
        let stream = record.get("stream").and_then(|number| qos_sys::inherit::take(number).ok());
        Relay {
            identifier: record.get("identifier").unwrap_or_default(),
            stream: stream.map(UnixStream::from),
            waiting: record.bytes("waiting").to_vec(),
            lost: record.is("lost"),
        }
    }

    /// Hands `bytes` of `unit` on to the daemon at `socket`, if there is one.
    pub fn send(&mut self, socket: &Path, unit: &Name, bytes: &[u8]) {
        if self.stream.is_none() {
            // The rest of a stream that has ended means nothing to the next one.
            let header = format!("{}\n{unit}\n{PRIORITY}\n1\n0\n0\n0\n", self.identifier);
            (self.waiting, self.lost) = (header.into_bytes(), false);
            self.stream = qos_sys::message::connect(socket).ok();
        }
        if self.stream.is_none() {
            return;
        }
        if self.waiting.len() + bytes.len() > WAITING {
            self.lost = true;
        } else {
            if self.lost {
                self.waiting.extend(LOST);
                self.lost = false;
            }
            self.waiting.extend(bytes);
        }
        self.flush();
    }

    /// Writes what waits, as far as that is possible now.
    pub fn flush(&mut self) {
        let Some(stream) = &mut self.stream else { return };
        while !self.waiting.is_empty() {
            match stream.write(&self.waiting) {
                Ok(count @ 1..) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The daemon has ended.
                Ok(0) | Err(_) => {
                    self.stream = None;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::net::UnixListener;

    #[test]
    fn survives_the_daemon() {
        let directory = std::env::temp_dir().join(format!("qos-relay-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let socket = directory.join("stdout");
        let unit = Name::new("a.service").unwrap();
        let mut relay = Relay::new("/bin/prog");
        // Nobody is there: nothing is kept.
        relay.send(&socket, &unit, b"zero\n");
        let listener = UnixListener::bind(&socket).unwrap();
        relay.send(&socket, &unit, b"one\ntw");
        relay.send(&socket, &unit, b"o\n");
        let read = |relay: &mut Relay| {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nonblocking(true).unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                relay.flush();
                match stream.read(&mut buffer) {
                    Ok(count @ 1..) => text.extend(&buffer[..count]),
                    Ok(0) | Err(_) => return (stream, String::from_utf8(text).unwrap()),
                }
            }
        };
        let (stream, text) = read(&mut relay);
        assert_eq!(text, "prog\na.service\n30\n1\n0\n0\n0\none\ntwo\n");
        // The daemon is started again: the line at which that is noticed is lost, the next one has a new header.
        drop(stream);
        relay.send(&socket, &unit, b"three\n");
        relay.send(&socket, &unit, b"four\n");
        // It does not read: what is too much is lost, and it is told where.
        for _ in 0..200 {
            relay.send(&socket, &unit, &[b'x'; 4096]);
        }
        let (_stream, text) = read(&mut relay);
        assert!(text.starts_with("prog\na.service\n30\n1\n0\n0\n0\nfour\nxxx") && text.len() < 200 * 4096);
        relay.send(&socket, &unit, b"five\n");
        assert_eq!(relay.waiting.len(), 0);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
