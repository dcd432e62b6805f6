// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loop: waits for what happens, tells the manager, and does what it wants done.

mod act;
mod control;
mod directories;
mod kept;
mod listen;
mod output;
mod real;
mod relay;
mod saved;
mod search;
mod told;
mod watches;

pub use real::Real;
pub use saved::{CHECK, check_state, resumed};

use crate::event::{Ended, Event, Exit, Level, Message, Now};
use crate::exec::group::Groups;
use crate::manager::Manager;
use control::Control;
use listen::Sockets;
use output::Outputs;
use qos_sys::launch::Launched;
use qos_sys::message::Receiver;
use qos_sys::mount_watch::{MountWatch, mount_points};
use qos_sys::process::{self, Reaped};
use qos_sys::signal::{Blocked, SIGCHLD};
use qos_unit::{Name, Specific};
use search::PID_FILE_PERIOD;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

/// Where the manager finds and puts things.
pub struct Config {
    /// The root of unit files and accounts.
    pub root: PathBuf,
    /// Directory of its sockets and of private directories of units.
    pub runtime: PathBuf,
    /// Its control group, below which each unit has one.
    pub group: PathBuf,
    /// Where lines of the log go.
    pub log: fn(Level, &str),
}

/// Something that the manager leaves to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A signal other than SIGCHLD.
    Signal(i32),
    /// A child that is no unit's ended.
    Child(i32, Ended),
    /// All is stopped: the system is to be left in this way.
    Exit(Exit),
    /// Someone asks for [`Runner::reexec`].
    Reexec,
}

/// The manager and its connections with the system.
pub struct Runner {
    config: Config,
    /// The pure part.
    pub manager: Manager<Real>,
    signals: Blocked,
    signal_descriptor: OwnedFd,
    groups: Option<Groups>,
    /// Processes whose program is not executed yet, with their steps in words.
    launched: BTreeMap<i32, (Launched, Vec<String>)>,
    /// Why children do not execute their programs, until they have ended.
    reasons: BTreeMap<i32, String>,
    /// Leaders of process groups by unit: what is signalled where there are no control groups.
    leaders: BTreeMap<Name, BTreeSet<i32>>,
    notify: Receiver,
    control: Control,
    outputs: Outputs,
    sockets: Sockets,
    watches: watches::Watches,
    /// None where there is no table of mounts.
    mounts: Option<MountWatch>,
    /// Descriptors that services gave to keep (FDSTORE=1).
    stored: BTreeMap<Name, Vec<(String, OwnedFd)>>,
    /// INVOCATION_ID of units that are not down.
    invocations: BTreeMap<Name, String>,
    null: File,
    /// Limits of open files that programs are started with, unless their units say otherwise.
    open_files: (Option<u64>, Option<u64>),
    happened: Vec<Happened>,
    /// Units for whose main process is looked again, and until when.
    searched: BTreeMap<Name, Duration>,
}

/// Each service can have a pipe and a socket or two.
const OPEN_FILES: u64 = 65_536;

/// The log daemon's socket for output, below the root.
const LOG: &str = "run/systemd/journal/stdout";

/// The present moment.
#[must_use]
pub fn now() -> Now {
    let real = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Now {
        mono: qos_sys::time::since_boot(),
        real: real.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX)),
    }
}

impl Runner {
    /// A manager without units in work. `signals`, SIGCHLD among them, are blocked.
    ///
    /// # Errors
    /// When a socket or a directory cannot be made.
    pub fn new(config: Config, signals: Blocked) -> io::Result<Self> {
        std::fs::create_dir_all(&config.runtime)?;
        let manager = Manager::new(Real::new(&config.root), now());
        let notify = Receiver::new(&config.runtime.join("notify"))?;
        let control = Control::new(&config.runtime.join("init.sock"))?;
        let mut runner = Runner::with(config, signals, manager, notify, control)?;
        runner.open_files = process::raise_open_files(OPEN_FILES);
        Ok(runner)
    }

