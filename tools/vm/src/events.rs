// SPDX-License-Identifier: MIT OR Apache-2.0
//! The events of a run, and the threads that send them: one for each channel, and one for the end.

use crate::classify::Exit;
use crate::escape::Action;
use crate::host::Qemu;
use crate::qmp::{self, Message};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::sync::mpsc::SyncSender;
use std::thread;

/// How many events wait for the loop, each at most [`CHUNK`] long, before the threads that read have to wait: a guest that
/// writes faster than its output is taken must not use up the host's memory.
pub(crate) const QUEUE: usize = 256;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// What the loop waits for.
pub(crate) enum Event {
    Console(Vec<u8>),
    Verdict(Vec<u8>),
    Stderr(Vec<u8>),
    Qmp(Message),
    /// A channel has ended.
    Closed,
    Exited(Exit),
    Signal(u8),
    Action(Action),
    /// QEMU is to be killed at once.
    Kill,
    /// A command of QEMU's monitor.
    Monitor(String),
    OutputClosed,
}

pub(crate) fn read_bytes(
    mut source: impl Read + Send + 'static,
    sender: SyncSender<Event>,
    event: fn(Vec<u8>) -> Event,
) {
    thread::spawn(move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            let message = match source.read(&mut buffer) {
                Ok(0) => Event::Closed,
                Ok(count) => event(buffer[..count].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Event::Closed,
            };
            let last = matches!(message, Event::Closed);
            if sender.send(message).is_err() || last {
                break;
            }
        }
    });
}

pub(crate) fn read_messages(source: UnixStream, sender: SyncSender<Event>) {
    thread::spawn(move || {
        for line in BufReader::new(source).lines() {
            let Ok(line) = line else { break };
            if sender.send(Event::Qmp(qmp::parse(&line))).is_err() {
                return;
            }
        }
        // The loop can be over already.
        let _ = sender.send(Event::Closed);
    });
}

pub(crate) fn wait_for_exit(qemu: &Qemu, sender: SyncSender<Event>) {
    let handle = qemu.handle();
    thread::spawn(move || {
        let exit = match handle.wait() {
            Ok(output) => match (output.status.code(), output.status.signal()) {
                (Some(code), _) => Exit::Code(code),
                (None, signal) => Exit::Signal(signal.unwrap_or(0)),
            },
            Err(_) => Exit::Code(-1),
        };
        let _ = sender.send(Event::Exited(exit));
    });
}
