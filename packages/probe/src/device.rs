// SPDX-License-Identifier: MIT OR Apache-2.0
//! Block devices in `/sys/class/block`, and the contents of each.

use crate::{Error, Image, Kind, Options, Partition, Tags};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name in `/sys/class/block`.
    pub name: String,
    /// The directory that holds `sys` and `dev`.
    root: PathBuf,
    /// Its directory in `/sys`, without links.
    path: PathBuf,
}

/// All block devices below `root`, which is `/` but in tests, in the order of their names.
///
/// # Errors
///
/// What reading `/sys/class/block` gave.
pub fn all(root: &Path) -> io::Result<Vec<Device>> {
    let entries = fs::read_dir(root.join("sys/class/block"))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut devices: Vec<Device> = names.filter_map(|name| Device::new(root, &name)).collect();
    devices.sort_by_cached_key(|device| sort_key(&device.name));
    Ok(devices)
}

/// Numbers in a name are compared as numbers: `sda2` before `sda10`.
fn sort_key(name: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| char.is_ascii_digit()).unwrap_or(rest.len());
        let (text, after) = rest.split_at(digits);
        let end = after.find(|char: char| !char.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(end);
        key.push((text.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    key
}

impl Device {
    /// The device of that name in `/sys/class/block`.
    #[must_use]
    pub fn new(root: &Path, name: &str) -> Option<Device> {
        let path = fs::canonicalize(root.join("sys/class/block").join(name)).ok()?;
        Some(Device { name: name.to_owned(), root: root.to_owned(), path })
    }

    /// The device whose node is `path`.
    #[must_use]
    pub fn of_node(root: &Path, path: &Path) -> Option<Device> {
        let path = fs::canonicalize(path).ok()?;
        let name = path.strip_prefix(fs::canonicalize(root.join("dev")).ok()?).ok()?.to_str()?;
        // In /sys a slash in a name is an exclamation mark.
        Device::new(root, &name.replace('/', "!"))
    }

    /// Its directory in `/sys`, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of its directory, without white space around the text.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        let text = fs::read(self.path.join(name)).ok()?;
        Some(String::from_utf8_lossy(&text).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// [`Device::attribute`] as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.attribute(name)?.parse().ok()
    }

    /// A value of its `uevent`.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<String> {
        let text = self.attribute("uevent")?;
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    }

    /// Size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.number("size").unwrap_or(0).saturating_mul(512)
    }

    /// Whether it is a partition.
    #[must_use]
    pub fn is_partition(&self) -> bool {
        self.path.join("partition").exists()
    }

    /// The disk of a partition.
    #[must_use]
    pub fn disk(&self) -> Option<Device> {
        let name = self.path.parent()?.file_name()?.to_str()?;
        if self.is_partition() { Device::new(&self.root, name) } else { None }
    }

    /// Its partitions, in order.
    #[must_use]
    pub fn partitions(&self) -> Vec<Device> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let inside = entries.filter(|entry| entry.path().join("partition").exists());
        let names = inside.filter_map(|entry| entry.file_name().into_string().ok());
        let mut all: Vec<Device> = names.filter_map(|name| Device::new(&self.root, &name)).collect();
        all.sort_by_cached_key(|device| sort_key(&device.name));
        all
    }

    /// The devices that are made of it, such as those of device-mapper and md.
    #[must_use]
    pub fn holders(&self) -> Vec<Device> {
        let entries = fs::read_dir(self.path.join("holders")).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut all: Vec<Device> = names.filter_map(|name| Device::new(&self.root, &name)).collect();
        all.sort_by_cached_key(|device| sort_key(&device.name));
        all
    }

    /// Whether it is made of other devices.
    #[must_use]
    pub fn has_parts(&self) -> bool {
        fs::read_dir(self.path.join("slaves")).is_ok_and(|mut slaves| slaves.next().is_some())
    }

    /// Its node in `/dev`. A volume of device-mapper is `/dev/mapper/NAME`.
    #[must_use]
    pub fn node(&self) -> PathBuf {
        match self.attribute("dm/name") {
            Some(name) => PathBuf::from("/dev/mapper").join(name),
            None => PathBuf::from("/dev").join(self.name.replace('!', "/")),
        }
    }

    /// Where [`Device::node`] is below the root directory; of device-mapper, the kernel's own name.
    fn file(&self) -> PathBuf {
        self.root.join("dev").join(self.name.replace('!', "/"))
    }

    /// How to look into it.
    #[must_use]
    pub fn options(&self) -> Options {
        let kind = if self.is_partition() {
            Kind::Partition
        } else if self.name.starts_with("sr") {
            Kind::Optical
        } else {
            Kind::Disk
        };
        let disk = self.disk();
        let sector = disk.as_ref().unwrap_or(self).number("queue/logical_block_size");
        let sector = sector.and_then(|sector| u32::try_from(sector).ok());
        let sector = sector.filter(|sector| sector.is_power_of_two() && (512..=1 << 16).contains(sector));
        Options { kind, sector: sector.unwrap_or(512), ..Options::default() }
    }

    /// Its entry in the partition table of its disk, and that table's scheme.
    #[must_use]
    pub fn entry(&self) -> Option<(&'static str, Partition)> {
        let (disk, number) = (self.disk()?, self.number("partition")?);
        let image = Image::new(File::open(disk.file()).ok()?).ok()?;
        let table = crate::partitions(&image, &disk.options())?;
        let mut entries = table.partitions.into_iter();
        let entry = entries.find(|entry| u64::from(entry.number) == number)?;
        // The kernel gives an extended partition a kibibyte, and the table may have changed since it was read.
        (entry.is_extended() || entry.size == self.size() / 512).then_some((table.scheme, entry))
    }

    /// What is on it, and for a partition its entry in the table.
    ///
    /// # Errors
    ///
    /// See [`Error`]; that of opening the node is an [`Error::Read`].
    pub fn probe(&self) -> Result<Tags, Error> {
        let image = File::open(self.file()).and_then(Image::new).map_err(Error::Read)?;
        let mut tags = crate::probe(&image, &self.options())?;
        tags.extend(self.entry_tags());
        Ok(tags)
    }

    /// What the partition table says about it, as `PART_ENTRY_*`. It is read from the disk, so it is there even if the partition itself
    /// cannot be read. Empty if this is no partition.
    #[must_use]
    pub fn entry_tags(&self) -> Tags {
        let disk = || self.disk().and_then(|disk| disk.attribute("dev")).unwrap_or_default();
        self.entry().map(|(scheme, entry)| entry.tags(scheme, &disk())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order() {
        let mut names = ["sda10", "nvme0n1p2", "sda2", "sda", "nvme0n1", "vda"];
        names.sort_by_cached_key(|name| sort_key(name));
        assert_eq!(names, ["nvme0n1", "nvme0n1p2", "sda", "sda2", "sda10", "vda"]);
    }
}
