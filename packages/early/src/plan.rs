// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decides the next step from the options and the present devices. Pure.

use crate::devices::Block;
use crate::options::{Container, Options, Stop, begins};
use crate::root::Spec;
use crate::verity::NODE;
use crate::verity::parameters::{Device, Request};
use qos_sys::Errno;
use std::fmt::{self, Display};
use std::time::Duration;

/// What has been done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Stops of `rd.break` that were made.
    pub stops: Vec<Stop>,
    /// The root file system was checked, or need not be.
    pub checked: bool,
    /// It is mounted.
    pub mounted: bool,
}

/// What is there, and when that is.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The block devices.
    pub devices: &'a [Block],
    /// Time since the last one appeared.
    pub unchanged: Duration,
    /// Time since the boot.
    pub uptime: Duration,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<'a> {
    /// A shell, because of `rd.break`.
    Stop(Stop),
    /// Unlock the container on `device` as the volume `name`.
    Unlock {
        /// The container.
        device: &'a Block,
        /// Name of the volume.
        name: String,
    },
    /// Make the volume of dm-verity.
    Protect {
        /// What the command line asks for.
        request: &'a Request,
        /// The device with the data.
        data: &'a Block,
        /// The device with the hash tree.
        hash: &'a Block,
    },
    /// Wait for an event of a device, no longer than the limit if there is one.
    Wait(Option<Duration>),
    /// Check the root file system.
    Check(&'a Block, &'a str),
    /// Mount the root file system as the first of these types with which it works.
    Mount(&'a Block, Vec<&'a str>),
    /// Change to the new root and run its init.
    Switch,
    /// It does not go on without a person.
    Fail(Cause),
}

/// A few words for the log.
impl Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Stop(stop) => write!(f, "stop {stop:?}"),
            Action::Unlock { device, name } => write!(f, "unlock {} as {name}", device.name),
            Action::Protect { data, hash, .. } => write!(f, "protect {} by {}", data.name, hash.name),
            Action::Wait(None) => f.write_str("wait"),
            Action::Wait(Some(limit)) => write!(f, "wait {}", limit.as_secs()),
            Action::Check(device, kind) => write!(f, "check {} {kind}", device.name),
            Action::Mount(device, kinds) => write!(f, "mount {} {}", device.name, kinds.join(",")),
            Action::Switch => f.write_str("switch"),
            Action::Fail(cause) => write!(f, "fail {cause:?}"),
        }
    }
}

/// Why it does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There is no `root=`.
    NoRoot,
    /// The value of `root=` is no device, or `roothash=` cannot be obeyed: why.
    BadRoot(String),
    /// The device did not appear.
    Missing,
    /// It has no file system but this: node, type and use.
    NoFileSystem(String, String, String),
    /// The root device cannot be read: its node, and why.
    Unreadable(String, String),
    /// A device holds a system in hibernation, which mounting its file systems would destroy: the device.
    Hibernated(String),
    /// A container stays locked: its device, and why.
    Locked(String, String),
    /// The device with the data or the hash tree of dm-verity did not appear.
    NoPart(Part),
    /// There is no volume of dm-verity: the device with its data, and why.
    Unprotected(String, String),
    /// `root=` is the device with the data of dm-verity, and not the volume: that device.
    Bypass(String),
    /// The checker found errors that it does not repair: the device, and the command.
    Broken(String, String),
    /// Mounting failed: the device, its type, the error, its text.
    Mount(String, String, Errno, String),
    /// The root file system has no init: the paths that were tried, each with the reason.
    NoInit(Vec<String>),
    /// A step of early userspace itself failed: which, and why.
    Step(String, String),
}

/// A device of dm-verity that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// That with the data.
    Data(Device),
    /// That with the hash tree.
    Hash(Device),
}

