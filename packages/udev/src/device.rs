// SPDX-License-Identifier: MIT OR Apache-2.0
//! A device: its directory in /sys, its properties, and what the database has about it.

use crate::record::Record;
use qos_uevent::Event;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A device.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// The directory that holds `sys` and `dev`: `/` but in tests.
    root: PathBuf,
    /// Path below /sys, with a slash in front.
    pub devpath: String,
    /// Properties of the kernel, of the database, and of rules.
    pub properties: BTreeMap<String, String>,
    /// What the database has, or will have.
    pub record: Record,
    /// Attributes that were read.
    attributes: RefCell<BTreeMap<String, Option<String>>>,
}

impl Device {
    /// The device of an event.
    #[must_use]
    pub fn of_event(root: &Path, event: &Event) -> Device {
        let mut device =
            Device { root: root.to_owned(), devpath: event.devpath.clone(), ..Device::default() };
        device.properties = event.properties.iter().cloned().collect();
        device.complete();
        device
    }

    /// The device in the directory `path` of /sys, which may be a link; `None` if there is none.
    #[must_use]
    pub fn of_path(root: &Path, path: &Path) -> Option<Device> {
        let path = fs::canonicalize(path).ok()?;
        let sys = fs::canonicalize(root.join("sys")).ok()?;
        let inside = path.strip_prefix(sys).ok()?.to_str()?;
        Device::of_devpath(root, &format!("/{inside}"))
    }

    /// The device at that path below /sys, without links.
    #[must_use]
    pub fn of_devpath(root: &Path, devpath: &str) -> Option<Device> {
        let mut device = Device { root: root.to_owned(), devpath: devpath.to_owned(), ..Device::default() };
        let uevent = fs::read(device.path().join("uevent"));
        let uevent = match uevent {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // Those of buses and drivers can be written to only, and a module has none.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => String::new(),
            Err(_) if device.path().is_dir() && device.kind_by_path().is_some() => String::new(),
            Err(_) => return None,
        };
        for line in uevent.lines() {
            if let Some((key, value)) = line.split_once('=') {
                device.properties.insert(key.to_owned(), value.to_owned());
            }
        }
        device.properties.insert("DEVPATH".to_owned(), devpath.to_owned());
        let subsystem = device.link("subsystem").or_else(|| device.kind_by_path().map(str::to_owned));
        if let Some(subsystem) = subsystem {
            device.properties.insert("SUBSYSTEM".to_owned(), subsystem);
        }
        device.complete();
        Some(device)
    }

    /// The device of a node in /dev, by its number.
    #[must_use]
    pub fn of_node(root: &Path, node: &Path) -> Option<Device> {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let data = fs::metadata(node).ok()?;
        let kind = if data.file_type().is_block_device() {
            "block"
        } else if data.file_type().is_char_device() {
            "char"
        } else {
            return None;
        };
        let (major, minor) = qos_sys::node::numbers(data.rdev());
        Device::of_path(root, &root.join(format!("sys/dev/{kind}/{major}:{minor}")))
    }

    /// The device of a record of the database, by its id.
    #[must_use]
    pub fn of_id(root: &Path, id: &str) -> Option<Device> {
        let sys = root.join("sys");
        let rest = id.get(1..)?;
        match id.as_bytes().first()? {
            b'b' => Device::of_path(root, &sys.join("dev/block").join(rest)),
            b'c' => Device::of_path(root, &sys.join("dev/char").join(rest)),
            b'n' => {
                let interfaces = fs::read_dir(sys.join("class/net")).ok()?.flatten();
                let mut devices = interfaces.filter_map(|entry| Device::of_path(root, &entry.path()));
                devices.find(|device| device.interface() == Some(rest))
            }
            b'+' => {
                let (subsystem, name) = rest.split_once(':')?;
                Device::of_subsystem(root, subsystem, name)
            }
            _ => None,
        }
    }

    /// The device of that name in a bus or class.
    #[must_use]
    pub fn of_subsystem(root: &Path, subsystem: &str, name: &str) -> Option<Device> {
        let sys = root.join("sys");
        let name = name.replace('/', "!");
        let places = match subsystem {
            "subsystem" => vec![format!("bus/{name}"), format!("class/{name}")],
            "module" => vec![format!("module/{name}")],
            "drivers" => {
                let (bus, driver) = name.split_once(':')?;
                vec![format!("bus/{bus}/drivers/{driver}")]
            }
            _ => vec![format!("bus/{subsystem}/devices/{name}"), format!("class/{subsystem}/{name}")],
        };
        places.iter().find_map(|place| Device::of_path(root, &sys.join(place)))
    }

