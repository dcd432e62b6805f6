// SPDX-License-Identifier: MIT OR Apache-2.0
//! The links of `/dev/disk` and `/dev/mapper`, which udev makes in other systems.

use crate::devices::Block;
use crate::kmsg::debug;
use qos_uevent::link;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The links that were made.
#[derive(Default)]
pub struct Links(BTreeMap<PathBuf, PathBuf>);

impl Links {
    /// Makes the links of `devices`, and removes those of devices that no longer exist.
    pub fn update(&mut self, devices: &[Block]) {
        let wanted = wanted(devices);
        let dev = Path::new("/dev");
        for (link, target) in self.0.iter().filter(|(link, _)| !wanted.contains_key(*link)) {
            let _ = link::remove(dev, link, target);
        }
        for (link, target) in wanted.iter().filter(|(link, target)| self.0.get(*link) != Some(*target)) {
            if let Err(error) = link::place(dev, link, target) {
                debug(|| format!("link /dev/{}: {}", link.display(), qos_sys::error_text(&error)));
            }
        }
        self.0 = wanted;
    }
}

/// Links and the nodes that they lead to, both relative to `/dev`. Of two devices with the same name, the first has it.
fn wanted(devices: &[Block]) -> BTreeMap<PathBuf, PathBuf> {
    let mut wanted = BTreeMap::new();
    for device in devices {
        let kernel = device.name.replace('!', "/");
        let node = Some(&device.node).filter(|node| **node != format!("/dev/{kernel}"));
        for link in device.links.iter().chain(node) {
            let link = link.trim_start_matches("/dev/");
            wanted.entry(link.into()).or_insert_with(|| PathBuf::from(&kernel));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::tests::{block, laptop};

    #[test]
    fn targets() {
        let found = wanted(&laptop());
        for (link, target) in [
            ("disk/by-label/boot", "vda2"),
            ("disk/by-id/virtio-laptop-part1", "vda1"),
            ("mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd", "dm-0"),
        ] {
            assert_eq!(found.get(Path::new(link)), Some(&PathBuf::from(target)), "{link}");
        }
        assert!(!found.contains_key(Path::new("vda2")));
    }

    #[test]
    fn the_first_device_has_the_name() {
        let mut devices = vec![block("sda", "ext4"), block("sdb", "ext4")];
        for device in &mut devices {
            device.links = vec!["/dev/disk/by-label/a".into()];
        }
        assert_eq!(wanted(&devices)[Path::new("disk/by-label/a")], Path::new("sda"));
    }
}
