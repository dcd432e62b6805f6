// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decides the next step from the options and the present devices. Pure.

use crate::devices::Block;
use crate::options::{Container, Options, Stop, begins};
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
    /// The value of `root=` is no device: why.
    BadRoot(String),
    /// The device did not appear.
    Missing,
    /// It has no file system but this: node, type and use.
    NoFileSystem(String, String, String),
    /// A device holds a system in hibernation, which mounting its file systems would destroy: the device.
    Hibernated(String),
    /// A container stays locked: its device, and why.
    Locked(String, String),
    /// The checker found errors that it does not repair: the device, and the command.
    Broken(String, String),
    /// Mounting failed: the device, its type, the error's number, its text.
    Mount(String, String, i32, String),
    /// The root file system has no init: the paths that were tried, each with the reason.
    NoInit(Vec<String>),
    /// A step of early userspace itself failed: which, and why.
    Step(String, String),
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
    let Some(device) = spec.find(view.devices) else {
        let limit = options.patience.map(|patience| patience.max(options.delay));
        return match limit.map(|limit| limit.saturating_sub(view.unchanged)) {
            Some(Duration::ZERO) => Action::Fail(Cause::Missing),
            left => Action::Wait(left),
        };
    };
    let left = options.delay.saturating_sub(view.uptime);
    if !left.is_zero() {
        return Action::Wait(Some(left));
    }
    let kinds: Vec<&str> = match options.kinds.as_slice() {
        [] if device.usage == "filesystem" => vec![&device.kind],
        [] => {
            let kind = device.fault.clone().unwrap_or_else(|| device.kind.clone());
            return Action::Fail(Cause::NoFileSystem(device.node.clone(), kind, device.usage.clone()));
        }
        kinds => kinds.iter().map(String::as_str).collect(),
    };
    if progress.checked { Action::Mount(device, kinds) } else { Action::Check(device, kinds[0]) }
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
mod tests {
    use super::*;
    use crate::devices::tests::{block, laptop, locked_laptop};

    const ARTICLE: &str = "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.6.8-200.fc39.x86_64 root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f ro \
         rootflags=subvol=root rd.luks.uuid=luks-f44121b1-5be9-47d8-a206-72c52309e7dd rhgb quiet";
    const VOLUME: &str = "luks-f44121b1-5be9-47d8-a206-72c52309e7dd";

    /// One step at a time in seconds since the last change of the devices and since the boot.
    fn check_at(line: &str, devices: &[Block], unchanged: u64, uptime: u64, expect: &str) {
        let options = Options::new(&crate::cmdline::parse(line));
        let (unchanged, uptime) = (Duration::from_secs(unchanged), Duration::from_secs(uptime));
        let view = View { devices, unchanged, uptime };
        assert_eq!(next(&options, &Progress::default(), view).to_string(), expect, "{line}");
    }

    fn check(line: &str, devices: &[Block], expect: &str) {
        check_at(line, devices, 0, 0, expect);
    }

    /// All steps, if each succeeds: an unlocked container exists at once.
    fn run(line: &str, steps: &[&str]) {
        let options = Options::new(&crate::cmdline::parse(line));
        let mut progress = Progress::default();
        let (mut devices, mut found) = (locked_laptop(), Vec::new());
        for _ in 0..10 {
            let view = View { devices: &devices, unchanged: Duration::ZERO, uptime: Duration::ZERO };
            let action = next(&options, &progress, view);
            found.push(action.to_string());
            match action {
                Action::Stop(stop) => progress.stops.push(stop),
                Action::Unlock { name, .. } => {
                    let mut all = laptop();
                    all[4].node = format!("/dev/mapper/{name}");
                    devices = all;
                }
                Action::Check(..) => progress.checked = true,
                Action::Mount(..) => progress.mounted = true,
                _ => break,
            }
        }
        assert_eq!(found, steps, "{line}");
    }

    #[test]
    fn the_laptop_of_the_article() {
        run(
            ARTICLE,
            &[&format!("unlock vda3 as {VOLUME}"), "check dm-0 btrfs", "mount dm-0 btrfs", "switch"],
        );
    }

    #[test]
    fn whole_boots() {
        run("root=/dev/vda2 rw", &["check vda2 ext4", "mount vda2 ext4", "switch"]);
        run(
            "root=PARTUUID=0000-2 rootfstype=ext2,ext3",
            &["check vda2 ext2", "mount vda2 ext2,ext3", "switch"],
        );
        run(
            &format!("{ARTICLE} rd.luks.name=f44121b1=root root=/dev/mapper/root"),
            &["unlock vda3 as root", "check dm-0 btrfs", "mount dm-0 btrfs", "switch"],
        );
        run(
            "root=/dev/mapper/root rd.luks.name=f44121b1=root",
            &["unlock vda3 as root", "check dm-0 btrfs", "mount dm-0 btrfs", "switch"],
        );
        run(
            "root=/dev/vda2 rd.break=pre-mount rd.break=mount rd.break",
            &["stop PreMount", "check vda2 ext4", "mount vda2 ext4", "stop Mount", "stop Switch", "switch"],
        );
        // A container that is not there holds up nothing.
        run("root=/dev/vda2 rd.luks.uuid=aa", &["check vda2 ext4", "mount vda2 ext4", "switch"]);
    }

    #[test]
    fn waiting() {
        let none: &[Block] = &[];
        check("root=/dev/vda9", none, "wait 30");
        check_at("root=/dev/vda9", none, 29, 40, "wait 1");
        check_at("root=/dev/vda9", none, 30, 40, "fail Missing");
        check("root=/dev/vda9 rootwait", none, "wait");
        check_at("root=/dev/vda9 rootwait", none, 4000, 4000, "wait");
        check_at("root=/dev/vda9 rootwait=60", none, 59, 59, "wait 1");
        check_at("root=/dev/vda9 rootwait=60", none, 60, 60, "fail Missing");
        check_at("root=/dev/vda9 rootdelay=60", none, 30, 30, "wait 30");
        check_at("root=/dev/vda9 rootdelay=5", none, 20, 30, "wait 10");
        check_at("root=/dev/vda2 rootdelay=5", &laptop(), 2, 2, "wait 3");
        check_at("root=/dev/vda2 rootdelay=5", &laptop(), 2, 5, "check vda2 ext4");
    }

    #[test]
    fn failures() {
        let mut devices = laptop();
        check("quiet", &devices, "fail NoRoot");
        check(
            "root=x rd.break=pre-mount",
            &devices,
            "fail BadRoot(\"root=x: not a block device; use UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a path in /dev\")",
        );
        check(
            "root=UUID=f44121b1-5be9-47d8-a206-72c52309e7dd",
            &devices,
            "fail NoFileSystem(\"/dev/vda3\", \"crypto_LUKS\", \"crypto\")",
        );
        check("root=/dev/vda", &devices, "fail NoFileSystem(\"/dev/vda\", \"\", \"\")");
        check("root=/dev/vda rootfstype=xfs", &devices, "check vda xfs");
        devices.push(block("vdb", "swsuspend"));
        check("root=/dev/vda2 resume=/dev/vdb", &devices, "fail Hibernated(\"/dev/vdb\")");
        check("root=/dev/vda2 resume=/dev/vdb noresume", &devices, "check vda2 ext4");
        check("root=/dev/vda2", &devices, "check vda2 ext4");
    }
}
