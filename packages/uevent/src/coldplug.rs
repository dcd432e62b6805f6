// SPDX-License-Identifier: MIT OR Apache-2.0
//! The devices that are present, in `/sys`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The texts of the files `modalias` below `directory`, in order.
#[must_use]
pub fn modaliases(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            // Links lead to devices that are elsewhere in the tree.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            } else if entry.file_name() == "modalias"
                && let Ok(text) = fs::read_to_string(entry.path())
                && !text.trim().is_empty()
            {
                found.insert(text.trim().to_owned());
            }
        }
    }
    found
}

/// The directories of all devices of `sys`, which is `/sys` but in tests, parents before their children. They are found by the
/// links of buses and classes, which are fewer than the directories of the tree.
#[must_use]
pub fn devices(sys: &Path) -> Vec<PathBuf> {
    let buses = entries(&sys.join("bus")).map(|bus| bus.join("devices"));
    let mut found = Vec::new();
    for list in buses.chain(entries(&sys.join("class"))) {
        // A class may also have plain files.
        found.extend(entries(&list).filter_map(|device| Some(resolved(&list, &fs::read_link(device).ok()?))));
    }
    // By bytes, which paths are not compared by: a begin of a path is before the path, and this is done at each boot.
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(PathBuf::from).collect()
}

/// The subsystems and drivers of `sys`: `bus/NAME`, and `bus/NAME/drivers/DRIVER`.
#[must_use]
pub fn subsystems(sys: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for bus in entries(&sys.join("bus")) {
        found.push(bus.clone());
        found.extend(entries(&bus.join("drivers")));
    }
    found.sort();
    found
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Where a link in `directory` leads: each `../` at the begin of its target takes a component off the directory.
fn resolved(directory: &Path, target: &Path) -> OsString {
    let mut above = directory.as_os_str().as_bytes();
    let mut rest = target.as_os_str().as_bytes();
    while let Some(after) = rest.strip_prefix(b"../") {
        let end = above.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        (above, rest) = (&above[..end], after);
    }
    OsString::from_vec([above, b"/", rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn aliases_below_a_directory() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("pci0/0/modalias", "pci:v1\n"),
            ("pci0/0/virtio0/modalias", "virtio:d2\n"),
            ("pci0/1/modalias", "pci:v1\n"),
            ("pci0/2/modalias", "\n"),
            ("pci0/2/uevent", "MODALIAS=x\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        symlink("../..", root.path().join("pci0/0/subsystem")).unwrap();
        let found: Vec<_> = modaliases(root.path()).into_iter().collect();
        assert_eq!(found, ["pci:v1", "virtio:d2"]);
    }

    #[test]
    fn parents_are_first() {
        let root = tempfile::tempdir().unwrap();
        let sys = root.path();
        for device in
            ["devices/pci0/0", "devices/pci0/0/virtio0", "devices/pci0/0/virtio0/block/vda", "devices/pci0-b"]
        {
            fs::create_dir_all(sys.join(device)).unwrap();
        }
        for (link, target) in [
            ("class/block/vda", "../../devices/pci0/0/virtio0/block/vda"),
            ("bus/virtio/devices/virtio0", "../../../devices/pci0/0/virtio0"),
            ("bus/pci/devices/0", "../../../devices/pci0/0"),
            ("bus/pci/devices/b", "../../../devices/pci0-b"),
            ("class/pci/0", "../../devices/pci0/0"),
        ] {
            fs::create_dir_all(sys.join(link).parent().unwrap()).unwrap();
            symlink(target, sys.join(link)).unwrap();
        }
        fs::create_dir_all(sys.join("bus/pci/drivers/virtio-pci")).unwrap();
        let found: Vec<_> =
            devices(sys).iter().map(|path| path.strip_prefix(sys).unwrap().display().to_string()).collect();
        assert_eq!(
            found,
            [
                "devices/pci0-b",
                "devices/pci0/0",
                "devices/pci0/0/virtio0",
                "devices/pci0/0/virtio0/block/vda"
            ]
        );
        let found: Vec<_> = subsystems(sys)
            .iter()
            .map(|path| path.strip_prefix(sys).unwrap().display().to_string())
            .collect();
        assert_eq!(found, ["bus/pci", "bus/pci/drivers/virtio-pci", "bus/virtio"]);
    }
}
