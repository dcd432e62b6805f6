// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes in /dev: owner, group and mode, and the links that lead to them, which several devices may want.

use crate::database::Database;
use crate::device::Device;
use crate::engine::Processing;
use crate::record::Record;
use qos_uevent::link;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Who wants which link.
#[derive(Debug, Default)]
pub struct Claims {
    links: BTreeMap<String, Vec<Claim>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    priority: i32,
    /// The device's id in the database.
    id: String,
    /// Its node, relative to /dev.
    node: PathBuf,
}

impl Claims {
    /// Those that the database has, for a daemon that was started again.
    #[must_use]
    pub fn of_database(root: &Path, database: &Database) -> Claims {
        let mut claims = Claims::default();
        for (id, record) in database.all() {
            // A record may be left of a device that is gone.
            if let Some(node) = Device::of_id(root, &id).and_then(|device| Some(relative(device.node()?))) {
                for link in &record.links {
                    claims.add(link, Claim { priority: record.priority, id: id.clone(), node: node.clone() });
                }
            }
        }
        claims
    }

    /// A device's claim, in place of an older one of it. Of the same priority, the first stays first.
    fn add(&mut self, link: &str, claim: Claim) {
        let claims = self.links.entry(link.to_owned()).or_default();
        if let Some(old) = claims.iter_mut().find(|old| old.id == claim.id) {
            *old = claim;
        } else {
            claims.push(claim);
        }
    }

    fn remove(&mut self, link: &str, id: &str) {
        if let Some(claims) = self.links.get_mut(link) {
            claims.retain(|claim| claim.id != id);
            if claims.is_empty() {
                self.links.remove(link);
            }
        }
    }

    /// The node that a link leads to.
    fn target(&self, link: &str) -> Option<&Path> {
        let claims = self.links.get(link)?;
        let highest = claims.iter().map(|claim| claim.priority).max()?;
        claims.iter().find(|claim| claim.priority == highest).map(|claim| claim.node.as_path())
    }

    /// Takes over what a device's record says in place of what it said before. A link that cannot be made is taken from the record;
    /// gives these failures.
    pub fn update(
        &mut self,
        dev: &Path,
        device: &mut Device,
        before: Option<&Record>,
        gone: bool,
    ) -> Vec<(PathBuf, io::Error)> {
        let (Some(id), Some(node)) = (device.id(), device.node().map(relative)) else { return Vec::new() };
        let mut changed: Vec<String> = before.into_iter().flat_map(|record| record.links.clone()).collect();
        for link in &changed {
            self.remove_unless(link, &id, !gone && device.record.links.contains(link));
        }
        if !gone {
            let priority = device.record.priority;
            for link in &device.record.links {
                self.add(link, Claim { priority, id: id.clone(), node: node.clone() });
            }
            changed.extend(device.record.links.iter().cloned());
        }
        changed.sort();
        changed.dedup();
        let mut failures = Vec::new();
        for link in changed {
            let path = Path::new(&link);
            let done = match self.target(&link) {
                Some(target) => link::place(dev, path, target),
                None => link::remove(dev, path, &node),
            };
            if let Err(error) = done {
                failures.push((Path::new("/dev").join(path), error));
                if !gone && device.record.links.remove(&link) {
                    self.remove(&link, &id);
                }
            }
        }
        failures
    }

    fn remove_unless(&mut self, link: &str, id: &str, stays: bool) {
        if !stays {
            self.remove(link, id);
        }
    }
}

/// Gives the node of a device the owner, group and mode of its rules; the link by number is made with it.
///
/// # Errors
/// As in stat(2), chown(2), chmod(2), symlink(2), with the path.
pub fn set_permissions(dev: &Path, event: &Processing<'_>) -> Result<(), (PathBuf, io::Error)> {
    let device = &event.device;
    let (Some((major, minor)), Some(node)) = (device.number(), device.node()) else { return Ok(()) };
    let node = relative(node);
    let path = dev.join(&node);
    let failed = |error| (Path::new("/dev").join(&node), error);
    // As kernels with devtmpfs make it: without rules it stays as it is. A group that shall use a device can read and write.
    let mode = event.mode.value.or(match (device.get("DEVMODE"), event.gid.value) {
        (Some(_), _) => None,
        (None, Some(gid)) if gid > 0 => Some(0o660),
        _ => None,
    });
    if event.uid.value.is_some() || event.gid.value.is_some() || mode.is_some() {
        apply(&path, event.uid.value, event.gid.value, mode).map_err(failed)?;
    }
    if event.action == "add" {
        let kind = if device.subsystem() == "block" { "block" } else { "char" };
        let by_number = Path::new(kind).join(format!("{major}:{minor}"));
        link::place(dev, &by_number, &node).map_err(|error| (Path::new("/dev").join(by_number), error))?;
    }
    Ok(())
}

