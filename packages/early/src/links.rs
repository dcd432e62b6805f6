// SPDX-License-Identifier: MIT OR Apache-2.0
//! The links of `/dev/disk` and `/dev/mapper`, which udev makes in other systems.

use crate::devices::Block;
use crate::kmsg::debug;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The links that were made.
#[derive(Default)]
pub struct Links(BTreeMap<PathBuf, PathBuf>);

impl Links {
    /// Makes the links of `devices`, and removes those of devices that no longer exist.
    pub fn update(&mut self, devices: &[Block]) {
        let wanted = wanted(devices);
        for path in self.0.keys().filter(|path| !wanted.contains_key(*path)) {
            let _ = fs::remove_file(path);
        }
        for (path, target) in wanted.iter().filter(|(path, target)| self.0.get(*path) != Some(*target)) {
            let made = fs::create_dir_all(path.parent().unwrap_or(Path::new("/dev")))
                .and_then(|()| fs::remove_file(path).or(Ok(())))
                .and_then(|()| symlink(target, path));
            if let Err(error) = made {
                debug(|| format!("link {}: {}", path.display(), qos_sys::error_text(&error)));
            }
        }
        self.0 = wanted;
    }
}

/// Paths of links, and where they lead. Of two devices with the same name, the first has it.
fn wanted(devices: &[Block]) -> BTreeMap<PathBuf, PathBuf> {
    let mut wanted = BTreeMap::new();
    for device in devices {
        let kernel = format!("/dev/{}", device.name.replace('!', "/"));
        let node = Some(&device.node).filter(|node| **node != kernel);
        for link in device.links.iter().chain(node) {
            wanted.entry(link.into()).or_insert_with(|| relative(Path::new(link), &kernel));
        }
    }
    wanted
}

/// Where `link` has to lead to arrive at `target`; both are below `/dev`.
fn relative(link: &Path, target: &str) -> PathBuf {
    let depth = link.components().count().saturating_sub(3);
    let up: PathBuf = std::iter::repeat_n("..", depth).collect();
    up.join(target.trim_start_matches("/dev/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devices::tests::{block, laptop};

    #[test]
    fn targets() {
        let found = wanted(&laptop());
        for (link, target) in [
            ("/dev/disk/by-label/boot", "../../vda2"),
            ("/dev/disk/by-id/virtio-laptop-part1", "../../vda1"),
            ("/dev/mapper/luks-f44121b1-5be9-47d8-a206-72c52309e7dd", "../dm-0"),
        ] {
            assert_eq!(found.get(Path::new(link)), Some(&PathBuf::from(target)), "{link}");
        }
        assert!(!found.contains_key(Path::new("/dev/vda2")));
    }

    #[test]
    fn the_first_device_has_the_name() {
        let mut devices = vec![block("sda", "ext4"), block("sdb", "ext4")];
        for device in &mut devices {
            device.links = vec!["/dev/disk/by-label/a".into()];
        }
        assert_eq!(wanted(&devices)[Path::new("/dev/disk/by-label/a")], Path::new("../../sda"));
    }
}
