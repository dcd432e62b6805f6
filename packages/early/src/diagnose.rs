// SPDX-License-Identifier: MIT OR Apache-2.0
//! The messages for the user when the boot cannot continue: the failure, and the likely cause.

use crate::devices::Block;
use crate::options::Options;
use crate::plan::{Cause, Part, find};
use crate::root::{Spec, encoded};
use crate::verity::NODE;
use qos_sys::Errno;

/// What failed, in one sentence.
#[must_use]
pub fn headline(cause: &Cause, options: &Options) -> String {
    let root = match &options.root {
        Some(Ok(spec)) => spec.to_string(),
        _ => "root=".to_owned(),
    };
    match cause {
        Cause::NoRoot => "the kernel's command line has no root=".to_owned(),
        Cause::BadRoot(reason) => reason.clone(),
        Cause::Missing => format!("the root device, {root}, did not appear"),
        Cause::NoFileSystem(node, kind, _) if kind.is_empty() => {
            format!("the root device, {root}, is {node}, on which no file system is recognized")
        }
        Cause::NoFileSystem(node, kind, _) => {
            format!("the root device, {root}, is {node}, which has no file system but {kind}")
        }
        Cause::Unreadable(node, fault) => {
            format!("the root device, {root}, is {node}, which cannot be read: {fault}")
        }
        Cause::Hibernated(node) => format!("{node} holds a system in hibernation, which cannot be resumed"),
        Cause::Locked(node, reason) => format!("the container {node} stays locked: {reason}"),
        Cause::NoPart(Part::Data(device)) => {
            format!("the device with the data of roothash=, {}, did not appear", device.spec)
        }
        Cause::NoPart(Part::Hash(device)) => {
            format!("the device with the hash tree of roothash=, {}, did not appear", device.spec)
        }
        Cause::Unprotected(node, reason) => format!("dm-verity cannot protect {node}: {reason}"),
        Cause::Bypass(node) => format!(
            "the root device, {root}, is {node}, which has the data of dm-verity without its protection"
        ),
        Cause::Broken(node, reason) => format!("the root file system on {node} is not clean: {reason}"),
        Cause::Mount(node, kind, _, text) => format!("mounting {node} as {kind} failed: {text}"),
        Cause::NoInit(_) => format!("the root file system, {root}, has no init that can be run"),
        Cause::Step(step, reason) => format!("{step}: {reason}"),
    }
}

/// Likely causes and what to do, a sentence each. `undriven`: sentences about storage controllers without a driver; `modules`: the
/// state of the modules of an alias.
#[must_use]
pub fn hints(
    cause: &Cause,
    options: &Options,
    devices: &[Block],
    undriven: &[String],
    modules: &dyn Fn(&str) -> String,
) -> Vec<String> {
    match cause {
        Cause::NoRoot => vec!["add root=UUID=… with the UUID of the root file system".to_owned()],
        Cause::Missing => {
            let spec = options.root.as_ref().and_then(|root| root.as_ref().ok());
            missing(spec, options, devices, undriven)
        }
        Cause::NoPart(part) => no_part(part, options, devices, undriven),
        Cause::Unprotected(..) => {
            vec!["a root hash is that of one image: a changed image has another one".to_owned()]
        }
        Cause::Bypass(_) => vec![format!("leave root= out, or use root={NODE}")],
        Cause::NoFileSystem(node, kind, usage) => {
            no_file_system(devices.iter().find(|device| device.node == *node), kind, usage)
        }
        Cause::Hibernated(_) => {
            vec!["resume it with the system that made it, or give it up with noresume".to_owned()]
        }
        Cause::Mount(node, _, Errno::IO, _) if node == NODE && options.verity.is_some() => {
            vec!["dm-verity refuses a block that does not match: the kernel's log has its number".to_owned()]
        }
        Cause::Mount(_, kind, error, _) => mount(kind, *error, &options.flags, modules),
        Cause::NoInit(tried) => {
            let hint =
                "it may be another file system than that of the system, or rootflags=subvol=… is missing";
            tried.iter().cloned().chain([hint.to_owned()]).collect()
        }
        Cause::Broken(node, _) => {
            vec![format!("repair it by hand, or boot once with fsck.mode=skip ({node})")]
        }
        Cause::BadRoot(_) | Cause::Unreadable(..) | Cause::Locked(..) | Cause::Step(..) => Vec::new(),
    }
}

/// A device of dm-verity is missing.
fn no_part(part: &Part, options: &Options, devices: &[Block], undriven: &[String]) -> Vec<String> {
    let (device, half, parameter) = match part {
        Part::Data(device) => (device, "first", "systemd.verity_root_data"),
        Part::Hash(device) => (device, "last", "systemd.verity_root_hash"),
    };
    let derived = device.derived.then(|| {
        format!("this PARTUUID is the {half} 128 bits of roothash=: that is of another image, or {parameter}= is needed")
    });
    let others = missing(Some(&device.spec), options, devices, undriven);
    derived.into_iter().chain(others).collect()
}

