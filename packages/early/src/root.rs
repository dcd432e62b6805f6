// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parameter `root=`: the block device with the root file system.
//!
//! The forms are those of the kernel (`Documentation/admin-guide/kernel-parameters.rst`, `block/early-lookup.c`) and of
//! dracut.cmdline(7).

use crate::devices::Block;
use std::fmt::{self, Display};

/// A block device by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// A path below `/dev`: a node, `/dev/mapper/NAME`, or one of the links of `/dev/disk`.
    Path(String),
    /// Major and minor number.
    Number(u32, u32),
    /// UUID of the file system.
    Uuid(String),
    /// Label of the file system.
    Label(String),
    /// UUID of the partition, and how many partitions after that one.
    PartUuid(String, i64),
    /// Name of the partition.
    PartLabel(String),
    /// Name in `/dev/disk/by-id`.
    Id(String),
}

impl Spec {
    /// The device that `text` means.
    ///
    /// # Errors
    /// One sentence with the reason why `text` names no device.
    pub fn parse(text: &str) -> Result<Spec, String> {
        Spec::of("root", text)
    }

    /// The device that `text`, the value of `parameter`, means.
    ///
    /// # Errors
    /// As [`Spec::parse`].
    pub fn of(parameter: &str, text: &str) -> Result<Spec, String> {
        let text = text.strip_prefix("block:").unwrap_or(text);
        if let Some((name, value)) = text.split_once('=') {
            let value = unquoted(value);
            if value.is_empty() {
                return Err(format!("{parameter}={text}: there is nothing after {name}="));
            }
            return match name {
                "UUID" => Ok(Spec::Uuid(value.to_owned())),
                "LABEL" => Ok(Spec::Label(value.to_owned())),
                "PARTUUID" => part_uuid(value).ok_or_else(|| {
                    format!("{parameter}={text}: the form is PARTUUID=UUID or PARTUUID=UUID/PARTNROFF=NUMBER")
                }),
                "PARTLABEL" => Ok(Spec::PartLabel(value.to_owned())),
                "ID" => Ok(Spec::Id(value.to_owned())),
                _ => Err(format!(
                    "{parameter}={text}: {name}= is unknown; use UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a path in /dev"
                )),
            };
        }
        if let Some(path) = text.strip_prefix("/dev/") {
            return match path {
                "" => Err(format!("{parameter}=/dev/: there is no name after /dev/")),
                "nfs" | "cifs" | "ram" | "ram0" => {
                    Err(format!("{parameter}={text}: only disks can be the root"))
                }
                _ => Ok(Spec::Path(normalized(text))),
            };
        }
        number(text).ok_or_else(|| {
            format!("{parameter}={text}: not a block device; use UUID=, LABEL=, PARTUUID=, PARTLABEL=, ID= or a path in /dev")
        })
    }

    /// The one of `devices` that is meant. A file system is preferred to a container or an array with the same UUID.
    #[must_use]
    pub fn find<'a>(&self, devices: &'a [Block]) -> Option<&'a Block> {
        if let Spec::PartUuid(uuid, offset) = self
            && *offset != 0
        {
            let first = devices.iter().find(|device| device.part_uuid.eq_ignore_ascii_case(uuid))?;
            let (disk, number) = first.partition.as_ref()?;
            let number = u64::try_from(i64::try_from(*number).ok()?.checked_add(*offset)?).ok()?;
            return devices.iter().find(|it| it.partition.as_ref() == Some(&(disk.clone(), number)));
        }
        let mut found = devices.iter().filter(|device| self.is(device));
        let first = found.next()?;
        if first.usage == "filesystem" {
            return Some(first);
        }
        Some(found.find(|device| device.usage == "filesystem").unwrap_or(first))
    }

    /// Whether `device` has this name.
    #[must_use]
    pub fn is(&self, device: &Block) -> bool {
        let same = |known: &str, wanted: &str| !known.is_empty() && known.eq_ignore_ascii_case(wanted);
        let named =
            |known: &str, wanted: &str| !known.is_empty() && (known == wanted || encoded(known) == wanted);
        match self {
            Spec::Path(path) => device.node == *path || device.links.iter().any(|link| link == path),
            Spec::Number(major, minor) => device.number == (*major, *minor),
            Spec::Uuid(uuid) => same(&device.uuid, uuid),
            Spec::Label(label) => named(&device.label, label),
            Spec::PartUuid(uuid, _) => same(&device.part_uuid, uuid),
            Spec::PartLabel(label) => named(&device.part_label, label),
            Spec::Id(id) => device.links.iter().any(|link| link.strip_prefix("/dev/disk/by-id/") == Some(id)),
        }
    }
}

impl Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spec::Path(path) => f.write_str(path),
            Spec::Number(major, minor) => write!(f, "device {major}:{minor}"),
            Spec::Uuid(uuid) => write!(f, "UUID={uuid}"),
            Spec::Label(label) => write!(f, "LABEL={label}"),
            Spec::PartUuid(uuid, 0) => write!(f, "PARTUUID={uuid}"),
            Spec::PartUuid(uuid, offset) => write!(f, "PARTUUID={uuid}/PARTNROFF={offset}"),
            Spec::PartLabel(label) => write!(f, "PARTLABEL={label}"),
            Spec::Id(id) => write!(f, "ID={id}"),
        }
    }
}