/// The next step.
#[must_use]
pub fn next<'a>(options: &'a Options, progress: &Progress, view: View<'a>) -> Action<'a> {
    let stops = |stop: Stop| options.stops.contains(&stop) && !progress.stops.contains(&stop);
    if progress.mounted {
        let stop = [Stop::Mount, Stop::Switch].into_iter().find(|stop| stops(*stop));
        return stop.map_or(Action::Switch, Action::Stop);
    }
    let spec = match &options.root {
        None => return Action::Fail(Cause::NoRoot),
        Some(Err(reason)) => return Action::Fail(Cause::BadRoot(reason.clone())),
        Some(Ok(spec)) => spec,
    };
    let verity = match &options.verity {
        None => None,
        Some(Err(reason)) => return Action::Fail(Cause::BadRoot(reason.clone())),
        Some(Ok(request)) => Some(request),
    };
    if stops(Stop::PreMount) {
        return Action::Stop(Stop::PreMount);
    }
    let suspended = view.devices.iter().find(|device| device.kind == "swsuspend");
    if let (Some(device), Some(_)) = (suspended, &options.resume) {
        return Action::Fail(Cause::Hibernated(device.node.clone()));
    }
    if let Some((device, name)) = locked(options, view.devices) {
        return Action::Unlock { device, name };
    }
    if let Some(request) = verity
        && view.devices.iter().all(|device| device.node != NODE)
    {
        return match (request.data.spec.find(view.devices), request.hash.spec.find(view.devices)) {
            (Some(data), Some(hash)) => Action::Protect { request, data, hash },
            (None, _) => wait(options, view, Cause::NoPart(Part::Data(request.data.clone()))),
            (_, None) => wait(options, view, Cause::NoPart(Part::Hash(request.hash.clone()))),
        };
    }
    let Some(device) = spec.find(view.devices) else { return wait(options, view, Cause::Missing) };
    let device = match verity.map(|request| protected(spec, request, device, view.devices)) {
        None => device,
        Some(Some(volume)) => volume,
        Some(None) => return Action::Fail(Cause::Bypass(device.node.clone())),
    };
    let left = options.delay.saturating_sub(view.uptime);
    if !left.is_zero() {
        return Action::Wait(Some(left));
    }
    let kinds: Vec<&str> = match options.kinds.as_slice() {
        [] if device.usage == "filesystem" => vec![&device.kind],
        [] => {
            let node = device.node.clone();
            return Action::Fail(match &device.fault {
                Some(fault) => Cause::Unreadable(node, fault.clone()),
                None => Cause::NoFileSystem(node, device.kind.clone(), device.usage.clone()),
            });
        }
        kinds => kinds.iter().map(String::as_str).collect(),
    };
    if progress.checked { Action::Mount(device, kinds) } else { Action::Check(device, kinds[0]) }
}

/// Waits for a device, as long as the options allow; then `cause` is why it does not go on.
fn wait<'a>(options: &Options, view: View<'_>, cause: Cause) -> Action<'a> {
    let limit = options.patience.map(|patience| patience.max(options.delay));
    match limit.map(|limit| limit.saturating_sub(view.unchanged)) {
        Some(Duration::ZERO) => Action::Fail(cause),
        left => Action::Wait(left),
    }
}

/// The root for `device`, which `spec` names: the volume if that has the same name, such as the UUID of the file system. Nothing if
/// it is the data behind the volume's back.
fn protected<'a>(
    spec: &Spec,
    request: &Request,
    device: &'a Block,
    devices: &'a [Block],
) -> Option<&'a Block> {
    // Its data has the same UUID and label, and so may a disk that somebody has added.
    if let Some(volume) = devices.iter().find(|volume| volume.node == NODE && spec.is(volume)) {
        return Some(volume);
    }
    let below: Vec<Block> = devices.iter().filter(|device| device.node != NODE).cloned().collect();
    (request.data.spec.find(&below) != Some(device)).then_some(device)
}

/// The first container that is wanted, is there, and has no volume yet; with the volume's name.
fn locked<'a>(options: &Options, devices: &'a [Block]) -> Option<(&'a Block, String)> {
    options.containers.iter().find_map(|container| {
        let device = find(container, devices)?;
        let name = volume(container, device);
        let node = format!("/dev/mapper/{name}");
        devices.iter().all(|device| device.node != node).then_some((device, name))
    })
}

/// The device of a container.
#[must_use]
pub fn find<'a>(container: &Container, devices: &'a [Block]) -> Option<&'a Block> {
    devices.iter().find(|device| device.kind == "crypto_LUKS" && begins(&device.uuid, &container.uuid))
}

fn volume(container: &Container, device: &Block) -> String {
    container.name.clone().unwrap_or_else(|| format!("luks-{}", device.uuid))
}

#[cfg(test)]
mod tests;