    fn with(
        config: Config,
        signals: Blocked,
        manager: Manager<Real>,
        notify: Receiver,
        control: Control,
    ) -> io::Result<Self> {
        Ok(Runner {
            manager,
            signal_descriptor: signals.descriptor()?,
            signals,
            groups: Groups::new(&config.group),
            launched: BTreeMap::new(),
            reasons: BTreeMap::new(),
            leaders: BTreeMap::new(),
            notify,
            control,
            outputs: Outputs::new(config.root.join(LOG)),
            sockets: Sockets::default(),
            watches: watches::Watches::default(),
            mounts: MountWatch::new().ok(),
            stored: BTreeMap::new(),
            invocations: BTreeMap::new(),
            null: File::options().read(true).write(true).open("/dev/null")?,
            open_files: (None, None),
            happened: Vec::new(),
            searched: BTreeMap::new(),
            config,
        })
    }

    fn log(&self, level: Level, text: &str) {
        (self.config.log)(level, text);
    }

    /// Waits for something, and does what follows from it.
    ///
    /// # Errors
    /// As in poll(2).
    pub fn turn(&mut self) -> io::Result<Vec<Happened>> {
        self.act();
        if self.happened.is_empty() {
            self.wait()?;
            self.act();
        }
        Ok(std::mem::take(&mut self.happened))
    }

    fn wait(&mut self) -> io::Result<()> {
        let time = now();
        let search = self.searched.keys().next().map(|_| time.mono + PID_FILE_PERIOD);
        let next = [self.manager.next_time(), search].into_iter().flatten().min();
        let limit = next.map(|next| next.saturating_sub(time.mono));
        let pids: Vec<i32> = self.launched.keys().copied().collect();
        let ready = {
            let mut all: Vec<BorrowedFd<'_>> = vec![self.signal_descriptor.as_fd(), self.notify.as_fd()];
            all.extend(self.groups.as_ref().and_then(Groups::descriptor));
            all.extend(self.mounts.as_ref().map(AsFd::as_fd));
            all.extend(self.launched.values().map(|(launched, _)| launched.status.as_fd()));
            all.extend(self.outputs.descriptors());
            all.extend(self.sockets.descriptors());
            all.extend(self.watches.descriptors());
            all.extend(self.control.descriptors());
            qos_sys::poll::any_readable(&all, limit)?
        };
        let mut ready = ready.into_iter();
        let mut next = || ready.next().unwrap_or(false);
        let (signals, notify) = (next(), next());
        let ended = self.groups.as_ref().and_then(Groups::descriptor).is_some() && next();
        let remounted = self.mounts.is_some() && next();
        let executed: Vec<i32> = pids.into_iter().filter(|_| next()).collect();
        // Output first: what a process wrote before its end belongs before the line about the end.
        self.outputs.read(&mut next);
        let incoming = self.sockets.ready(&mut next);
        let changed = self.watches.ready(&mut next);
        let requests = self.control.ready(&mut next);
        for pid in executed {
            // The end of the child, which is to come, is the event.
            let reason = self.executed(pid);
            self.reasons.extend(reason.map(|reason| (pid, reason)));
        }
        if notify {
            self.take_messages();
        }
        if signals {
            self.take_signals()?;
        }
        if ended {
            self.groups.iter().for_each(Groups::drain);
            self.check_groups();
        }
        if remounted {
            self.look_at_mounts();
        }
        for name in incoming {
            self.event(Event::Incoming(name));
        }
        for name in changed {
            self.look_at_paths(&name);
        }
        self.search_main();
        if self.manager.next_time().is_some_and(|at| at <= now().mono) {
            self.event(Event::Time);
        }
        for number in requests {
            self.serve(number);
        }
        Ok(())
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.manager.handle(now(), event);
        self.act();
    }

    /// The pipe of a child closed or told of a failure; the failure as text, when the child has ended.
    fn executed(&mut self, pid: i32) -> Option<String> {
        let (launched, _) = self.launched.get_mut(&pid)?;
        let outcome = launched.outcome().ok().flatten();
        match outcome {
            Some(None) => {
                self.launched.remove(&pid);
                self.event(Event::Executed(pid));
                None
            }
            Some(Some(failure)) => {
                let (_, steps) = self.launched.remove(&pid)?;
                let what = steps
                    .get(failure.step)
                    .map_or_else(|| "cannot execute the program".to_owned(), |step| format!("cannot {step}"));
                Some(format!("{what}: {}", qos_sys::error_text(&failure.error)))
            }
            None => None,
        }
    }

