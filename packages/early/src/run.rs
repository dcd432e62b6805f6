// SPDX-License-Identifier: MIT OR Apache-2.0
//! Executes the steps of the plan.

use crate::coldplug::{Coldplug, undriven};
use crate::devices::{self, Block};
use crate::find_init::find_init;
use crate::kmsg::{critical, debug, info, warn};
use crate::links::Links;
use crate::mount_root::{NEW_ROOT, mount_root};
use crate::options::{Options, Stop};
use crate::plan::{self, Action, Cause, Progress, View};
use crate::splash::{Splash, Typed};
use crate::verity::parameters::Request;
use crate::{cmdline, console, diagnose, fsck, microcode, mounts, switch, unlock, verity};
use qos_sys::error_text;
use qos_sys::power;
use qos_sys::uevent::{Listener, Taken};
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where early userspace is.
struct Early<'a> {
    options: &'a Options,
    /// What the kernel gave this program, for the init of the new root.
    arguments: Vec<OsString>,
    coldplug: Coldplug,
    listener: Option<Listener>,
    devices: Vec<Block>,
    /// All devices are to be probed again: somebody may have written to them, which is no event.
    again: bool,
    links: Links,
    progress: Progress,
    /// The boot screen is wanted, and was not shown yet.
    splash_wanted: bool,
    /// The boot screen, while it is shown.
    splash: Option<Splash>,
    /// When the devices last changed.
    changed: Instant,
}

/// Process 1: does not come back.
pub fn run(arguments: Vec<OsString>) -> ! {
    std::panic::set_hook(Box::new(|panic| {
        critical(&format!("fault in early userspace: {panic}"));
        stand_still()
    }));
    mounts::mount_all();
    let text = std::fs::read("/proc/cmdline").unwrap_or_default();
    let options = Options::new(&cmdline::parse(&String::from_utf8_lossy(&text)));
    if options.debug {
        crate::kmsg::enable_debug();
    }
    info("started");
    microcode::found(Path::new("/")).iter().for_each(|line| info(line));
    options.complaints.iter().for_each(|complaint| warn(complaint));
    // Before the first look at the devices, so that nothing happens unseen between the two.
    let listener = Listener::new().map_err(|error| warn(&format!("uevents: {}", error_text(&error)))).ok();
    let mut early = Early {
        options: &options,
        arguments,
        coldplug: Coldplug::new(),
        listener,
        devices: Vec::new(),
        again: false,
        links: Links::default(),
        progress: Progress::default(),
        splash_wanted: options.splash,
        splash: None,
        changed: Instant::now(),
    };
    loop {
        early.look();
        early.step();
    }
}

/// Process 1 must not end, because the kernel would panic. Remaining work is left to other processes.
fn stand_still() -> ! {
    loop {
        std::thread::park();
    }
}

