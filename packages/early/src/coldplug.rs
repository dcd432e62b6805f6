// SPDX-License-Identifier: MIT OR Apache-2.0
//! Loads modules: those of present devices, by modalias, and those that the kernel requests.

use crate::kmsg::{debug, info, warn};
use qos_modules::{Database, LoadError, Loader};
use qos_sys::error_text;
use qos_uevent::coldplug::modaliases;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the kernel reads which program loads a module by name (`Documentation/admin-guide/sysctl/kernel.rst`).
const HELPER: &str = "/proc/sys/kernel/modprobe";

/// Loads modules, each alias once.
pub struct Coldplug {
    loader: Option<Loader>,
    seen: BTreeSet<String>,
    /// The helper that was set before, when this program is the helper.
    helper: Option<String>,
}

impl Coldplug {
    /// The modules of this initramfs. A kernel that requests one itself, as for a checksum of btrfs, calls this
    /// program, unless there is a modprobe.
    pub fn new() -> Self {
        let loader = match Loader::of_running_kernel() {
            Ok(loader) => {
                loader.complaints().iter().for_each(|complaint| warn(complaint));
                Some(loader)
            }
            Err(LoadError::File(path, error)) if error.kind() == std::io::ErrorKind::NotFound => {
                debug(|| format!("no modules: {}: {}", path.display(), error_text(&error)));
                None
            }
            Err(error) => {
                warn(&format!("no modules: {error}"));
                None
            }
        };
        let helper = loader.as_ref().and_then(|_| take_over_helper());
        Coldplug { loader, seen: BTreeSet::new(), helper }
    }

    /// Loads the modules of the devices, until no new device appears.
    pub fn run(&mut self) {
        if self.loader.is_none() {
            return;
        }
        loop {
            let aliases = modaliases(Path::new("/sys/devices"));
            let new: Vec<String> = aliases.into_iter().filter(|alias| !self.seen.contains(alias)).collect();
            if new.is_empty() {
                return;
            }
            for alias in new {
                self.load(&alias);
            }
        }
    }

    /// Loads the modules of an alias, if there are any.
    pub fn load(&mut self, alias: &str) {
        let Some(loader) = &self.loader else { return };
        if !self.seen.insert(alias.to_owned()) {
            return;
        }
        match loader.load(alias, "") {
            Ok(_) => debug(|| format!("modules of {alias} are loaded")),
            Err(LoadError::Unknown(..)) => {}
            Err(error) if error.is_no_device() && has_algorithm(alias) => {
                debug(|| format!("{alias} is there without its modules: {error}"));
            }
            Err(error) => info(&format!("module for {alias}: {error}")),
        }
    }

    /// Explains why the modules of an alias are not in use, for a person.
    pub fn state(&self, alias: &str) -> String {
        state(self.loader.as_ref().map(Loader::database), alias)
    }

    /// Gives the kernel its helper back, for the new root.
    pub fn end(&mut self) {
        if let Some(helper) = self.helper.take()
            && let Err(error) = fs::write(HELPER, &helper)
        {
            warn(&format!("{HELPER}: {}", error_text(&error)));
        }
    }
}

fn state(database: Option<&Database>, alias: &str) -> String {
    let Some(database) = database else { return "there are no modules in the initramfs".to_owned() };
    let found = database.lookup(alias);
    let names = |blacklisted: bool| {
        let names = found.iter().map(|found| found.module.as_str());
        names.filter(|name| database.is_blacklisted(name) == blacklisted).collect::<Vec<_>>().join(", ")
    };
    match (names(true), names(false)) {
        (none, others) if none.is_empty() && others.is_empty() => {
            "its module is not in the initramfs".to_owned()
        }
        (none, others) if none.is_empty() => {
            format!("its module {others} is in the initramfs: the kernel's log may have the reason")
        }
        (blacklisted, _) => {
            format!("its module {blacklisted} is blacklisted (modprobe.blacklist= or modprobe.d)")
        }
    }
}

fn take_over_helper() -> Option<String> {
    let helper = fs::read_to_string(HELPER).ok()?;
    let helper = helper.trim_end();
    if helper.is_empty() || Path::new(helper).exists() {
        return None;
    }
    let own = std::env::current_exe().ok()?;
    fs::write(HELPER, own.as_os_str().as_encoded_bytes()).ok()?;
    Some(helper.to_owned())
}

/// Whether the kernel has the algorithm of an alias `crypto-NAME`: if it is built in, the modules of that name may be for other CPUs only.
fn has_algorithm(alias: &str) -> bool {
    lists(&fs::read_to_string("/proc/crypto").unwrap_or_default(), alias)
}

/// Whether the text of `/proc/crypto` has the algorithm of an alias.
fn lists(table: &str, alias: &str) -> bool {
    let names = table.lines().filter_map(|line| line.split_once(':'));
    let mut names = names.filter(|(key, _)| key.trim_end() == "name").map(|(_, name)| name.trim_start());
    alias.strip_prefix("crypto-").is_some_and(|wanted| names.any(|name| name == wanted))
}

