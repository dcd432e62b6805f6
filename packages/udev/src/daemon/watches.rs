// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes whose writers are watched (`OPTIONS+="watch"`): when one closes the node, its contents may be others.

use qos_sys::watch::Watcher;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// The watches, by number, and the device of each.
pub struct Watches {
    watcher: Watcher,
    devices: BTreeMap<i32, String>,
}

impl Watches {
    /// Watches nothing.
    pub fn new() -> io::Result<Watches> {
        Ok(Watches { watcher: Watcher::new()?, devices: BTreeMap::new() })
    }

    /// Watches the node of a device.
    pub fn add(&mut self, devpath: &str, node: &Path) -> io::Result<()> {
        let watch = self.watcher.add_end_of_write(node)?;
        self.devices.insert(watch, devpath.to_owned());
        Ok(())
    }

    /// Ends the watch of a device. The kernel has ended that of a node that is gone.
    pub fn remove(&mut self, devpath: &str) -> io::Result<()> {
        let watches: Vec<i32> =
            self.devices.iter().filter(|(_, known)| *known == devpath).map(|(watch, _)| *watch).collect();
        for watch in watches {
            self.devices.remove(&watch);
            self.watcher.remove(watch)?;
        }
        Ok(())
    }

    /// The devices that were written to.
    pub fn take(&mut self) -> Vec<String> {
        self.watcher.take().iter().filter_map(|watch| self.devices.get(watch).cloned()).collect()
    }
}

impl AsFd for Watches {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watcher.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers() {
        let directory = tempfile::tempdir().unwrap();
        let node = directory.path().join("sda");
        std::fs::write(&node, "").unwrap();
        let mut watches = Watches::new().unwrap();
        watches.add("/devices/sda", &node).unwrap();
        assert!(watches.take().is_empty());
        std::fs::write(&node, "x").unwrap();
        assert_eq!(watches.take(), ["/devices/sda"]);
        watches.remove("/devices/sda").unwrap();
        std::fs::write(&node, "y").unwrap();
        assert!(watches.take().is_empty());
    }
}