impl Early<'_> {
    /// Loads the drivers of new devices, and probes those block devices that are new or have changed.
    fn look(&mut self) {
        self.coldplug.run();
        let known = self.known();
        let devices = devices::all(Path::new("/"), &known);
        if devices != self.devices {
            self.changed = Instant::now();
            self.links.update(&devices);
            for device in devices.iter().filter(|device| !self.devices.contains(device)) {
                debug(|| format!("{}: {} {}", device.node, device.kind, device.uuid));
            }
            self.devices = devices;
        }
        if self.splash_wanted {
            // The display may have got its driver just now. Once shown and ended, the screen does not come back.
            self.splash = Splash::show();
            self.splash_wanted = self.splash.is_none();
        }
    }

    /// The devices whose probe still holds: those that no event has named since. None if events are lost.
    fn known(&mut self) -> Vec<Block> {
        let Some(listener) = &self.listener else { return Vec::new() };
        let mut known = if std::mem::take(&mut self.again) { Vec::new() } else { self.devices.clone() };
        loop {
            match listener.take() {
                Ok(Taken::Packet(packet)) => devices::forget(&mut known, &packet),
                Ok(Taken::Overrun) => known.clear(),
                Ok(Taken::None) => return known,
                Err(error) => {
                    warn(&format!("uevents: {}", error_text(&error)));
                    return Vec::new();
                }
            }
        }
    }

    /// Replaces the boot screen with the log.
    fn reveal(&mut self) {
        self.splash_wanted = false;
        if let Some(splash) = self.splash.take() {
            splash.reveal();
        }
    }

    /// Says on the boot screen what happens now.
    fn say(&mut self, note: &str) {
        if let Some(splash) = &mut self.splash {
            splash.say(note);
        }
    }

    fn step(&mut self) {
        let devices = std::mem::take(&mut self.devices);
        let view = View { devices: &devices, unchanged: self.changed.elapsed(), uptime: uptime() };
        let action = plan::next(self.options, &self.progress, view);
        debug(|| format!("next: {action}"));
        let outcome = match action {
            Action::Stop(stop) => {
                self.stop(stop);
                Ok(())
            }
            Action::Unlock { device, name } => self.unlock(device, &name),
            Action::Protect { request, data, hash } => self.protect(request, data, hash),
            Action::Wait(limit) => {
                self.wait(limit);
                Ok(())
            }
            Action::Check(device, kind) => self.check(device, kind),
            Action::Mount(device, kinds) => self.mount(device, &kinds),
            Action::Switch => Err(self.switch()),
            Action::Fail(cause) => Err(cause),
        };
        self.devices = devices;
        if let Err(cause) = outcome {
            self.fail(&cause);
        }
    }

    /// Waits for an event of a device.
    fn wait(&mut self, limit: Option<Duration>) {
        const DAY: Duration = Duration::from_secs(86_400);
        let mut limit = limit.unwrap_or(DAY);
        if self.listener.is_none() {
            // Without events the limit is all that ends the wait.
            limit = limit.min(Duration::from_secs(1));
        }
        self.say("Waiting for the root file system");
        let screen = self.splash.as_ref().map(AsFd::as_fd);
        let files: Vec<_> = screen.into_iter().chain(self.listener.as_ref().map(AsFd::as_fd)).collect();
        let ready = match qos_sys::poll::any_readable(&files, Some(limit)) {
            Ok(ready) => ready,
            Err(error) => return warn(&format!("uevents: {}", error_text(&error))),
        };
        if let Some(splash) = &mut self.splash
            && ready[0]
            && splash.read().map_or(true, |typed| typed == Typed::Escape)
        {
            self.reveal();
        }
    }

    fn stop(&mut self, stop: Stop) {
        let name = match stop {
            Stop::PreMount => "pre-mount",
            Stop::Mount => "mount",
            Stop::Switch => "switch",
        };
        self.reveal();
        critical(&format!("rd.break={name}: the boot goes on when the shell ends"));
        console::shell();
        self.again = true;
        self.progress.stops.push(stop);
    }

    fn unlock(&mut self, device: &Block, name: &str) -> Result<(), Cause> {
        unlock::unlock(device, name, self.options, &mut self.coldplug, &mut self.splash)
            .map_err(|reason| Cause::Locked(device.node.clone(), reason))
    }

    fn protect(&mut self, request: &Request, data: &Block, hash: &Block) -> Result<(), Cause> {
        self.say("Setting up dm-verity");
        verity::map(request, data, hash, &mut self.coldplug)
            .map_err(|reason| Cause::Unprotected(data.node.clone(), reason))
    }

    fn check(&mut self, device: &Block, kind: &str) -> Result<(), Cause> {
        self.say("Checking the root file system");
        match fsck::check(device, kind, self.options) {
            fsck::Outcome::Clean => {
                self.progress.checked = true;
                Ok(())
            }
            fsck::Outcome::Broken(reason) => Err(Cause::Broken(device.node.clone(), reason)),
            fsck::Outcome::Reboot => {
                critical("the root file system was repaired: the machine starts again");
                power::sync();
                let error = power::now(power::Action::Reboot);
                Err(Cause::Step("reboot".to_owned(), error_text(&error)))
            }
        }
    }

    fn mount(&mut self, device: &Block, kinds: &[&str]) -> Result<(), Cause> {
        self.say("Mounting the root file system");
        for kind in kinds {
            self.coldplug.load(&format!("fs-{kind}"));
        }
        let kind = mount_root(device, kinds, self.options)?;
        let mode = if self.options.writable { "read-write" } else { "read-only" };
        let flags = Some(&self.options.flags).filter(|flags| !flags.is_empty());
        let flags = flags.map(|flags| format!(", {flags}")).unwrap_or_default();
        info(&format!("the root is {} ({kind}, {mode}{flags})", device.node));
        self.progress.mounted = true;
        Ok(())
    }

    /// Becomes the init of the new root. Comes back only if that fails before the change.
    fn switch(&mut self) -> Cause {
        let init = match find_init(Path::new(NEW_ROOT), self.options.init.as_deref()) {
            Ok(init) => init,
            Err(tried) => return Cause::NoInit(tried),
        };
        info(&format!("run {init}"));
        self.coldplug.end();
        if let Some(splash) = self.splash.take() {
            splash.end();
        }
        let (step, error) = switch::switch(Path::new(NEW_ROOT), &init, std::mem::take(&mut self.arguments));
        // There may be no initramfs any more, and so no shell and no second try.
        critical(&format!("change to the new root: {step}: {}", error_text(&error)));
        stand_still()
    }

    /// Explains the failure, gives a person a shell, and begins again.
    fn fail(&mut self, cause: &Cause) {
        self.reveal();
        critical(&diagnose::headline(cause, self.options));
        let modules = |alias: &str| self.coldplug.state(alias);
        let undriven = undriven(Path::new("/sys"), &modules);
        for hint in diagnose::hints(cause, self.options, &self.devices, &undriven, &modules) {
            critical(&format!("- {hint}"));
        }
        for line in devices::table(&self.devices) {
            critical(&line);
        }
        if self.progress.mounted {
            // The next try may be with another device.
            let _ = qos_sys::mount::unmount(Path::new(NEW_ROOT), qos_sys::mount::UnmountFlags::empty());
        }
        let shell = self.options.shell && {
            critical("a shell to look into it; when it ends, the boot is tried again");
            console::shell()
        };
        if !shell {
            critical("the boot is tried again when a device appears");
            self.wait(None);
        }
        let stops = std::mem::take(&mut self.progress.stops);
        self.progress = Progress { stops, ..Progress::default() };
        self.again = true;
        self.changed = Instant::now();
    }
}

/// Time since the boot.
fn uptime() -> Duration {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = text.split(' ').next().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or_default())
}
