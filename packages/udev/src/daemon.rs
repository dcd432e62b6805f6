// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevd`: takes the kernel's events, processes each when its turn comes, and answers requests.
//!
//! There is one process. Rules, nodes and the database are done in its loop; programs of RUN run in a thread of their event, so that
//! a slow one delays its own device and no other.

mod clients;
mod watches;

use crate::node::Claims;
use crate::process::{self, Processed};
use crate::queue::Queue;
use crate::rules::Rules;
use crate::system::{Mode, System};
use clients::Clients;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::signal::{Blocked, SIGHUP, SIGINT, SIGTERM};
use qos_sys::uevent::{Group, Listener, Taken};
use qos_sys::{error_text, notify};
use qos_uevent::Event;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use watches::Watches;

/// Room for events that the kernel has and this program has not taken: as systemd's daemon has it. Only what is there takes memory.
const BUFFER: usize = 128 << 20;
/// How many events have programs running at a time.
const AT_ONCE: usize = 8;
/// How long to wait for more events before the queue counts as empty: one that comes right behind would make the file again.
const LINGER: Duration = Duration::from_millis(3);
/// How often files of rules are looked at, at most.
const RELOAD: Duration = Duration::from_secs(3);
/// How long the events of present devices keep the manager of services from going on, at most.
const READY: Duration = Duration::from_secs(30);

struct Options {
    debug: bool,
    coldplug: bool,
    limit: Duration,
}

