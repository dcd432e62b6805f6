// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device that a tag names, and the type of file system on a device, by the library of `blkid`.

use crate::Failure;
use qos_probe::device::Device;
use qos_probe::search::{Wanted, devices};
use qos_probe::{Error, Image, Options, Tags, probe};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The tags by which mount(8) finds a device.
const TAGS: [&str; 4] = ["LABEL", "UUID", "PARTLABEL", "PARTUUID"];

/// The device of a source such as `LABEL=data`; of another source, the source itself.
///
/// # Errors
/// When no device has the tag, or the devices cannot be listed.
pub fn device(source: &Path) -> Result<PathBuf, Failure> {
    let Some(wanted) = wanted(source) else { return Ok(source.to_owned()) };
    let devices = devices(Path::new("/")).map_err(|error| Failure::at("/sys/class/block", &error))?;
    match devices.iter().find(|(_, tags)| wanted.is_in(tags)) {
        Some((device, _)) => Ok(device.node()),
        None => Err(Failure::new(format!("{}: no device has this: see blkid", source.display()))),
    }
}

fn wanted(source: &Path) -> Option<Wanted> {
    let text = source.as_os_str().as_bytes();
    let name = text.split(|byte| *byte == b'=').next()?;
    TAGS.iter().any(|tag| tag.as_bytes() == name).then(|| Wanted::parse(text))?
}

/// The type of the file system on `source`; `None` if nothing is known there, or it is no device that can be read.
///
/// # Errors
/// When it has signatures of several types, or one that is no file system.
pub fn kind(source: &Path) -> Result<Option<String>, Failure> {
    let Ok(image) = File::open(source).and_then(Image::new) else { return Ok(None) };
    let options =
        Device::of_node(Path::new("/"), source).map_or_else(Options::default, |device| device.options());
    of_tags(source, probe(&image, &options))
}

fn of_tags(source: &Path, tags: Result<Tags, Error>) -> Result<Option<String>, Failure> {
    let source = source.display();
    match tags {
        Ok(tags) => match (tags.text("TYPE"), tags.text("USAGE")) {
            (Some(kind), Some(usage)) if usage != "filesystem" => {
                Err(Failure::new(format!("{source}: holds {kind}, which is no file system")))
            }
            (None, _) if tags.get("PTTYPE").is_some() => Err(Failure::new(format!(
                "{source}: holds a partition table: mount one of the partitions, see lsblk"
            ))),
            (kind, _) => Ok(kind),
        },
        Err(error @ Error::Ambivalent(_)) => Err(Failure::new(format!(
            "{source}: {error}: say with -t which is meant, and wipe the signature of the other"
        ))),
        Err(Error::Read(error)) => Err(Failure::at(Path::new(&source.to_string()), &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&'static str, &str)]) -> Tags {
        let mut tags = Tags::default();
        pairs.iter().for_each(|(name, value)| tags.push(name, value));
        tags
    }

    #[test]
    fn types() {
        let ext4 = tags(&[("TYPE", "ext4"), ("USAGE", "filesystem")]);
        let luks = tags(&[("TYPE", "crypto_LUKS"), ("USAGE", "crypto")]);
        let disk = tags(&[("PTTYPE", "gpt")]);
        let check = |probed, expect: Result<Option<&str>, &str>| {
            let kind = of_tags(Path::new("/dev/x"), probed);
            let kind =
                kind.as_ref().map(Option::as_deref).map_err(|failure| failure.message().unwrap_or_default());
            assert_eq!(kind, expect);
        };
        check(Ok(ext4.clone()), Ok(Some("ext4")));
        check(Ok(Tags::default()), Ok(None));
        check(Ok(luks.clone()), Err("/dev/x: holds crypto_LUKS, which is no file system"));
        check(Ok(disk), Err("/dev/x: holds a partition table: mount one of the partitions, see lsblk"));
        check(
            Err(Error::Ambivalent(vec![ext4, luks])),
            Err(
                "/dev/x: ambivalent result: ext4 and crypto_LUKS: say with -t which is meant, and wipe the signature of the other",
            ),
        );
        check(
            Err(Error::Read(std::io::ErrorKind::PermissionDenied.into())),
            Err("/dev/x: permission denied"),
        );
    }

    #[test]
    fn sources() {
        for (source, is_tag) in [
            ("LABEL=data", true),
            ("UUID=\"1\"", true),
            ("PARTUUID=1-2", true),
            ("PARTLABEL=", true),
            ("/dev/vda", false),
            ("LABEL", false),
            ("overlay=LABEL=x", false),
            ("TYPE=ext4", false),
        ] {
            assert_eq!(wanted(Path::new(source)).is_some(), is_tag, "{source}");
        }
        assert_eq!(device(Path::new("tmpfs")).unwrap(), Path::new("tmpfs"));
    }

    #[test]
    fn what_is_no_device_has_no_type() {
        for source in ["tmpfs", "/", "/dev/null", "/proc/self/mounts"] {
            assert_eq!(kind(Path::new(source)).ok().flatten(), None, "{source}");
        }
    }
}
