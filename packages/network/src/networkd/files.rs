// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files in /run, and settings in /proc/sys.

use qos_sys::error_text;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Directory of states, leases and the socket, below the root.
pub const STATE: &str = "run/systemd/netif";
/// The file for the C library.
pub const RESOLV_CONF: &str = "run/systemd/resolve/resolv.conf";

/// Files of the system at a root.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Makes the directories.
    ///
    /// # Errors
    /// The directory that cannot be made, and why.
    pub fn new(root: &Path) -> Result<Files, (PathBuf, io::Error)> {
        let files = Files { root: root.to_owned() };
        for directory in ["links", "leases"].map(|name| files.state(name)) {
            fs::create_dir_all(&directory).map_err(|error| (directory, error))?;
        }
        Ok(files)
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file of [`STATE`].
    #[must_use]
    pub fn state(&self, name: &str) -> PathBuf {
        self.root.join(STATE).join(name)
    }

    /// Puts `text` in a file in one step, if it has not that text already.
    pub fn write(&self, path: &Path, text: &str) {
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return;
        }
        let new = path.with_extension("new");
        let done = fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))
            .and_then(|()| fs::write(&new, text))
            .and_then(|()| fs::rename(&new, path));
        if let Err(error) = done {
            // Nothing half-made stays.
            let _ = fs::remove_file(&new);
            eprintln!("{}: {}", path.display(), error_text(&error));
        }
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, path: &Path) {
        if let Err(error) = fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            eprintln!("{}: {}", path.display(), error_text(&error));
        }
    }
}

/// Writes a setting of a link in `/proc/sys/net/FAMILY/conf`. Without that family in the kernel there is nothing to set.
pub fn set(family: &str, link: &str, key: &str, value: &str) {
    let path = Path::new("/proc/sys/net").join(family).join("conf").join(link).join(key);
    if fs::read_to_string(&path).is_ok_and(|old| old.trim() == value) {
        return;
    }
    if let Err(error) = fs::write(&path, value)
        && error.kind() != io::ErrorKind::NotFound
    {
        eprintln!("{}: {}", path.display(), error_text(&error));
    }
}

/// udev's ID_PATH of the link of that index, and the name of its driver.
#[must_use]
pub fn place(root: &Path, index: u32, name: &str) -> (String, String) {
    let record = fs::read_to_string(root.join(format!("run/udev/data/n{index}"))).unwrap_or_default();
    let path = record.lines().find_map(|line| line.strip_prefix("E:ID_PATH=")).unwrap_or_default();
    let driver = fs::read_link(Path::new("/sys/class/net").join(name).join("device/driver"));
    let driver = driver.ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    (path.to_owned(), driver.unwrap_or_default())
}