/// A label as the links of udev have it.
pub fn encoded(label: &str) -> String {
    String::from_utf8_lossy(&qos_probe::encode(label.as_bytes())).into_owned()
}

fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

/// Without doubled slashes.
fn normalized(path: &str) -> String {
    let names: Vec<_> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    format!("/{}", names.join("/"))
}

fn part_uuid(value: &str) -> Option<Spec> {
    match value.split_once('/') {
        None => Some(Spec::PartUuid(value.to_owned(), 0)),
        Some((uuid, rest)) if !uuid.is_empty() => {
            let offset = rest.strip_prefix("PARTNROFF=")?.parse().ok()?;
            Some(Spec::PartUuid(uuid.to_owned(), offset))
        }
        Some(_) => None,
    }
}

/// `MAJOR:MINOR`, or a device number in hexadecimal digits as the kernel takes it.
fn number(text: &str) -> Option<Spec> {
    if let Some((major, minor)) = text.split_once(':') {
        return Some(Spec::Number(major.parse().ok()?, minor.parse().ok()?));
    }
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && !text.is_empty();
    let number = u32::from_str_radix(text, 16).ok().filter(|_| hex)?;
    // new_decode_dev() of include/linux/kdev_t.h
    Some(Spec::Number((number & 0xfff00) >> 8, (number & 0xff) | ((number >> 12) & 0xfff00)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::tests::{block, laptop};

    #[test]
    fn forms() {
        let uuid = "e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f";
        for (text, expect) in [
            ("/dev/vda2", Ok("/dev/vda2")),
            ("/dev//disk/by-label/a", Ok("/dev/disk/by-label/a")),
            ("block:/dev/sda", Ok("/dev/sda")),
            (&format!("UUID={uuid}"), Ok(&*format!("UUID={uuid}"))),
            ("UUID=\"1-2\"", Ok("UUID=1-2")),
            ("LABEL='a b'", Ok("LABEL=a b")),
            ("PARTLABEL=x=y", Ok("PARTLABEL=x=y")),
            ("PARTUUID=12345678-01", Ok("PARTUUID=12345678-01")),
            ("PARTUUID=a/PARTNROFF=1", Ok("PARTUUID=a/PARTNROFF=1")),
            ("PARTUUID=a/PARTNROFF=-1", Ok("PARTUUID=a/PARTNROFF=-1")),
            ("ID=virtio-x", Ok("ID=virtio-x")),
            ("254:1", Ok("device 254:1")),
            ("0801", Ok("device 8:1")),
            ("PARTUUID=a/b", Err("PARTNROFF")),
            ("PARTUUID=/PARTNROFF=1", Err("PARTNROFF")),
            ("UUID=", Err("nothing after UUID=")),
            ("SERIAL=1", Err("SERIAL= is unknown")),
            ("/dev/nfs", Err("only disks")),
            ("nfs:host:/x", Err("not a block device")),
            ("", Err("not a block device")),
        ] {
            match (Spec::parse(text), expect) {
                (Ok(spec), Ok(expect)) => assert_eq!(spec.to_string(), expect),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, expect) => panic!("{text}: {found:?}, not {expect:?}"),
            }
        }
    }

    #[test]
    fn devices() {
        let devices = laptop();
        for (text, expect) in [
            ("/dev/vda2", Some("vda2")),
            ("/dev/disk/by-label/boot", Some("vda2")),
            ("/dev/disk/by-partuuid/0000-2", Some("vda2")),
            ("/dev/mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd", Some("dm-0")),
            ("254:2", Some("vda2")),
            ("fe02", Some("vda2")),
            ("UUID=E2CD75FF-3ee9-41ce-b23f-28f7d78f4a4f", Some("dm-0")),
            ("UUID=ABCD-1234", Some("vda1")),
            ("UUID=abcd-1234", Some("vda1")),
            ("UUID=e2cd75ff", None),
            ("LABEL=boot", Some("vda2")),
            ("LABEL=Boot", None),
            ("LABEL=fedora root", Some("dm-0")),
            (r"LABEL=fedora\x20root", Some("dm-0")),
            ("PARTLABEL=EFI System", Some("vda1")),
            (r"PARTLABEL=EFI\x20System", Some("vda1")),
            ("PARTUUID=0000-2", Some("vda2")),
            ("PARTUUID=0000-1/PARTNROFF=1", Some("vda2")),
            ("PARTUUID=0000-3/PARTNROFF=-2", Some("vda1")),
            ("PARTUUID=0000-3/PARTNROFF=1", None),
            ("ID=virtio-laptop-part2", Some("vda2")),
            ("ID=virtio", None),
        ] {
            let found = Spec::parse(text).unwrap().find(&devices).map(|device| device.name.as_str());
            assert_eq!(found, expect, "{text}");
        }
    }

    #[test]
    fn a_file_system_is_preferred() {
        let mut devices = vec![block("sda", "linux_raid_member"), block("md0", "ext4")];
        for (device, usage) in devices.iter_mut().zip(["raid", "filesystem"]) {
            device.uuid = "u".into();
            device.usage = usage.into();
        }
        let found = Spec::Uuid("u".into()).find(&devices).unwrap();
        assert_eq!(found.name, "md0");
    }
}
