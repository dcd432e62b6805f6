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
    let releases = ["/etc/os-release", "/usr/lib/os-release"].map(read);
    let pretty = release_value(&read("/etc/machine-info"), "PRETTY_HOSTNAME").unwrap_or_else(|| host.clone());
    let mut facts = Facts::from([
        ('q', pretty),
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
    ]);
    facts.extend(release(&releases));
    facts
}

/// Specifiers of os-release(5), of the first text that is there; what it does not say is empty.
fn release(texts: &[String]) -> impl Iterator<Item = (char, String)> {
    let text = texts.iter().find(|text| !text.is_empty()).cloned().unwrap_or_default();
    let keys = [
        ('o', "ID"),
        ('w', "VERSION_ID"),
        ('B', "BUILD_ID"),
        ('W', "VARIANT_ID"),
        ('M', "IMAGE_ID"),
        ('A', "IMAGE_VERSION"),
    ];
    keys.into_iter().map(move |(letter, key)| (letter, release_value(&text, key).unwrap_or_default()))
}

fn release_value(text: &str, key: &str) -> Option<String> {
    qos_unit::environment::parse(text).into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn specifiers_of_the_release() {
        let texts = ["", "ID=debian\nVERSION_ID=\"13\"\n", "ID=other"].map(str::to_owned);
        let found: Vec<_> = release(&texts).filter(|(_, value)| !value.is_empty()).collect();
        assert_eq!(found, [('o', "debian".to_owned()), ('w', "13".to_owned())]);
    }
}