/// Runs the daemon until it is told to exit.
pub fn main(parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let options = parse(parser)?;
    let mut daemon = Daemon::new(&options)?;
    if options.coldplug {
        coldplug(&daemon.system);
    }
    daemon.run(if options.coldplug { Some(Instant::now() + READY) } else { None })
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Failure> {
    let mut options = Options { debug: false, coldplug: false, limit: Duration::from_secs(180) };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('D') | Long("debug") => options.debug = true,
            Long("coldplug") => options.coldplug = true,
            Short('t') | Long("event-timeout") => {
                options.limit = Duration::from_secs(parser.value()?.parse()?)
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(options)
}

/// Has the kernel send the event of each present device again.
fn coldplug(system: &System) {
    for device in qos_uevent::coldplug::devices(&system.root.join("sys")) {
        // A device may go while the list is worked off.
        let _ = fs::write(device.join("uevent"), "add");
    }
}

struct Daemon {
    system: Arc<System>,
    mode: Mode,
    rules: Rules,
    checked: Instant,
    claims: Claims,
    queue: Queue,
    kernel: Listener,
    clients: Clients,
    watches: Watches,
    signals: Blocked,
    signal: OwnedFd,
    /// Written to when a thread is done with its event.
    wake: (File, File),
    done: (mpsc::Sender<Done>, mpsc::Receiver<Done>),
    properties: BTreeMap<String, String>,
    busy: bool,
    stopped: bool,
    exiting: bool,
}

/// An event whose commands have ended.
struct Done {
    number: u64,
    processed: Processed,
}

impl Daemon {
    fn new(options: &Options) -> Result<Daemon, Failure> {
        let failed =
            |what: &str, error: std::io::Error| Failure::new(format!("{what}: {}", error_text(&error)));
        // Before any thread is there, so that all of them have the signals blocked.
        let signals =
            Blocked::new(&[SIGTERM, SIGINT, SIGHUP]).map_err(|error| failed("block signals", error))?;
        let signal = signals.descriptor().map_err(|error| failed("descriptor for signals", error))?;
        let wake = qos_sys::pipe::new().map_err(|error| failed("pipe", error))?;
        let mode = Mode { debug: options.debug, dry: false };
        let mut system = System::new(Path::new("/"), mode);
        system.limit = options.limit;
        system.database.create().map_err(|(path, error)| Failure::at(path, &error))?;
        // Before the first look at devices: nothing happens unseen in between.
        let kernel =
            Listener::of(Group::Kernel).map_err(|error| failed("listen to the kernel's events", error))?;
        if let Err(error) = kernel.enlarge(BUFFER) {
            system.warn(&format!("buffer for events: {}; many at once may be lost", error_text(&error)));
        }
        let socket = system.database.control();
        let clients = Clients::new(&socket).map_err(|error| Failure::at(&socket, &error))?;
        let watches = Watches::new().map_err(|error| failed("inotify", error))?;
        let claims = Claims::of_database(&system.root, &system.database);
        let mut daemon = Daemon {
            system: Arc::new(system),
            mode,
            rules: Rules::default(),
            checked: Instant::now(),
            claims,
            queue: Queue::default(),
            kernel,
            clients,
            watches,
            signals,
            signal,
            wake,
            done: mpsc::channel(),
            properties: BTreeMap::new(),
            busy: false,
            stopped: false,
            exiting: false,
        };
        daemon.read_rules();
        process::set_static_nodes(&daemon.system, &daemon.rules);
        Ok(daemon)
    }

    fn read_rules(&mut self) {
        self.rules = Rules::of_system(&self.system.root, self.system.users());
        self.rules.warnings.iter().for_each(|warning| self.system.warn(&warning.to_string()));
        self.checked = Instant::now();
    }

    /// Reads accounts, configuration of modules, and rules again.
    fn reload(&mut self) {
        let mut system = System::new(&self.system.root, self.mode);
        system.limit = self.system.limit;
        self.system = Arc::new(system);
        self.read_rules();
    }

    /// The loop. `ready`: when the manager of services is told at the latest; at once, if there is nothing to wait for.
    fn run(&mut self, mut ready: Option<Instant>) -> Result<(), Failure> {
        let mut told = false;
        loop {
            self.take_events()?;
            self.work();
            self.answer();
            let done = self.queue.is_empty() || ready.is_none_or(|ready| Instant::now() >= ready);
            if !told && done {
                (told, ready) = (true, None);
                if let Err(error) = notify::send("READY=1\nSTATUS=Processes events of devices.") {
                    self.system.warn(&format!("notify the manager of services: {}", error_text(&error)));
                }
            }
            if self.exiting && self.queue.running() == 0 {
                break;
            }
            self.wait(ready)?;
        }
        self.set_busy(false);
        // A new daemon makes it anew.
        let _ = fs::remove_file(self.system.database.control());
        let _ = notify::send("STOPPING=1");
        Ok(())
    }

    /// Waits for whatever comes next.
    fn wait(&mut self, ready: Option<Instant>) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::new(format!("poll: {}", error_text(&error)));
        let idle = self.busy && self.queue.is_empty();
        let limit = if idle {
            Some(LINGER)
        } else {
            ready.map(|ready| ready.saturating_duration_since(Instant::now()))
        };
        let (wake, _) = &self.wake;
        let mut descriptors =
            vec![self.kernel.as_fd(), self.signal.as_fd(), wake.as_fd(), self.watches.as_fd()];
        descriptors.extend(self.clients.descriptors());
        let found = qos_sys::poll::any_readable(&descriptors, limit).map_err(failed)?;
        let (events, clients) = (found[..4].to_vec(), found[4..].to_vec());
        if idle && !found.contains(&true) {
            self.set_busy(false);
        }
        if events[1] {
            match self.signals.wait(Some(Duration::ZERO)).map_err(failed)? {
                Some(SIGHUP) => self.reload(),
                Some(_) => self.exiting = true,
                None => {}
            }
        }
        if events[2] {
            self.finish();
        }
        if events[3] {
            for devpath in self.watches.take() {
                // The event of a device that is gone is not wanted.
                let _ = fs::write(self.system.path(&format!("/sys{devpath}/uevent")), "change");
            }
        }
        self.clients.read(&clients);
        Ok(())
    }

    /// Takes all events that the kernel has.
    fn take_events(&mut self) -> Result<(), Failure> {
        loop {
            let packet = match self.kernel.take() {
                Ok(Taken::Packet(packet)) => packet,
                Ok(Taken::None) => return Ok(()),
                Ok(Taken::Overrun) => {
                    self.system.warn(
                        "events are lost: there were more than the buffer holds; run `udevadm trigger`",
                    );
                    continue;
                }
                Err(error) => {
                    return Err(Failure::new(format!("take the kernel's events: {}", error_text(&error))));
                }
            };
            match Event::parse(&packet) {
                Ok(mut event) => {
                    event.properties.extend(self.properties.clone());
                    self.set_busy(true);
                    self.queue.push(event);
                }
                Err(error) => self.system.debug(|| format!("packet of the kernel: {error}")),
            }
        }
    }

    /// The file for those who ask whether there is something to wait for.
    fn set_busy(&mut self, busy: bool) {
        if busy == self.busy {
            return;
        }
        let path = self.system.database.queue();
        let done = if busy { fs::write(&path, "") } else { fs::remove_file(&path) };
        if let Err(error) = done {
            self.system.warn(&format!("{}: {}", path.display(), error_text(&error)));
        }
        self.busy = busy;
    }

    /// Processes events until none is left that can begin.
    fn work(&mut self) {
        while !self.stopped && !self.exiting && self.queue.running() < AT_ONCE {
            if self.checked.elapsed() >= RELOAD && !self.queue.is_empty() {
                self.checked = Instant::now();
                if self.rules.are_outdated() {
                    self.reload();
                }
            }
            let Some((number, event)) = self.queue.start() else { return };
            self.system.debug(|| format!("{} {}", event.action, event.devpath));
            let processed = process::process(&self.system, &self.rules, &mut self.claims, &event);
            self.watch(&event, &processed);
            let slow = processed
                .commands
                .iter()
                .any(|command| matches!(command, crate::engine::Command::Program(_)));
            let done = Done { number, processed };
            if !slow {
                process::run_commands(&self.system, &done.processed.commands, &done.processed.device);
                self.complete(&done);
                continue;
            }
            self.run_in_thread(done);
        }
    }

    fn run_in_thread(&mut self, done: Done) {
        let (system, sender) = (Arc::clone(&self.system), self.done.0.clone());
        let wake = self.wake.1.try_clone();
        std::thread::spawn(move || {
            process::run_commands(&system, &done.processed.commands, &done.processed.device);
            // The daemon reads both to its end.
            let _ = sender.send(done);
            let _ = wake.and_then(|mut wake| wake.write_all(b"x"));
        });
    }

    /// Takes what threads have done.
    fn finish(&mut self) {
        // What was written is not of interest; at least one byte is there.
        let _ = self.wake.0.read(&mut [0; 64]);
        while let Ok(done) = self.done.1.try_recv() {
            self.complete(&done);
        }
    }

    /// An event is done: those who listen are told, and others may begin.
    fn complete(&mut self, done: &Done) {
        let event = &done.processed.event;
        let tags = done.processed.device.record.tags.iter().map(String::as_str);
        if let Err(error) = self.kernel.send(&event.packet(tags)) {
            self.system.warn(&format!("{}: tell those who listen: {}", event.devpath, error_text(&error)));
        }
        self.queue.finish(done.number);
    }

    fn watch(&mut self, event: &Event, processed: &Processed) {
        let on = if event.action == "remove" { Some(false) } else { processed.watch };
        let Some(node) = processed.device.node().filter(|_| on.is_some()) else { return };
        let watched = if on == Some(true) {
            self.watches.add(&event.devpath, Path::new(node))
        } else {
            self.watches.remove(&event.devpath)
        };
        if let Err(error) = watched {
            self.system.debug(|| format!("watch {node}: {}", error_text(&error)));
        }
    }

    /// Does what is requested, and answers what is done.
    fn answer(&mut self) {
        use crate::control::Request;
        for (client, request) in self.clients.requests() {
            match request {
                Request::Ping => {}
                Request::Settle => {
                    // The events that the kernel had sent by then were taken before this.
                    self.clients.wait_for(client, self.queue.last());
                    continue;
                }
                Request::Reload => self.reload(),
                Request::Stop => self.stopped = true,
                Request::Start => self.stopped = false,
                Request::Exit => self.exiting = true,
                Request::Property(key, value) if value.is_empty() => drop(self.properties.remove(&key)),
                Request::Property(key, value) => drop(self.properties.insert(key, value)),
            }
            self.clients.answer(client, "ok");
        }
        // What was stopped may begin now.
        self.work();
        let Daemon { clients, queue, .. } = self;
        clients.answer_settled(|number| !queue.has_up_to(number));
    }
}
