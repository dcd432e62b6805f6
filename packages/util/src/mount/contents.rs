// SPDX-License-Identifier: MIT OR Apache-2.0
//! The device that a tag names, and the type of file system on a device, by the library of `blkid`.

use crate::Failure;
use qos_probe::device::Device;
use qos_probe::search::{Wanted, find};
use qos_probe::{Error, Image, Options, Tags, probe};
use std::fs::{File, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// The tags by which mount(8) finds a device.
const TAGS: [&str; 4] = ["LABEL", "UUID", "PARTLABEL", "PARTUUID"];

/// The device of a source such as `LABEL=data`; of another source, the source itself.
///
/// # Errors
/// When no device has the tag, or the devices cannot be listed.
pub fn device(source: &Path) -> Result<PathBuf, Failure> {
    let Some(wanted) = wanted(source) else { return Ok(source.to_owned()) };
    let found = find(Path::new("/"), &wanted).map_err(|error| Failure::at("/sys/class/block", &error))?;
    found
        .map(|device| device.node())
        .ok_or_else(|| Failure::new(format!("{}: no device has this: see blkid", source.display())))
}

fn wanted(source: &Path) -> Option<Wanted> {
    let text = source.as_os_str().as_bytes();
    let name = text.split(|byte| *byte == b'=').next()?;
    TAGS.iter().any(|tag| tag.as_bytes() == name).then(|| Wanted::parse(text))?
}

/// The type of the file system on `source`; `None` if nothing is known there, or it is no device or image that can be read.
///
/// # Errors
/// When it has signatures of several types, or one that is no file system.
pub fn kind(source: &Path) -> Result<Option<String>, Failure> {
    // To open a FIFO would wait for its writer.
    let is_image = |meta: Metadata| meta.is_file() || meta.file_type().is_block_device();
    if !source.metadata().is_ok_and(is_image) {
        return Ok(None);
    }
    let Ok(image) = File::open(source).and_then(Image::new) else { return Ok(None) };
    let device = Device::of_node(Path::new("/"), source);
    of_tags(source, probe(&image, &device.map_or_else(Options::default, |device| device.options())))
}

fn of_tags(source: &Path, tags: Result<Tags, Error>) -> Result<Option<String>, Failure> {
    let failure = |why: String| Failure::new(format!("{}: {why}", source.display()));
    let tags = tags.map_err(|error| match error {
        Error::Ambivalent(_) => {
            failure(format!("{error}: say with -t which is meant, and wipe the signature of the other"))
        }
        Error::Read(error) => Failure::at(source, &error),
    })?;
    match (tags.text("TYPE"), tags.text("USAGE")) {
        (Some(kind), Some(usage)) if usage != "filesystem" => {
            Err(failure(format!("holds {kind}, which is no file system")))
        }
        (None, _) if tags.get("PTTYPE").is_some() => {
            Err(failure("holds a partition table: mount one of the partitions, see lsblk".into()))
        }
        (kind, _) => Ok(kind),
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
            assert_eq!(kind(Path::new(source)).unwrap(), None, "{source}");
        }
    }

    /// Nobody writes to it: to open it would not end.
    #[test]
    fn a_fifo_is_not_opened() {
        let path = std::env::temp_dir().join(format!("qos-util-mount-{}", std::process::id()));
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        let kind = kind(&path);
        std::fs::remove_file(&path).unwrap();
        assert!(made.success());
        assert_eq!(kind.unwrap(), None);
    }
}
