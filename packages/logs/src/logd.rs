// SPDX-License-Identifier: MIT OR Apache-2.0
//! `logd`: takes messages from the kernel, from services and from sockets, and stores them.

mod intake;
mod sources;
mod streams;

use crate::entry::Entry;
use crate::forward::{self, Forwarders};
use crate::limit::{Limiter, Sender};
use crate::store::{Limits, Origin, Store};
use crate::{DIRECTORIES, size};
use intake::Gathered;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::error_text;
use qos_sys::signal::{Blocked, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
use sources::Sources;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long what is written may be in memory only. Messages of severity crit and above are on the disk at once.
const SYNC: Duration = Duration::from_secs(60);

struct Options {
    directory: Option<PathBuf>,
    max_use: Option<u64>,
    burst: u32,
    interval: Duration,
    max_level: u8,
    forward: forward::Options,
    runtime: PathBuf,
    dev_log: PathBuf,
    kmsg: PathBuf,
}

fn parse(mut options: lexopt::Parser) -> Result<Options, Failure> {
    let mut parsed = Options {
        directory: None,
        max_use: None,
        burst: 10_000,
        interval: Duration::from_secs(30),
        max_level: 7,
        forward: forward::Options::default(),
        runtime: "/run/systemd/journal".into(),
        dev_log: "/dev/log".into(),
        kmsg: "/dev/kmsg".into(),
    };
    while let Some(option) = options.next()? {
        match option {
            Long("directory") => parsed.directory = Some(options.value()?.into()),
            Long("max-use") => {
                parsed.max_use = Some(size::parse(&options.value()?.string()?).map_err(Failure::usage)?)
            }
            Long("rate-burst") => parsed.burst = options.value()?.parse()?,
            Long("rate-interval") => {
                parsed.interval =
                    qos_unit::span::parse(&options.value()?.string()?).map_err(Failure::usage)?;
            }
            Long("max-level") => {
                let text = options.value()?.string()?;
                parsed.max_level = crate::entry::level(&text).ok_or_else(|| {
                    Failure::usage(format!("{text}: no level; one of {}", crate::entry::LEVELS.join(" ")))
                })?;
            }
            Long("forward") => parsed.forward.tcp = Some(options.value()?.string()?),
            Long("forward-tls") => parsed.forward.tls = Some(options.value()?.string()?),
            Long("forward-ca") => parsed.forward.authorities = Some(options.value()?.into()),
            Long("forward-cert") => parsed.forward.certificate = Some(options.value()?.into()),
            Long("forward-key") => parsed.forward.key = Some(options.value()?.into()),
            Long("runtime") => parsed.runtime = options.value()?.into(),
            Long("dev-log") => parsed.dev_log = options.value()?.into(),
            Long("kmsg") => parsed.kmsg = options.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(parsed)
}

/// Microseconds since 1970 and since the boot.
fn now() -> (u64, u64) {
    let real = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    (micros(real), micros(qos_sys::time::since_boot()))
}

/// The id of this boot, by which entries are told apart.
pub fn boot_id() -> io::Result<u128> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    u128::from_str_radix(&text.trim().replace('-', ""), 16).map_err(io::Error::other)
}

struct Daemon {
    store: Store,
    limiter: Limiter,
    forwarders: Option<Forwarders>,
    max_level: u8,
    /// When what is written has to be on the disk, in microseconds since the boot.
    sync_at: Option<u64>,
    /// A full disk was reported on standard error.
    complained: bool,
}

pub fn main(options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let options = parse(options)?;
    let signals = Blocked::new(&[SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
        .map_err(|error| Failure::of("signals", &error))?;
    let descriptor = signals.descriptor().map_err(|error| Failure::of("signals", &error))?;
    let origin = Origin {
        boot: boot_id().map_err(|error| Failure::at("/proc/sys/kernel/random/boot_id", &error))?,
        host: qos_sys::host::Host::of_kernel().node,
    };
    // A connection that cannot be taken for want of descriptors would be told of again and again.
    qos_sys::process::raise_open_files(2 * streams::STREAMS as u64);
    let forwarders = Forwarders::new(&options.forward, &origin.host)?;
    let store = open(&options, &origin)?;
    let mut sources = Sources::open(&options, store.last_kernel_message())?;
    let micros = u64::try_from(options.interval.as_micros()).unwrap_or(u64::MAX);
    let mut daemon = Daemon {
        store,
        limiter: Limiter::new(micros, options.burst),
        forwarders,
        max_level: options.max_level,
        sync_at: None,
        complained: false,
    };
    if let Err(error) = qos_sys::notify::send("READY=1") {
        eprintln!("logd: $NOTIFY_SOCKET: cannot tell the manager that logd is ready: {}", error_text(&error));
    }
    loop {
        let ready = {
            let mut all: Vec<BorrowedFd<'_>> = vec![descriptor.as_fd()];
            all.extend(daemon.forwarders.as_ref().map(Forwarders::descriptor));
            all.extend(sources.descriptors());
            qos_sys::poll::any_readable(&all, daemon.wait()).map_err(|error| Failure::of("poll", &error))?
        };
        let mut ready = ready.into_iter();
        let signalled = ready.next().unwrap_or(false);
        if daemon.forwarders.is_some() && ready.next().unwrap_or(false) {
            daemon.take_notices();
        }
        daemon.take(sources.read(&mut ready, now()));
        if signalled {
            match signals.wait(Some(Duration::ZERO)).map_err(|error| Failure::of("signals", &error))? {
                Some(SIGTERM | SIGINT) => break,
                Some(SIGUSR2) => daemon.store.rotate(),
                Some(_) => daemon.store.sync(),
                None => {}
            }
        }
    }
    // The manager may have ended before.
    let _ = qos_sys::notify::send("STOPPING=1");
    // What was sent before the signal belongs to the log.
    daemon.take(sources.read(&mut std::iter::repeat(true), now()));
    daemon.store.sync();
    Ok(())
}

/// Opens the log in the first directory that can be written.
fn open(options: &Options, origin: &Origin) -> Result<Store, Failure> {
    let directories = match &options.directory {
        Some(directory) => vec![directory.as_path()],
        None => DIRECTORIES.iter().map(Path::new).collect(),
    };
    let mut failure = None;
    for directory in directories {
        let parent = directory.parent().unwrap_or(directory);
        let limits = options.max_use.map_or_else(|| Limits::by_space(parent), Limits::of);
        match Store::open(directory, limits, origin.clone()) {
            Ok(store) => return Ok(store),
            Err(error) => failure = Some(Failure::at(directory, &error)),
        }
    }
    Err(failure.unwrap_or_else(|| Failure::new("there is no directory for the log")))
}

impl Daemon {
    /// How long nothing needs to be done unless a message comes.
    fn wait(&self) -> Option<Duration> {
        let next = [self.sync_at, self.limiter.next_end()].into_iter().flatten().min()?;
        Some(Duration::from_micros(next.saturating_sub(now().1)))
    }

    fn take(&mut self, gathered: Vec<Gathered>) {
        let (real, mono) = now();
        for (sender, count) in self.limiter.ended(mono) {
            let mut entry = Entry::own(4, &format!("Suppressed {count} messages from {sender}"));
            (entry.realtime, entry.monotonic) = (real, mono);
            if let Sender::Unit(name) = sender {
                entry.set("UNIT", name);
            }
            self.keep(entry);
        }
        for Gathered { sender, entry } in gathered {
            let admitted = sender.is_none_or(|sender| self.limiter.admits(&sender, mono));
            if admitted && entry.level() <= self.max_level {
                self.keep(entry);
            }
        }
        self.store.flush();
        if self.sync_at.is_some_and(|at| at <= mono) {
            self.store.sync();
            self.sync_at = None;
        }
        if self.store.is_unsynced() {
            self.sync_at.get_or_insert(mono + SYNC.as_micros() as u64);
        }
        self.complain();
    }

    /// Stores what the threads that forward messages have to say.
    fn take_notices(&mut self) {
        let (real, mono) = now();
        for mut entry in self.forwarders.iter().flat_map(Forwarders::notices) {
            (entry.realtime, entry.monotonic) = (real, mono);
            self.store.append(entry);
        }
    }

    fn keep(&mut self, entry: Entry) {
        if let Some(forwarders) = &self.forwarders {
            forwarders.send(&entry);
        }
        self.store.append(entry);
    }

    /// Says once that messages are lost: where the log cannot be written, standard error is all there is.
    fn complain(&mut self) {
        match self.store.lost() {
            Some((_, reason)) if !self.complained => {
                eprintln!(
                    "logd: {}: messages are lost: {reason}; make room, or give a smaller --max-use",
                    self.store.directory().display()
                );
                self.complained = true;
            }
            None => self.complained = false,
            Some(_) => {}
        }
    }
}