/// Changes what differs.
///
/// # Errors
/// As in stat(2), chown(2), chmod(2).
pub fn apply(path: &Path, uid: Option<u32>, gid: Option<u32>, mode: Option<u32>) -> io::Result<()> {
    let data = fs::metadata(path)?;
    let other = |wanted: Option<u32>, is: u32| wanted.filter(|wanted| *wanted != is);
    let (new_uid, new_gid) = (other(uid, data.uid()), other(gid, data.gid()));
    if new_uid.is_some() || new_gid.is_some() {
        chown(path, new_uid, new_gid)?;
    }
    match other(mode, data.mode() & 0o7777) {
        Some(mode) => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
        None => Ok(()),
    }
}

/// Removes the link by number of a device that is gone.
pub fn forget_number(dev: &Path, device: &Device) {
    if let (Some((major, minor)), Some(node)) = (device.number(), device.node()) {
        let kind = if device.subsystem() == "block" { "block" } else { "char" };
        // What cannot be removed is a dangling link, which nobody follows.
        let _ = link::remove(dev, &Path::new(kind).join(format!("{major}:{minor}")), &relative(node));
    }
}

fn relative(node: &str) -> PathBuf {
    PathBuf::from(node.trim_start_matches("/dev/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    /// The device with a link of that priority.
    fn wants(fake: &Fake, path: &str, link: &str, priority: i32) -> Device {
        let mut device = fake.device(path);
        device.record.links.insert(link.to_owned());
        device.record.priority = priority;
        device
    }

    #[test]
    fn the_highest_priority_has_the_link() {
        let fake = Fake::disk();
        let dev = fake.root().join("dev");
        let target =
            || fs::read_link(dev.join("disk/by-label/a")).ok().map(|path| path.display().to_string());
        let mut claims = Claims::default();
        let mut sda = wants(&fake, "class/block/sda", "disk/by-label/a", 0);
        let mut vda = wants(&fake, "class/block/vda", "disk/by-label/a", 0);
        let mut dm = wants(&fake, "class/block/loop0", "disk/by-label/a", 50);
        assert!(claims.update(&dev, &mut sda, None, false).is_empty());
        claims.update(&dev, &mut vda, None, false);
        assert_eq!(target().as_deref(), Some("../../sda"));
        claims.update(&dev, &mut dm, None, false);
        assert_eq!(target().as_deref(), Some("../../loop0"));
        claims.update(&dev, &mut dm.clone(), Some(&dm.record), true);
        assert_eq!(target().as_deref(), Some("../../sda"));
        // The rules no longer give it to the first one.
        let mut without = fake.device("class/block/sda");
        claims.update(&dev, &mut without, Some(&sda.record), false);
        assert_eq!(target().as_deref(), Some("../../vda"));
        claims.update(&dev, &mut vda.clone(), Some(&vda.record), true);
        assert_eq!((target(), dev.join("disk").exists()), (None, false));
    }

    #[test]
    fn claims_outlive_the_daemon() {
        let fake = Fake::disk();
        let dev = fake.root().join("dev");
        let (sda, vda) = (wants(&fake, "class/block/sda", "a", 0), wants(&fake, "class/block/vda", "a", 7));
        for device in [&sda, &vda] {
            fake.system().database.write(device, None, false).unwrap();
        }
        let mut claims = Claims::of_database(fake.root(), &fake.system().database);
        claims.update(&dev, &mut vda.clone(), Some(&vda.record), true);
        assert_eq!(fs::read_link(dev.join("a")).unwrap(), Path::new("sda"));
    }

    #[test]
    fn a_link_that_cannot_be_made_is_not_recorded() {
        let fake = Fake::disk();
        let dev = fake.root().join("dev");
        std::os::unix::fs::symlink("/run/systemd/journal/dev-log", dev.join("log")).unwrap();
        let mut claims = Claims::default();
        for name in ["null", "vda", "log", "null/a"] {
            let mut vda = wants(&fake, "class/block/vda", name, 0);
            vda.record.links.insert("good".to_owned());
            let failures = claims.update(&dev, &mut vda, None, false);
            assert_eq!(
                failures.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(),
                [Path::new("/dev").join(name)]
            );
            assert_eq!(vda.links(), "/dev/good");
            assert!(claims.target(name).is_none() && claims.target("good").is_some());
            // As an older daemon recorded it.
            let before = wants(&fake, "class/block/vda", name, 0).record;
            let mut without = fake.device("class/block/vda");
            assert!(claims.update(&dev, &mut without, Some(&before), false).is_empty());
            assert!(claims.update(&dev, &mut without, Some(&before), true).is_empty());
        }
        assert!(dev.join("null").is_file() && dev.join("vda").is_file());
        assert_eq!(fs::read_link(dev.join("log")).unwrap(), Path::new("/run/systemd/journal/dev-log"));
    }

    #[test]
    fn modes() {
        let fake = Fake::disk();
        let path = fake.root().join("dev/sda");
        apply(&path, None, None, Some(0o604)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o604);
        assert!(apply(&fake.root().join("dev/none"), None, None, None).is_err());
    }
}
