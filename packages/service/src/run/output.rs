// SPDX-License-Identifier: MIT OR Apache-2.0
//! What services print: kept in memory, and handed on to the log daemon.

use super::kept::{Kept, descriptor};
use super::relay::Relay;
use crate::saved::{Record, Saved};
use qos_unit::Name;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

/// Bytes that are kept of a unit, and at most of a line.
const KEPT: usize = 32 << 10;
const LINE: usize = 2048;

/// The last lines of a unit.
#[derive(Default)]
pub struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Lines {
    fn push(&mut self, line: String) {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.bytes > KEPT {
            self.bytes -= self.lines.pop_front().map_or(0, |line| line.len());
        }
    }
}

struct Pipe {
    unit: Name,
    pipe: File,
    partial: Vec<u8>,
    relay: Relay,
}

/// The pipes that services print to, and what came out of them.
pub struct Outputs {
    pipes: Vec<Pipe>,
    lines: BTreeMap<Name, Lines>,
    /// Where the log daemon takes streams.
    socket: PathBuf,
}

impl Outputs {
    /// No pipes; `socket` is the log daemon's, where there is one.
    pub fn new(socket: PathBuf) -> Self {
        Outputs { pipes: Vec::new(), lines: BTreeMap::new(), socket }
    }

    /// Takes what comes out of `pipe` for `unit`; the log has it under `identifier`, of a path its last component.
    pub fn add(&mut self, unit: &Name, identifier: &str, pipe: File) {
        self.pipes.push(Pipe {
            unit: unit.clone(),
            pipe,
            partial: Vec::new(),
            relay: Relay::new(identifier),
        });
    }

    /// Adds the pipes and the lines.
    pub fn save<'a>(&'a self, kept: &mut Kept<'a>) {
        for pipe in &self.pipes {
            let fd = kept.keep(pipe.pipe.as_fd());
            let record = Record::new("output", &pipe.unit).set("fd", fd).set_bytes("partial", &pipe.partial);
            let record = pipe.relay.save(record, kept);
            kept.saved.push(record);
        }
        for (unit, lines) in &self.lines {
            kept.saved.push(Record::new("lines", unit).set_list("lines", &lines.lines));
        }
    }

    /// The pipes that were handed on, and the lines.
    pub fn restore(socket: PathBuf, saved: &Saved) -> Self {
        let mut outputs = Outputs::new(socket);
        for record in saved.of("output") {
            let (Ok(unit), Ok(pipe)) = (Name::new(&record.name), descriptor(record)) else { continue };
            let (partial, relay) = (record.bytes("partial").to_vec(), Relay::restore(record));
            outputs.pipes.push(Pipe { unit, pipe: pipe.into(), partial, relay });
        }
        for record in saved.of("lines") {
            let Ok(unit) = Name::new(&record.name) else { continue };
            let lines = outputs.lines.entry(unit).or_default();
            record.list("lines").into_iter().for_each(|line| lines.push(line));
        }
        outputs
    }

    /// The pipes, in the order in which [`Outputs::read`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.iter().map(|pipe| pipe.pipe.as_fd())
    }

    /// Reads the pipes that are ready: one piece of each, so that none keeps the others waiting.
    pub fn read(&mut self, ready: &mut dyn FnMut() -> bool) {
        let mut ended = Vec::new();
        for (at, pipe) in self.pipes.iter_mut().enumerate() {
            if !ready() {
                pipe.relay.flush();
                continue;
            }
            let mut buffer = [0; 8192];
            let count = pipe.pipe.read(&mut buffer).unwrap_or(0);
            pipe.partial.extend_from_slice(&buffer[..count]);
            if count > 0 {
                pipe.relay.send(&self.socket, &pipe.unit, &buffer[..count]);
            }
            let lines = self.lines.entry(pipe.unit.clone()).or_default();
            while let Some(end) = pipe
                .partial
                .iter()
                .position(|byte| *byte == b'\n')
                .or((pipe.partial.len() >= LINE).then_some(LINE - 1))
            {
                let line: Vec<u8> = pipe.partial.drain(..=end).collect();
                lines.push(text(&line));
            }
            if count == 0 {
                if !pipe.partial.is_empty() {
                    lines.push(text(&pipe.partial));
                }
                ended.push(at);
            }
        }
        for at in ended.into_iter().rev() {
            self.pipes.remove(at);
        }
    }

    /// The last `count` lines of a unit.
    #[must_use]
    pub fn last(&self, unit: &Name, count: usize) -> Vec<&str> {
        let Some(lines) = self.lines.get(unit) else { return Vec::new() };
        let skip = lines.lines.len().saturating_sub(count);
        lines.lines.iter().skip(skip).map(String::as_str).collect()
    }
}

/// A line as text without control characters.
fn text(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end_matches(['\n', '\r'])
        .chars()
        .map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_and_limits() {
        let unit = Name::new("a.service").unwrap();
        let (pipe, mut end) = qos_sys::pipe::new().unwrap();
        let mut outputs = Outputs::new("/no/such/socket".into());
        outputs.add(&unit, "/bin/a", pipe);
        end.write_all(b"one\ntw").unwrap();
        outputs.read(&mut || true);
        assert_eq!(outputs.last(&unit, 10), ["one"]);
        end.write_all(b"o\x1b\n\xff").unwrap();
        drop(end);
        outputs.read(&mut || true);
        outputs.read(&mut || true);
        assert_eq!(outputs.last(&unit, 2), ["two\u{fffd}", "\u{fffd}"]);
        assert_eq!(outputs.descriptors().count(), 0);
        let mut lines = Lines::default();
        (0..10_000).for_each(|n| lines.push(format!("{n:010}")));
        assert!(lines.bytes <= KEPT && lines.lines.back().is_some_and(|line| line.ends_with("9999")));
    }
}
