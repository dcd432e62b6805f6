// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units that are no services: targets, sockets, timers, paths, mounts.

use super::{Edge, Manager, Mode};
use crate::event::{Action, Level, Role};
use crate::job::JobKind;
use crate::machine::{Active, Machine, Simple};
use crate::world::World;
use qos_unit::command::{Command, Privilege};
use qos_unit::{Kind, Mount, Name, Specific, Trigger};
use std::time::Duration;

impl<W: World> Manager<W> {
    fn simple(&self, name: &Name) -> Option<(Simple, &Specific)> {
        match self.units.get(name).map(|entry| (&entry.machine, &entry.unit.specific)) {
            Some((Machine::Simple(state), specific)) => Some((*state, specific)),
            _ => None,
        }
    }

    pub(super) fn start_simple(&mut self, name: &Name) {
        let Some((_, specific)) = self.simple(name) else { return };
        match specific {
            Specific::Socket(_) => {
                self.set_simple(name, Simple::Opening);
                self.actions.push(Action::Listen(name.clone()));
            }
            Specific::Timer(_) => {
                self.set_simple(name, Simple::Waiting);
                self.arm(name);
            }
            Specific::Path(_) => {
                self.set_simple(name, Simple::Waiting);
                self.actions.push(Action::Watch(name.clone(), true));
            }
            Specific::Mount(mount) => {
                let (command, timeout) = (mount_command(mount), mount.timeout);
                self.set_simple(name, Simple::Mounting);
                self.spawn_mount(name, Role::Mount, command, timeout);
            }
            _ => self.set_simple(name, Simple::Active),
        }
    }

    pub(super) fn stop_simple(&mut self, name: &Name) {
        let Some((_, specific)) = self.simple(name) else { return };
        match specific {
            Specific::Socket(_) => {
                self.actions.push(Action::Close(name.clone()));
                self.set_simple(name, Simple::Dead);
            }
            Specific::Path(_) => {
                self.actions.push(Action::Watch(name.clone(), false));
                self.set_simple(name, Simple::Dead);
            }
            Specific::Mount(mount) => {
                let (command, timeout) = (unmount_command(mount), mount.timeout);
                self.set_simple(name, Simple::Unmounting);
                self.spawn_mount(name, Role::Unmount, command, timeout);
            }
            _ => {
                self.disarm(name);
                self.set_simple(name, Simple::Dead);
            }
        }
    }

    fn spawn_mount(&mut self, name: &Name, role: Role, command: Command, timeout: Duration) {
        let end = self.now.mono.checked_add(timeout);
        if let Some(entry) = self.units.get_mut(name) {
            entry.elapses = end.map(|end| (end, None));
        }
        self.actions.push(Action::Spawn { unit: name.clone(), role, command, main: None, result: "success" });
    }

    pub(super) fn simple_spawned(&mut self, name: &Name, pid: i32) {
        if let Some(entry) =
            self.units.get_mut(name).filter(|entry| matches!(entry.machine, Machine::Simple(_)))
        {
            entry.control = Some(pid);
        }
    }

    /// The mount(8) or umount(8) of a mount unit ended.
    pub(super) fn simple_ended(&mut self, name: &Name, failed: Option<String>) {
        let Some((state, _)) = self.simple(name) else { return };
        if let Some(entry) = self.units.get_mut(name) {
            (entry.control, entry.elapses) = (None, None);
        }
        if let Some(reason) = &failed {
            self.log(
                Level::Error,
                format!("{name}: {} {reason}", if state == Simple::Mounting { "mount" } else { "umount" }),
            );
        }
        match (state, failed) {
            (Simple::Mounting, None) => self.set_simple(name, Simple::Mounted),
            (Simple::Mounting, Some(_)) => self.set_simple(name, Simple::Failed),
            (Simple::Unmounting, None) => self.set_simple(name, Simple::Dead),
            // It is busy: it stays mounted until the end.
            (Simple::Unmounting, Some(_)) => self.set_simple(name, Simple::Failed),
            _ => {}
        }
    }

    /// Someone else mounted or unmounted it.
    pub(super) fn mounted(&mut self, name: &Name, mounted: bool) {
        match (self.simple(name), mounted) {
            (Some((Simple::Dead | Simple::Failed, Specific::Mount(_))), true) => {
                self.set_simple(name, Simple::Mounted)
            }
            (Some((Simple::Mounted, Specific::Mount(_))), false) => self.set_simple(name, Simple::Dead),
            _ => {}
        }
    }

    pub(super) fn listening(&mut self, name: &Name, result: Result<(), String>) {
        if !matches!(self.simple(name), Some((Simple::Opening, _))) {
            return;
        }
        match result {
            Ok(()) => {
                self.set_simple(name, Simple::Listening);
                self.poll(name, true);
            }
            Err(reason) => {
                self.log(Level::Error, format!("{name}: {reason}"));
                self.actions.push(Action::Close(name.clone()));
                self.set_simple(name, Simple::Failed);
            }
        }
    }

