// SPDX-License-Identifier: MIT OR Apache-2.0
//! The sockets and the kernel's log, and what comes by them.

use super::Options;
use super::intake::{Gathered, Intake, TURN, own};
use super::streams::Streams;
use crate::entry::{BYTES_MAX, Entry};
use crate::input::{kmsg, native, syslog};
use qos_command::Failure;
use qos_sys::message::{self, Datagram, Receiver};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

/// Bytes of a datagram or of a memfd that are taken. Programs give their sockets at most 8 MiB, of which the kernel allows ordinary users
/// twice `net.core.wmem_max`, 416 KiB, unless that is set.
const DATAGRAM: usize = 2 * BYTES_MAX;

/// Bytes that are taken of a socket before the others have their turn.
const TURN_BYTES: usize = 4 * DATAGRAM;

/// All sources.
pub struct Sources {
    kmsg: Option<File>,
    /// The number that the next kernel message has.
    next_sequence: Option<u64>,
    syslog: Receiver,
    native: Receiver,
    streams: Streams,
    intake: Intake,
    buffer: Vec<u8>,
}

impl Sources {
    /// Makes the sockets. `last` is the last kernel message that the log has.
    pub fn open(options: &Options, last: Option<u64>) -> Result<Self, Failure> {
        let runtime = &options.runtime;
        fs::create_dir_all(runtime).map_err(|error| Failure::at(runtime, &error))?;
        let receiver = |name: &str| {
            let path = runtime.join(name);
            let made = Receiver::new(&path).and_then(|made| {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).map(|()| made)
            });
            made.map_err(|error| Failure::at(&path, &error))
        };
        let (syslog, native) = (receiver("dev-log")?, receiver("socket")?);
        let path = runtime.join("stdout");
        let streams = Streams::listen(&path).map_err(|error| Failure::at(&path, &error))?;
        link(&runtime.join("dev-log"), &options.dev_log)
            .map_err(|error| Failure::at(&options.dev_log, &error))?;
        let kmsg = match options.kmsg.as_os_str() == "none" {
            true => None,
            false => {
                Some(qos_sys::klog::open(&options.kmsg).map_err(|error| Failure::at(&options.kmsg, &error))?)
            }
        };
        Ok(Sources {
            kmsg,
            next_sequence: last.map(|last| last + 1),
            syslog,
            native,
            streams,
            intake: Intake::new(),
            buffer: vec![0; DATAGRAM],
        })
    }

    /// Descriptors, in the order in which [`Sources::read`] asks for them.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let kmsg = self.kmsg.as_ref().map(AsFd::as_fd);
        let sockets = [self.syslog.as_fd(), self.native.as_fd()];
        kmsg.into_iter().chain(sockets).chain(self.streams.descriptors())
    }

    /// Takes what is there. `now` is the present in microseconds since 1970, and since the boot.
    pub fn read(&mut self, ready: &mut dyn Iterator<Item = bool>, now: (u64, u64)) -> Vec<Gathered> {
        let mut all = Vec::new();
        if self.kmsg.is_some() && ready.next().unwrap_or(false) {
            self.read_kmsg(now, &mut all);
        }
        if ready.next().unwrap_or(false) {
            self.read_datagrams(now, false, &mut all);
        }
        if ready.next().unwrap_or(false) {
            self.read_datagrams(now, true, &mut all);
        }
        self.streams.take(ready, &mut self.buffer, (&mut self.intake, now), &mut all);
        all
    }

    fn read_kmsg(&mut self, (real, mono): (u64, u64), all: &mut Vec<Gathered>) {
        let Some(kmsg) = &mut self.kmsg else { return };
        // The whole boot in one turn: a record that is not read can be overwritten.
        for _ in 0..64 * TURN {
            let count = match kmsg.read(&mut self.buffer) {
                // Not the kernel's log: it has no end.
                Ok(0) => {
                    self.kmsg = None;
                    return;
                }
                Ok(count) => count,
                // The oldest records were overwritten; the next read gives the oldest one that is left.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    let text =
                        format!("the kernel's messages are no longer read: {}", qos_sys::error_text(&error));
                    all.push(own(3, &text, (real, mono)));
                    self.kmsg = None;
                    return;
                }
            };
            let Some(mut message) = kmsg::parse(&self.buffer[..count]) else { continue };
            if let Some(next) = self.next_sequence {
                // Stored before a restart.
                if message.sequence < next {
                    continue;
                }
                if message.sequence > next {
                    let text = format!(
                        "{} messages of the kernel were overwritten before they could be read",
                        message.sequence - next
                    );
                    all.push(own(4, &text, (real, mono)));
                }
            }
            self.next_sequence = Some(message.sequence + 1);
            message.entry.realtime = real.saturating_sub(mono.saturating_sub(message.entry.monotonic));
            all.push(Gathered { sender: None, entry: message.entry });
        }
    }

    fn read_datagrams(&mut self, now: (u64, u64), is_native: bool, all: &mut Vec<Gathered>) {
        let mut left = TURN_BYTES;
        for _ in 0..TURN {
            let receiver = if is_native { &self.native } else { &self.syslog };
            let Ok(Some(datagram)) = receiver.take_into(&mut self.buffer) else { return };
            let from = (datagram.pid, datagram.uid);
            let (bytes, is_cut) =
                if is_native { contents(datagram) } else { (datagram.bytes, datagram.is_cut) };
            let mut entries =
                if is_native { native_entries(&bytes, is_cut) } else { vec![syslog::parse(&bytes)] };
            if is_cut {
                // A cut is at the end.
                entries.iter_mut().next_back().into_iter().for_each(Entry::mark_truncated);
                let text =
                    format!("a message of user {} was cut: it had more than {} bytes", from.1, DATAGRAM);
                self.intake.say_seldom(&format!("cut {}", from.1), &text, now, all);
            }
            for entry in entries {
                all.push(self.intake.complete(entry, from, None, now));
            }
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                return;
            }
        }
    }
}

/// Makes the link `link`, which replaces a socket or link that is there.
fn link(to: &Path, link: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|there| there == to) {
        return Ok(());
    }
    match fs::remove_file(link) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::os::unix::fs::symlink(to, link)
}

/// The entries of a message of the native protocol.
fn native_entries(bytes: &[u8], is_cut: bool) -> Vec<Entry> {
    let entry = |fields| {
        let mut entry = Entry::default();
        entry.set("_TRANSPORT", "journal");
        entry.fields.extend::<Vec<native::Field>>(fields);
        entry
    };
    native::parse(bytes, is_cut).into_iter().map(entry).collect()
}

/// The bytes of a message: its own, or those of the one descriptor that came instead. And whether there are more.
fn contents(datagram: Datagram) -> (Vec<u8>, bool) {
    if !datagram.bytes.is_empty() {
        return (datagram.bytes, datagram.is_cut);
    }
    // Another file could make reading wait for ever.
    let memory = |descriptor: &OwnedFd| message::is_memory(descriptor.as_fd());
    let Some(descriptor) = datagram.descriptors.into_iter().next().filter(memory) else {
        return (Vec::new(), false);
    };
    let file = File::from(descriptor);
    let size = file.metadata().map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX));
    let mut bytes = vec![0; size.min(DATAGRAM)];
    let mut length = 0;
    while let Ok(count @ 1..) = file.read_at(&mut bytes[length..], length as u64) {
        length += count;
    }
    bytes.truncate(length);
    (bytes, size > DATAGRAM)
}
