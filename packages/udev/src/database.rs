// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database of devices under /run/udev: the file of a record for each device, and a file for each of its tags.

use crate::device::Device;
use crate::record::Record;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Bit of the mode of a record that stays when the system changes from an initramfs to its root.
const STICKY: u32 = 0o1000;

/// The database at /run/udev.
#[derive(Debug, Clone)]
pub struct Database {
    run: PathBuf,
}

impl Database {
    /// That of the system at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Database {
        Database { run: root.join("run/udev") }
    }

    /// Makes the directories.
    ///
    /// # Errors
    /// As in mkdir(2), with the path.
    pub fn create(&self) -> Result<(), (PathBuf, io::Error)> {
        for directory in ["data", "tags"] {
            let path = self.run.join(directory);
            fs::create_dir_all(&path).map_err(|error| (path, error))?;
        }
        Ok(())
    }

    fn file(&self, id: &str) -> PathBuf {
        self.run.join("data").join(id.replace('/', "!"))
    }

    /// The record of a device by its id.
    #[must_use]
    pub fn read(&self, id: &str) -> Option<Record> {
        let bytes = fs::read(self.file(id)).ok()?;
        Some(Record::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// The devices that have a record, by id.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Record)> {
        let entries = fs::read_dir(self.run.join("data")).into_iter().flatten().flatten();
        let ids = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|id| !id.starts_with('.'));
        let mut all: Vec<_> = ids.filter_map(|id| Some((id.clone(), self.read(&id)?))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Writes the record of a device, and its tags. `before` is what was written last. A device without a node that rules say
    /// nothing about has no record. `keep`: the record outlives [`Database::clean`].
    ///
    /// # Errors
    /// As in open(2), write(2), rename(2), with the path.
    pub fn write(
        &self,
        device: &Device,
        before: Option<&Record>,
        keep: bool,
    ) -> Result<(), (PathBuf, io::Error)> {
        let Some(id) = device.id() else { return Ok(()) };
        let record = &device.record;
        let path = self.file(&id);
        if record.is_empty() && device.number().is_none() && device.interface().is_none() {
            return if before.is_some() { remove(&path) } else { Ok(()) };
        }
        if before != Some(record) || keep {
            self.replace(&path, &record.text(), keep)?;
        }
        self.tag(&id, before, &record.tags)
    }

    /// A reader sees the old file or the new one.
    fn replace(&self, path: &Path, text: &str, keep: bool) -> Result<(), (PathBuf, io::Error)> {
        let new = self.run.join("data/.new");
        let at = |error| (new.clone(), error);
        fs::write(&new, text).map_err(at)?;
        if keep {
            fs::set_permissions(&new, fs::Permissions::from_mode(STICKY | 0o644)).map_err(at)?;
        }
        fs::rename(&new, path).map_err(|error| (path.to_owned(), error))
    }

    fn tag(
        &self,
        id: &str,
        before: Option<&Record>,
        tags: &BTreeSet<String>,
    ) -> Result<(), (PathBuf, io::Error)> {
        let none = BTreeSet::new();
        let old = before.map_or(&none, |record| &record.tags);
        let path = |tag: &String| self.run.join("tags").join(tag.replace('/', "!")).join(id);
        for path in old.difference(tags).map(path) {
            remove(&path)?;
        }
        for path in tags.difference(old).map(path) {
            let directory = path.parent().unwrap_or(&self.run);
            fs::create_dir_all(directory)
                .and_then(|()| fs::write(&path, ""))
                .map_err(|error| (path, error))?;
        }
        Ok(())
    }

    /// Forgets a device.
    ///
    /// # Errors
    /// As in unlink(2), with the path.
    pub fn forget(&self, id: &str, before: Option<&Record>) -> Result<(), (PathBuf, io::Error)> {
        let Some(before) = before else { return Ok(()) };
        self.tag(id, Some(before), &BTreeSet::new())?;
        remove(&self.file(id))
    }

    /// Forgets all devices but those whose rules say `OPTIONS+="db_persist"`.
    pub fn clean(&self) {
        for (id, record) in self.all() {
            let kept = fs::metadata(self.file(&id)).is_ok_and(|data| data.permissions().mode() & STICKY != 0);
            if !kept {
                // What cannot be removed stays.
                let _ = self.forget(&id, Some(&record));
            }
        }
    }

    /// The file that exists while there are events to process.
    #[must_use]
    pub fn queue(&self) -> PathBuf {
        self.run.join("queue")
    }

    /// The socket for requests to udevd.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.run.join("control")
    }
}

fn remove(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err((path.to_owned(), error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::DISK;

    #[test]
    fn life_of_a_record() {
        let root = tempfile::tempdir().unwrap();
        let database = Database::new(root.path());
        database.create().unwrap();
        let event = b"add@/devices/a\0ACTION=add\0DEVPATH=/devices/a\0SUBSYSTEM=block\0MAJOR=8\0MINOR=1\0DEVNAME=sda1\0";
        let mut device = Device::of_event(root.path(), &qos_uevent::Event::parse(event).unwrap());
        device.record = Record::parse(DISK);
        database.write(&device, None, false).unwrap();
        let before = database.read("b8:1").unwrap();
        assert_eq!(before, device.record);
        assert!(root.path().join("run/udev/tags/was/b8:1").exists());
        device.record.tags.remove("was");
        database.write(&device, Some(&before), true).unwrap();
        assert!(!root.path().join("run/udev/tags/was/b8:1").exists());
        database.clean();
        let all = database.all();
        assert_eq!(all, [("b8:1".to_owned(), device.record.clone())]);
        database.forget("b8:1", Some(&all[0].1)).unwrap();
        assert_eq!(database.read("b8:1"), None);
        assert!(!root.path().join("run/udev/tags/systemd/b8:1").exists());
    }
}