    pub(super) fn incoming(&mut self, name: &Name) {
        let Some((Simple::Listening, Specific::Socket(socket))) = self.simple(name) else { return };
        if socket.accept {
            let full = self.units.get(name).is_some_and(|entry| entry.connections >= socket.max_connections);
            self.actions.push(if full {
                Action::Poll(name.clone(), false)
            } else {
                Action::Accept(name.clone())
            });
            return;
        }
        let (interval, burst) = (socket.trigger_interval, socket.trigger_burst as usize);
        if !self.may_trigger(name, interval, burst) {
            self.log(
                Level::Error,
                format!("{name}: triggered more than {burst} times within {interval:?}: trigger limit hit"),
            );
            self.actions.push(Action::Close(name.clone()));
            return self.set_simple(name, Simple::Failed);
        }
        self.trigger(name, Simple::Running);
    }

    fn may_trigger(&mut self, name: &Name, interval: Duration, burst: usize) -> bool {
        let now = self.now.mono;
        let Some(entry) = self.units.get_mut(name) else { return false };
        entry.triggers.retain(|trigger| now.saturating_sub(*trigger) < interval);
        entry.triggers.push_back(now);
        interval.is_zero() || burst == 0 || entry.triggers.len() <= burst
    }

    /// Starts what a socket, timer or path unit activates.
    fn trigger(&mut self, name: &Name, state: Simple) {
        let Some(service) = self.units.get(name).and_then(|entry| entry.unit.activates()) else { return };
        if name.kind() == Kind::Socket {
            self.poll(name, false);
        }
        self.set_simple(name, state);
        let service = self.load(&service);
        let before = self.jobs.contains_key(&service);
        self.request_quietly(&service, JobKind::Start, Mode::Replace);
        if !before && !self.jobs.contains_key(&service) && self.active(&service).is_down() {
            // It could not be started: to wait for its end would be for ever.
            self.actions.push(Action::Close(name.clone()));
            self.set_simple(name, Simple::Failed);
        }
    }

    pub(super) fn accepted(&mut self, name: &Name, instance: &str) {
        let template = self.units.get(name).and_then(|entry| entry.unit.activates());
        let Some(service) = template.and_then(|template| template.instantiate(instance)) else { return };
        if let Some(entry) = self.units.get_mut(name) {
            entry.connections += 1;
        }
        self.accepted = self.accepted.wrapping_add(1);
        let service = self.load(&service);
        self.add_edge(name, Edge::Triggers, &service);
        self.request_quietly(&service, JobKind::Start, Mode::Replace);
        if !self.jobs.contains_key(&service) && self.active(&service).is_down() {
            self.connection_ended(&service);
        }
    }

    /// An instance for a connection is down: there is room for another.
    pub(super) fn connection_ended(&mut self, service: &Name) {
        for socket in self.edge_list(service, &[Edge::TriggeredBy]) {
            let Some((Simple::Listening, Specific::Socket(unit))) = self.simple(&socket) else { continue };
            if !unit.accept {
                continue;
            }
            if let Some(entry) = self.units.get_mut(&socket) {
                entry.connections = entry.connections.saturating_sub(1);
            }
            self.poll(&socket, true);
        }
    }

    /// A unit's state is news for those that activate it.
    pub(super) fn tell_triggers(&mut self, name: &Name, new: Active) {
        for other in self.edge_list(name, &[Edge::TriggeredBy]) {
            match self.simple(&other) {
                Some((Simple::Running, Specific::Socket(_) | Specific::Path(_)))
                    if new == Active::Failed && self.start_limit_hit(name) =>
                {
                    if other.kind() == Kind::Socket {
                        self.actions.push(Action::Close(other.clone()));
                    }
                    self.log(Level::Error, format!("{other}: {name} hit its start limit"));
                    self.set_simple(&other, Simple::Failed);
                }
                Some((Simple::Running, Specific::Socket(_))) if new.is_down() => {
                    self.set_simple(&other, Simple::Listening);
                    self.poll(&other, true);
                }
                Some((Simple::Running, Specific::Path(_))) if new.is_down() => {
                    self.set_simple(&other, Simple::Waiting);
                    self.actions.push(Action::Watch(other.clone(), true));
                }
                Some((Simple::Running | Simple::Waiting | Simple::Elapsed, Specific::Timer(_)))
                    if new.is_down() =>
                {
                    self.set_simple(&other, Simple::Waiting);
                    self.arm(&other);
                }
                _ => {}
            }
        }
    }

    fn start_limit_hit(&self, name: &Name) -> bool {
        matches!(self.unit(name).map(|entry| &entry.machine), Some(Machine::Service(machine))
            if machine.outcome == crate::machine::service::Outcome::StartLimitHit)
    }

    pub(super) fn path_changed(&mut self, name: &Name, holds: bool) {
        if holds && matches!(self.simple(name), Some((Simple::Waiting, Specific::Path(_)))) {
            self.actions.push(Action::Watch(name.clone(), false));
            self.trigger(name, Simple::Running);
        }
    }

