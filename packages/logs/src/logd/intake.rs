// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every source does with a message: the sender is added, and warnings that senders cause are held back.

use crate::entry::Entry;
use crate::limit::{Seldom, Sender};
use crate::origin::Processes;

/// Messages that are taken of a source before the others have their turn.
pub const TURN: usize = 256;

/// An entry, and whose messages it is counted among; the kernel's are not limited.
pub struct Gathered {
    pub sender: Option<Sender>,
    pub entry: Entry,
}

/// What is known of senders.
pub struct Intake {
    processes: Processes,
    seldom: Seldom,
}

impl Intake {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Intake { processes: Processes::new("/proc".into()), seldom: Seldom::default() }
    }

    /// Gives a warning that a sender can cause, unless one about the same `matter` was given a short time ago.
    pub fn say_seldom(&mut self, matter: &str, text: &str, now: (u64, u64), all: &mut Vec<Gathered>) {
        if self.seldom.admits(matter, now.1) {
            all.push(own(4, text, now));
        }
    }

    /// Adds what the kernel knows of the sender. `unit`: what a stream says that it belongs to.
    pub fn complete(
        &mut self,
        mut entry: Entry,
        (pid, uid): (i32, u32),
        unit: Option<&str>,
        (real, mono): (u64, u64),
    ) -> Gathered {
        (entry.realtime, entry.monotonic) = (real, mono);
        let process = self.processes.get(pid, mono);
        // Who hands the output of a unit on is not its author.
        let is_relayed = unit.is_some_and(|unit| process.unit.as_deref() != Some(unit));
        let mut known = Entry::default();
        if !is_relayed && pid > 0 {
            known.set("_PID", pid.to_string());
            known.set("_UID", uid.to_string());
            if !process.name.is_empty() {
                known.set("_COMM", process.name.as_slice());
            }
        }
        let unit = unit.or(process.unit.as_deref());
        if let Some(unit) = unit {
            known.set("_SYSTEMD_UNIT", unit);
        }
        // In front of what the sender says, where the limits of an entry do not cut it.
        entry.fields.splice(0..0, known.fields);
        Gathered { sender: Some(Sender::new(unit, uid, &process.name)), entry }
    }
}

/// An entry of the log itself.
pub fn own(level: u8, text: &str, (real, mono): (u64, u64)) -> Gathered {
    let mut entry = Entry::own(level, text);
    (entry.realtime, entry.monotonic) = (real, mono);
    Gathered { sender: None, entry }
}
