// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system as the manager asks for it.

use crate::store::Store;
use crate::world::{Source, World};
use qos_sys::mount_watch::mount_points;
use qos_unit::specifier::Facts;
use qos_unit::{Condition, Name};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Units of disk, facts of the kernel.
pub struct Real {
    /// The unit files.
    pub store: Store,
    /// The root directory.
    pub root: PathBuf,
}

/// Where persistent timers keep when they elapsed, below the root.
const STAMPS: &str = "var/lib/systemd/timers";

impl Real {
    /// The system below `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Real { store: Store::new(root, facts()), root: root.to_owned() }
    }

    /// The file that keeps when a timer elapsed.
    #[must_use]
    pub fn stamp_file(&self, name: &Name) -> PathBuf {
        self.root.join(STAMPS).join(format!("stamp-{name}"))
    }
}

impl World for Real {
    fn load(&mut self, name: &Name) -> Source {
        self.store.source(name)
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        crate::conditions::holds(&self.root, condition)
    }

    fn offset(&self, moment: i64) -> i64 {
        qos_sys::time::offset(moment)
    }

    fn is_mounted(&self, target: &str) -> bool {
        mount_points().is_ok_and(|points| points.iter().any(|point| point == Path::new(target)))
    }

    fn stamp(&self, name: &Name) -> Option<i64> {
        let modified = fs::metadata(self.stamp_file(name)).ok()?.modified().ok()?;
        i64::try_from(modified.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
    }
}

/// Values of the specifiers that do not come from names.
#[must_use]
pub fn facts() -> Facts {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let host = read("/proc/sys/kernel/hostname");
    let short = host.split('.').next().unwrap_or("").to_owned();
    Facts::from([
        ('H', host),
        ('l', short),
        ('m', read("/etc/machine-id")),
        ('b', read("/proc/sys/kernel/random/boot_id").replace('-', "")),
        ('v', qos_sys::power::kernel_release()),
        ('u', "root".to_owned()),
        ('U', "0".to_owned()),
        ('g', "root".to_owned()),
        ('G', "0".to_owned()),
        ('h', "/root".to_owned()),
        ('s', "/bin/sh".to_owned()),
        ('a', std::env::consts::ARCH.replace('_', "-")),
    ])
}