    /// The kernel names a node without its directory.
    fn complete(&mut self) {
        if let Some(name) = self.properties.get_mut("DEVNAME").filter(|name| !name.starts_with('/')) {
            *name = format!("/dev/{name}");
        }
    }

    /// The subsystem of what has no link to one.
    fn kind_by_path(&self) -> Option<&'static str> {
        if self.devpath.starts_with("/module/") {
            Some("module")
        } else if self.devpath.contains("/drivers/") {
            Some("drivers")
        } else if ["/bus/", "/class/", "/subsystem/"].iter().any(|begin| self.devpath.starts_with(begin)) {
            Some("subsystem")
        } else {
            None
        }
    }

    /// Adds what the database has.
    pub fn load(&mut self, record: Record) {
        for (key, value) in &record.properties {
            self.properties.insert(key.clone(), value.clone());
        }
        self.record = record;
    }

    /// Its directory in /sys.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.root.join("sys").join(self.devpath.trim_start_matches('/'))
    }

    /// A property; `None` if it is not set.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// Sets a property that goes into the database; an empty one is removed.
    pub fn set(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            self.properties.remove(key);
            self.record.properties.remove(key);
        } else {
            self.properties.insert(key.to_owned(), value.to_owned());
            // What begins with a dot is for the rules of this event only.
            if !key.starts_with('.') {
                self.record.properties.insert(key.to_owned(), value.to_owned());
            }
        }
    }

    /// The kernel's name.
    #[must_use]
    pub fn name(&self) -> String {
        let last = self.devpath.rsplit('/').next().unwrap_or_default();
        if last.contains('!') { last.replace('!', "/") } else { last.to_owned() }
    }

    /// The digits at the end of the name.
    #[must_use]
    pub fn number_in_name(&self) -> String {
        let name = self.name();
        let rest = name.trim_end_matches(|char: char| char.is_ascii_digit());
        name[rest.len()..].to_owned()
    }

    /// Its subsystem.
    #[must_use]
    pub fn subsystem(&self) -> &str {
        self.get("SUBSYSTEM").unwrap_or_default()
    }

    /// Its driver; empty if it has none.
    #[must_use]
    pub fn driver(&self) -> String {
        self.get("DRIVER").map(str::to_owned).or_else(|| self.link("driver")).unwrap_or_default()
    }

    /// Path of its node, `/dev/…`.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.get("DEVNAME")
    }

    /// Major and minor number, where it has a node.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        let major = self.get("MAJOR")?.parse().ok()?;
        let minor = self.get("MINOR").and_then(|minor| minor.parse().ok()).unwrap_or(0);
        Some((major, minor)).filter(|number| *number != (0, 0))
    }

    /// Number of a network interface.
    #[must_use]
    pub fn interface(&self) -> Option<&str> {
        self.get("IFINDEX")
            .filter(|index| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The name of its record in the database: `b8:0`, `c1:3`, `n2`, `+SUBSYSTEM:NAME`.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        if let Some((major, minor)) = self.number() {
            let kind = if self.subsystem() == "block" { 'b' } else { 'c' };
            return Some(format!("{kind}{major}:{minor}"));
        }
        if let Some(index) = self.interface() {
            return Some(format!("n{index}"));
        }
        let name = self.devpath.rsplit('/').next()?;
        match self.subsystem() {
            "" => None,
            "drivers" => {
                let bus = self.devpath.split("/drivers/").next()?.rsplit('/').next()?;
                Some(format!("+drivers:{bus}:{name}"))
            }
            subsystem => Some(format!("+{subsystem}:{name}")),
        }
    }

    /// The last component of where a link in its directory leads.
    fn link(&self, name: &str) -> Option<String> {
        let target = fs::read_link(self.path().join(name)).ok()?;
        Some(target.file_name()?.to_str()?.to_owned())
    }

    /// A file of its directory, without newlines at the end; each is read once.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        if let Some(known) = self.attributes.borrow().get(name) {
            return known.clone();
        }
        let value = self.read_attribute(name);
        self.attributes.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    fn read_attribute(&self, name: &str) -> Option<String> {
        // A name with `..` may leave the directory, as rules do, but not /sys.
        if name.starts_with('/')
            || name.split('/').filter(|part| *part == "..").count() >= self.devpath.split('/').count()
        {
            return None;
        }
        let path = self.path().join(name);
        match fs::read(&path) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned()),
            Err(_) if ["driver", "subsystem", "module"].contains(&name) => self.link(name),
            Err(_) => None,
        }
    }

    /// Writes to an attribute.
    ///
    /// # Errors
    /// As in open(2), write(2).
    pub fn write_attribute(&self, name: &str, value: &str) -> io::Result<()> {
        self.attributes.borrow_mut().remove(name);
        let path = self.path().join(name);
        io::Write::write_all(&mut fs::OpenOptions::new().write(true).open(path)?, value.as_bytes())
    }

    /// The next device above it.
    #[must_use]
    pub fn parent(&self) -> Option<Device> {
        let mut path = self.devpath.as_str();
        while let Some((above, _)) = path.rsplit_once('/') {
            path = above;
            // Directly below are the roots of trees (`/devices`, `/devices/virtual`), which are no devices.
            if path.matches('/').count() < 2 {
                return None;
            }
            if let Some(device) = Device::of_devpath(&self.root, path) {
                return Some(device);
            }
        }
        None
    }

    /// All properties with those that udevd adds: DEVLINKS, TAGS, CURRENT_TAGS, USEC_INITIALIZED.
    #[must_use]
    pub fn all_properties(&self) -> Vec<(String, String)> {
        let mut all = self.properties.clone();
        let mut add = |key: &str, value: String| {
            if !value.is_empty() {
                all.insert(key.to_owned(), value);
            }
        };
        let tags = |tags: &std::collections::BTreeSet<String>| match tags.len() {
            0 => String::new(),
            _ => format!(":{}:", tags.iter().map(String::as_str).collect::<Vec<_>>().join(":")),
        };
        add("DEVLINKS", self.links());
        add("TAGS", tags(&self.record.tags));
        add("CURRENT_TAGS", tags(&self.record.current_tags));
        if self.record.initialized != 0 {
            add("USEC_INITIALIZED", self.record.initialized.to_string());
        }
        all.into_iter().filter(|(key, _)| !key.starts_with('.')).collect()
    }

    /// Its links as paths, with blanks between.
    #[must_use]
    pub fn links(&self) -> String {
        self.record.links.iter().map(|link| format!("/dev/{link}")).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    #[test]
    fn from_its_directory() {
        let fake = Fake::disk();
        let device = fake.device("class/block/sda1");
        assert_eq!(
            device.devpath,
            "/devices/pci0000:00/0000:00:02.0/host0/target0:0:0/0:0:0:0/block/sda/sda1"
        );
        assert_eq!((device.name().as_str(), device.number_in_name().as_str()), ("sda1", "1"));
        assert_eq!(
            (device.subsystem(), device.node(), device.number()),
            ("block", Some("/dev/sda1"), Some((8, 1)))
        );
        assert_eq!(
            (device.id().as_deref(), device.attribute("partition").as_deref()),
            (Some("b8:1"), Some("1"))
        );
        let mut names = Vec::new();
        let mut next = device.parent();
        while let Some(device) = next {
            names.push(format!("{}/{}", device.subsystem(), device.name()));
            next = device.parent();
        }
        assert_eq!(
            names,
            ["block/sda", "scsi/0:0:0:0", "scsi/target0:0:0", "scsi/host0", "pci/0000:00:02.0"]
        );
        assert_eq!(fake.device("bus/pci/devices/0000:00:02.0").driver(), "ahci");
    }

    #[test]
    fn ids_lead_back() {
        let fake = Fake::disk();
        for id in ["b8:0", "n2", "+pci:0000:00:02.0", "+drivers:pci:ahci"] {
            let device = Device::of_id(fake.root(), id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(device.id().as_deref(), Some(id));
        }
        assert!(Device::of_id(fake.root(), "b9:9").is_none() && Device::of_id(fake.root(), "").is_none());
    }

    #[test]
    fn attributes_stay_inside() {
        let fake = Fake::disk();
        let device = fake.device("class/block/sda1");
        assert_eq!(device.attribute("../size").as_deref(), Some("2048"));
        assert_eq!(device.attribute("../../../../../../../../../../../etc/passwd"), None);
        assert_eq!(device.attribute("/etc/passwd"), None);
        assert_eq!(device.attribute("nothing"), None);
    }
}
