// SPDX-License-Identifier: MIT OR Apache-2.0
//! The control socket and its connections as records.

use super::{Connection, Control};
use crate::run::kept::{Kept, descriptor};
use crate::saved::{Record, Saved};
use std::io;
use std::os::fd::AsFd;

impl Control {
    /// Adds the socket and the connections.
    pub fn save<'a>(&'a self, kept: &mut Kept<'a>) {
        let fd = kept.keep(self.listener.as_fd());
        kept.saved.push(Record::new("control", "").set("fd", fd).set("next", self.next));
        for (number, connection) in &self.connections {
            let Connection { stream, uid, request, jobs, failed, successor } = connection;
            let fd = kept.keep(stream.as_fd());
            let record = Record::new("client", number)
                .set("fd", fd)
                .set("uid", uid)
                .set_bytes("request", request)
                .set_list("jobs", jobs)
                .set_list("failed", failed)
                .set("successor", successor);
            kept.saved.push(record);
        }
    }

    /// The socket that was handed on, with its connections.
    ///
    /// # Errors
    /// EBADF when it was not.
    pub fn restore(saved: &Saved) -> io::Result<Self> {
        let own = saved.first("control");
        let mut control = Control {
            listener: descriptor(&own)?.into(),
            connections: Default::default(),
            next: own.get("next").unwrap_or(0),
        };
        for record in saved.of("client") {
            let (Ok(number), Ok(stream)) = (record.name.parse(), descriptor(record)) else { continue };
            let connection = Connection {
                stream: stream.into(),
                uid: record.get("uid").unwrap_or(u32::MAX),
                request: record.bytes("request").to_vec(),
                jobs: record.list("jobs"),
                failed: record.list("failed"),
                successor: record.is("successor"),
            };
            control.connections.insert(number, connection);
        }
        Ok(control)
    }

    /// Answers those who asked for the successor.
    pub fn reply_of_successor(&mut self, reply: &Result<(), String>) {
        let asked = self.connections.iter().filter(|(_, connection)| connection.successor);
        let asked: Vec<u64> = asked.map(|(number, _)| *number).collect();
        for number in asked {
            let reply = reply.clone().map(|()| String::new());
            self.reply(number, reply.map_err(|reason| vec![reason.into()]));
        }
    }
}