    fn take_signals(&mut self) -> io::Result<()> {
        while let Some(signal) = self.signals.wait(Some(Duration::ZERO))? {
            if signal == SIGCHLD {
                self.reap()?;
            } else {
                self.happened.push(Happened::Signal(signal));
            }
        }
        Ok(())
    }

    fn reap(&mut self) -> io::Result<()> {
        while let Reaped::Child(pid, ended) = process::reap()? {
            let ended = match ended {
                process::Ended::Exited(status) => Ended::Exited(status),
                process::Ended::Killed(signal) => Ended::Killed(signal),
            };
            // What it said before its end comes first.
            self.take_messages();
            let reason = self.reasons.remove(&pid).or_else(|| self.executed(pid));
            if self.manager.unit_of(pid).is_some() {
                self.event(Event::Ended(pid, ended, reason));
            } else {
                self.happened.push(Happened::Child(pid, ended));
            }
        }
        self.check_groups();
        Ok(())
    }

    /// After the end of processes, and of groups: units that wait for the end of their group, and forking services without a main process.
    fn check_groups(&mut self) {
        let waiting: Vec<Name> = self
            .manager
            .units()
            .filter(|(_, entry)| {
                matches!(&entry.machine, crate::machine::Machine::Service(machine)
                if machine.main.is_none() && machine.control.is_none() && !entry.machine.active().is_down())
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in waiting {
            if self.has_ended(&name) {
                self.event(Event::GroupEmpty(name));
            }
        }
    }

    fn take_messages(&mut self) {
        // A process that floods the socket must not keep everything else waiting.
        for _ in 0..256 {
            let Ok(Some(datagram)) = self.notify.take() else { return };
            let message = Message::parse(&datagram.bytes);
            let known = self.manager.unit_of(datagram.pid).cloned();
            let Some(unit) = known.or_else(|| self.groups.as_ref()?.unit_of(datagram.pid)) else { continue };
            self.store_descriptors(&unit, &message, datagram.descriptors);
            // A main process has to be one of the service's own.
            let mut message = message;
            if let Some(pid) = message.main_pid {
                let own = self.manager.unit_of(pid) == Some(&unit)
                    || self.groups.as_ref().and_then(|groups| groups.unit_of(pid)).as_ref() == Some(&unit);
                if !own && datagram.uid != 0 {
                    message.main_pid = None;
                }
            }
            self.event(Event::Notify(unit, datagram.pid, message));
        }
    }

    fn store_descriptors(&mut self, unit: &Name, message: &Message, descriptors: Vec<OwnedFd>) {
        let most = self
            .manager
            .unit(unit)
            .and_then(|entry| entry.unit.service())
            .map_or(0, |service| service.fd_store_max as usize);
        let name = message.descriptor_name.clone().unwrap_or_else(|| "stored".into());
        let kept = self.stored.entry(unit.clone()).or_default();
        if message.unstore {
            kept.retain(|(other, _)| *other != name);
        }
        if message.store {
            let room = most.saturating_sub(kept.len());
            kept.extend(descriptors.into_iter().take(room).map(|descriptor| (name.clone(), descriptor)));
        }
    }

    /// Mount units are as the kernel's table has them, whoever mounted and unmounted.
    fn look_at_mounts(&mut self) {
        self.mounts.iter().for_each(MountWatch::drain);
        let Ok(points) = mount_points() else { return };
        let target = |entry: &crate::manager::Entry| match &entry.unit.specific {
            Specific::Mount(mount) => Some(points.contains(&PathBuf::from(&mount.target))),
            _ => None,
        };
        let found: Vec<_> =
            self.manager.units().filter_map(|(name, entry)| Some((name.clone(), target(entry)?))).collect();
        for (name, is_mounted) in found {
            self.event(Event::Mounted(name, is_mounted));
        }
    }

    /// Whether a unit has processes.
    fn is_populated(&self, name: &Name) -> bool {
        match &self.groups {
            Some(groups) => groups.is_populated(name),
            None => {
                self.leaders.get(name).into_iter().flatten().any(|leader| process::kill(-leader, 0).is_ok())
            }
        }
    }

    /// Whether a unit has no processes. If it has, there is a turn when that changes.
    fn has_ended(&self, name: &Name) -> bool {
        self.groups.as_ref().map_or_else(|| !self.is_populated(name), |groups| groups.has_ended(name))
    }
}