    pub(super) fn simple_time(&mut self, name: &Name) {
        match self.simple(name) {
            Some((Simple::Waiting, Specific::Timer(timer))) => {
                let persistent = timer.persistent;
                let now = self.now;
                let Some(entry) = self
                    .units
                    .get_mut(name)
                    .filter(|entry| entry.elapses.is_some_and(|(at, _)| at <= now.mono))
                else {
                    return;
                };
                let calendar = entry.elapses.and_then(|(_, moment)| moment);
                (entry.elapses, entry.elapsed) = (None, Some(now.mono));
                // The clock was set back while the timer waited.
                if calendar.is_some_and(|moment| moment > now.real) {
                    return self.arm(name);
                }
                if persistent {
                    self.actions.push(Action::Stamp(name.clone(), now.real));
                }
                self.trigger(name, Simple::Running);
            }
            Some((Simple::Mounting | Simple::Unmounting, _)) => {
                let Some(entry) = self.units.get_mut(name) else { return };
                entry.elapses = None;
                let pids: Vec<i32> = entry.control.into_iter().collect();
                self.log(Level::Error, format!("{name}: mount(8) does not end within TimeoutSec="));
                self.actions.push(Action::Kill {
                    unit: name.clone(),
                    pids,
                    whom: crate::event::Whom::Processes,
                    signal: 9,
                });
            }
            _ => {}
        }
    }

    fn disarm(&mut self, name: &Name) {
        if let Some(entry) = self.units.get_mut(name) {
            entry.elapses = None;
        }
    }

    /// Decides when a timer elapses next.
    pub(super) fn arm(&mut self, name: &Name) {
        let Some((_, Specific::Timer(timer))) = self.simple(name) else { return };
        let Some(entry) = self.units.get(name) else { return };
        let now = self.now;
        let service = self.edge(name, Edge::Triggers).next().and_then(|service| self.units.get(service));
        let began = entry.times[1].unwrap_or(now.mono);
        let mut next: Option<(Duration, Option<i64>)> = None;
        for trigger in &timer.triggers {
            let span = |base: Duration, span: Duration, repeats: bool| {
                let at = base.checked_add(span)?;
                // What has elapsed does not do so again, unless its base is new.
                let is_new = entry.elapsed.is_none_or(|elapsed| at > elapsed);
                (is_new || repeats && at > now.mono).then_some((at, None))
            };
            let at = match trigger {
                Trigger::Active(after) => span(began, *after, false),
                Trigger::Boot(after) => span(Duration::ZERO, *after, false),
                Trigger::Startup(after) => span(self.started, *after, false),
                // A service of Type=oneshot is never active: as in systemd, the base is when it left the inactive state.
                Trigger::UnitActive(after) => service
                    .and_then(|service| service.times[0])
                    .max(entry.elapsed)
                    .and_then(|base| span(base, *after, true)),
                Trigger::UnitInactive(after) => {
                    service.and_then(|service| service.times[3]).and_then(|base| span(base, *after, true))
                }
                Trigger::Calendar(calendar) => {
                    let last = self.world.stamp(name).filter(|_| timer.persistent && entry.elapsed.is_none());
                    let offset = |moment: i64| self.world.offset(moment);
                    calendar.next(last.unwrap_or(now.real).min(now.real), &offset).and_then(|moment| {
                        let wait = u64::try_from(moment - now.real).unwrap_or(0);
                        now.mono
                            .checked_add(Duration::from_secs(wait))
                            .map(|at| (at, Some(moment.min(now.real + wait as i64))))
                    })
                }
            };
            next = match (next, at) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        let delay = random_delay(name, timer.randomized_delay);
        let next = next.map(|(at, moment)| (at.saturating_add(delay), moment));
        if let Some(entry) = self.units.get_mut(name) {
            entry.elapses = next;
        }
        if next.is_none() {
            self.set_simple(name, Simple::Elapsed);
        }
    }
}

/// A delay below `most` that depends on the unit's name only, so that two boots are the same.
fn random_delay(name: &Name, most: Duration) -> Duration {
    let hash = name
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(if most == 0 { 0 } else { hash % most })
}

pub(super) fn mount_command(mount: &Mount) -> Command {
    let mut words = vec!["mount"];
    if !mount.kind.is_empty() {
        words.extend(["-t", &mount.kind]);
    }
    if !mount.options.is_empty() {
        words.extend(["-o", &mount.options]);
    }
    if mount.read_write_only {
        words.push("-w");
    }
    command(&words, &[&mount.what, &mount.target])
}

pub(super) fn unmount_command(mount: &Mount) -> Command {
    let mut words = vec!["umount"];
    if mount.lazy_unmount {
        words.push("-l");
    }
    if mount.force_unmount {
        words.push("-f");
    }
    command(&words, &[&mount.target])
}

fn command(words: &[&str], more: &[&str]) -> Command {
    Command {
        program: words[0].to_owned(),
        arguments: words.iter().chain(more).map(|word| word.as_bytes().to_vec()).collect(),
        ignore_failure: false,
        verbatim: true,
        privilege: Privilege::Full,
    }
}