fn missing(spec: Option<&Spec>, options: &Options, devices: &[Block], undriven: &[String]) -> Vec<String> {
    let mut hints = undriven.to_vec();
    if devices.is_empty() && hints.is_empty() {
        hints.push("there is no block device at all".to_owned());
    }
    if let Some(spec) = spec {
        hints.extend(other_name(spec, devices));
    }
    for container in options.containers.iter().filter(|container| find(container, devices).is_none()) {
        hints.push(format!("the container of rd.luks.uuid={} is not there either", container.uuid));
    }
    let named = |device: &&Block| {
        options
            .containers
            .iter()
            .any(|container| find(container, devices).is_some_and(|it| it.node == device.node))
    };
    for device in devices.iter().filter(|device| !named(device)) {
        match device.kind.as_str() {
            "crypto_LUKS" => hints.push(format!(
                "{} is a locked container: if the root is inside, rd.luks.uuid={} unlocks it",
                device.node, device.uuid
            )),
            "DM_verity_hash" if options.verity.is_none() => hints.push(format!(
                "{} is a hash tree of dm-verity: if the root is protected by it, roothash= is missing",
                device.node
            )),
            "LVM2_member" => hints.push(format!(
                "{} belongs to a volume group of LVM: if the root is in it, it cannot be found, as LVM is not supported",
                device.node
            )),
            "linux_raid_member" => hints.push(format!(
                "{} belongs to an array of md: if the root is in it, it cannot be found, as md is not supported",
                device.node
            )),
            _ => {}
        }
    }
    hints
}

/// The value of `root=` is right, but for another form; or it is nearly right.
fn other_name(spec: &Spec, devices: &[Block]) -> Option<String> {
    let same = |known: &str, wanted: &str| !known.is_empty() && known.eq_ignore_ascii_case(wanted);
    let form = |name: &str, value: &str, device: &Block| {
        Some(format!("that is the {name} of {}: use root={name}={value}", device.node))
    };
    match spec {
        Spec::Uuid(uuid) => {
            if let Some(device) = devices.iter().find(|device| same(&device.part_uuid, uuid)) {
                return form("PARTUUID", uuid, device);
            }
            near(uuid, devices, "UUID", |device| &device.uuid)
        }
        Spec::PartUuid(uuid, _) => {
            if let Some(device) = devices.iter().find(|device| same(&device.uuid, uuid)) {
                return form("UUID", uuid, device);
            }
            near(uuid, devices, "PARTUUID", |device| &device.part_uuid)
        }
        Spec::Label(label) => {
            if let Some(device) = devices.iter().find(|device| device.part_label == *label) {
                return form("PARTLABEL", &encoded(label), device);
            }
            near(label, devices, "LABEL", |device| &device.label)
        }
        Spec::PartLabel(label) => {
            if let Some(device) = devices.iter().find(|device| device.label == *label) {
                return form("LABEL", &encoded(label), device);
            }
            near(label, devices, "PARTLABEL", |device| &device.part_label)
        }
        Spec::Path(path) => {
            let disk = ["/dev/sd", "/dev/hd", "/dev/vd", "/dev/nvme", "/dev/mmcblk"];
            let same = disk.iter().any(|start| path.starts_with(start));
            (same && !devices.is_empty()).then(|| {
                "names of disks change with the driver and the order of the devices: use root=UUID=…"
                    .to_owned()
            })
        }
        Spec::Id(_) | Spec::Number(..) => None,
    }
}

/// A value that differs from the wanted one in one or two places.
fn near(wanted: &str, devices: &[Block], name: &str, value: impl Fn(&Block) -> &String) -> Option<String> {
    let wanted = wanted.to_ascii_lowercase();
    let limit = if wanted.len() < 8 { 1 } else { 2 };
    let close = |device: &&Block| {
        let known = value(device).to_ascii_lowercase();
        !known.is_empty() && distance(&known, &wanted) <= limit
    };
    let device = devices.iter().find(close)?;
    Some(format!("{} is similar: it has {name}={}", device.node, value(device)))
}

/// How many characters have to be changed, added or taken away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn no_file_system(device: Option<&Block>, kind: &str, usage: &str) -> Vec<String> {
    let uuid = device.map_or("…", |device| &device.uuid);
    match (kind, usage) {
        ("crypto_LUKS", _) => vec![format!(
            "that is the LUKS container itself, its file system is inside: unlock it by rd.luks.uuid={uuid}, and give \
             root= the UUID of the file system"
        )],
        ("LVM2_member", _) => {
            vec!["the root is a volume of the volume group in it; LVM is not supported".to_owned()]
        }
        (_, "raid") => {
            vec!["the root is in an array, of which this is a member; arrays are not supported".to_owned()]
        }
        ("swap" | "swsuspend", _) => vec!["that is swap space: root= names another device".to_owned()],
        ("", _) => {
            let is_partition = device.is_some_and(|device| device.partition.is_some());
            let whole = (!is_partition).then_some("it may be a whole disk whose partitions are meant");
            let hints = whole.into_iter().chain(["if its type is known, rootfstype=TYPE mounts it"]);
            hints.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn mount(kind: &str, error: Errno, flags: &str, modules: &dyn Fn(&str) -> String) -> Vec<String> {
    let subvolume = flags.split(',').find(|flag| flag.starts_with("subvol"));
    match (error, subvolume) {
        (Errno::NODEV, _) => vec![format!("the kernel has no {kind}: {}", modules(&format!("fs-{kind}")))],
        (Errno::NOENT, Some(flag)) => vec![format!("there is no such subvolume: rootflags={flag}")],
        (Errno::INVAL, _) if !flags.is_empty() => {
            vec![format!("an option of rootflags={flags} is not one of {kind}, or the superblock is damaged")]
        }
        (Errno::INVAL | Errno::UCLEAN, _) => {
            vec!["the superblock is damaged, or the type is another one".to_owned()]
        }
        (Errno::ACCESS | Errno::ROFS, _) => vec!["the device is read-only: boot with ro".to_owned()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