/// What the kernel's helper does when this program is called as such, with `-q -- NAME`.
pub fn help(name: &str) -> Result<(), LoadError> {
    Loader::of_running_kernel()?.load(name, "").map(drop)
}

/// Storage controllers that no driver has, each with the `state` of the modules for its alias: sentences for a person.
#[must_use]
pub fn undriven(sys: &Path, state: &dyn Fn(&str) -> String) -> Vec<String> {
    let list = |bus: &str| {
        let entries = fs::read_dir(sys.join("bus").join(bus).join("devices")).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths.into_iter().filter(|path| !path.join("driver").exists())
    };
    let read = |path: &Path, name: &str| fs::read_to_string(path.join(name)).unwrap_or_default();
    let sentence = |path: &Path, device: &str| {
        let name = path.file_name().unwrap_or_default().display();
        format!("{device} {name} has no driver: {}", state(read(path, "modalias").trim()))
    };
    let pci = list("pci").filter_map(|path| {
        let class = read(&path, "class");
        let class = class.trim();
        let kind = match class.get(..6)? {
            "0x0100" => "SCSI",
            "0x0101" => "IDE",
            "0x0104" => "RAID",
            "0x0106" => "SATA",
            "0x0107" => "SAS",
            "0x0108" => "NVMe",
            // USB has more than disks, but a disk may be behind it.
            "0x0c03" => "USB",
            _ if class.starts_with("0x01") => "storage",
            _ => return None,
        };
        Some(sentence(&path, &format!("the {kind} controller at PCI")))
    });
    let virtio = list("virtio").filter_map(|path| {
        let kind = match read(&path, "device").trim() {
            "0x0002" => "block device",
            "0x0008" => "SCSI controller",
            _ => return None,
        };
        Some(sentence(&path, &format!("the virtio {kind}")))
    });
    pci.chain(virtio).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_modules::Config;

    #[test]
    fn algorithms() {
        let table = "name         : sha256\ndriver       : sha256-lib\n\nname         : aes\ndriver       : aes-lib\n";
        for (alias, expect) in [
            ("crypto-aes", true),
            ("crypto-sha256", true),
            ("crypto-sha256-lib", false),
            ("crypto-xts", false),
            ("aes", false),
            ("pci:v00008086d*", false),
        ] {
            assert_eq!(lists(table, alias), expect, "{alias}");
        }
        assert!(!lists("", "crypto-aes"));
    }

    #[test]
    fn modules_of_an_alias() {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("modules.dep", "nvme.ko:\nvirtio_blk.ko:\next4.ko:\n"),
            ("modules.alias", "alias pci:v1* nvme\nalias virtio:d2v* virtio_blk\nalias fs-ext4 ext4\n"),
        ] {
            fs::write(root.path().join(file), text).unwrap();
        }
        let config = Config::read(&[], root.path(), "quiet modprobe.blacklist=virtio-blk,ext4").unwrap();
        let database = Database::new(root.path().to_owned(), config).unwrap();
        for (alias, expect) in [
            ("pci:v1d2", "its module nvme is in the initramfs: the kernel's log may have the reason"),
            ("pci:v2d2", "its module is not in the initramfs"),
            ("virtio:d2v3", "its module virtio_blk is blacklisted (modprobe.blacklist= or modprobe.d)"),
            ("fs-ext4", "its module ext4 is blacklisted (modprobe.blacklist= or modprobe.d)"),
        ] {
            assert_eq!(state(Some(&database), alias), expect, "{alias}");
        }
        assert_eq!(state(None, "pci:v1d2"), "there are no modules in the initramfs");
    }

    #[test]
    fn controllers_without_a_driver() {
        let root = tempfile::tempdir().unwrap();
        for (path, file, text) in [
            ("bus/pci/devices/0000:00:01.0", "class", "0x010802\n"),
            ("bus/pci/devices/0000:00:01.0", "modalias", "pci:v1\n"),
            ("bus/pci/devices/0000:00:02.0", "class", "0x030000\n"),
            ("bus/pci/devices/0000:00:03.0", "class", "0x010601\n"),
            ("bus/pci/devices/0000:00:03.0", "driver", ""),
            ("bus/virtio/devices/virtio0", "device", "0x0002\n"),
            ("bus/virtio/devices/virtio1", "device", "0x0001\n"),
        ] {
            fs::create_dir_all(root.path().join(path)).unwrap();
            fs::write(root.path().join(path).join(file), text).unwrap();
        }
        assert_eq!(
            undriven(root.path(), &|alias| format!("[{alias}]")),
            [
                "the NVMe controller at PCI 0000:00:01.0 has no driver: [pci:v1]",
                "the virtio block device virtio0 has no driver: []"
            ]
        );
    }
}
