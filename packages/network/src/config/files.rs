// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files on disk: directories, masks, drop-ins (systemd.network(5), "Description").

use super::Network;
use qos_unit::syntax::{Assignment, Place, Warning, parse};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories below the root; a file of one hides those of the same name in the ones after it.
const DIRECTORIES: [&str; 5] = [
    "etc/systemd/network",
    "run/systemd/network",
    "usr/local/lib/systemd/network",
    "usr/lib/systemd/network",
    "lib/systemd/network",
];

/// Reads all files of the system at `root`, in the order in which they are tried, and warnings about them.
#[must_use]
pub fn read(root: &Path) -> (Vec<Network>, Vec<Warning>) {
    let (mut networks, mut warnings) = (Vec::new(), Vec::new());
    for path in list(root, "", "network") {
        let mut files = vec![path.clone()];
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.extend(list(root, &format!("{name}.d"), "conf"));
        let mut assignments: Vec<Assignment> = Vec::new();
        for file in &files {
            let name = shown(root, file);
            match fs::read(file) {
                Ok(content) => {
                    let (found, warned) = parse(&name, &content);
                    assignments.extend(found);
                    warnings.extend(warned);
                }
                Err(error) => {
                    let text = format!("{}: ignored", qos_sys::error_text(&error));
                    warnings.push(Warning { place: Place { file: name.as_str().into(), line: 1 }, text });
                }
            }
        }
        let (mut network, warned) = Network::new(&shown(root, &path), &assignments);
        warnings.extend(warned);
        network.drop_ins = files[1..].iter().map(|file| shown(root, file)).collect();
        networks.push(network);
    }
    (networks, warnings)
}

/// Files of a subdirectory that have an extension and are not masked, by name.
fn list(root: &Path, below: &str, extension: &str) -> Vec<PathBuf> {
    let mut files: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for directory in DIRECTORIES {
        let entries = fs::read_dir(root.join(directory).join(below)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        for path in paths.filter(|path| path.extension().is_some_and(|found| found == extension)) {
            files.entry(path.file_name().unwrap_or_default().to_owned()).or_insert(path);
        }
    }
    files.into_values().filter(|path| !is_masked(path)).collect()
}

/// Whether the file is empty, or a link to /dev/null.
fn is_masked(path: &Path) -> bool {
    fs::read_link(path).is_ok_and(|target| target == Path::new("/dev/null"))
        || fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() == 0)
}

fn shown(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    Path::new("/").join(below).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_masks_and_drop_ins() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("etc/systemd/network/20-a.network", "[Match]\nName=a\n[Network]\nDNS=192.0.2.1\n"),
            ("usr/lib/systemd/network/20-a.network", "[Match]\nName=never\n"),
            ("lib/systemd/network/10-b.network", "[Match]\nName=b\n[Network]\nbad=1\n"),
            ("run/systemd/network/30-c.network", ""),
            ("usr/lib/systemd/network/30-c.network", "[Match]\nName=c\n"),
            ("usr/lib/systemd/network/40-d.network", "[Match]\nName=d\n"),
            ("etc/systemd/network/readme.txt", "x"),
            ("usr/lib/systemd/network/20-a.network.d/10.conf", "[Network]\nDNS=192.0.2.2\n"),
            ("etc/systemd/network/20-a.network.d/20.conf", "[Network]\nDNS=192.0.2.4\n"),
            ("run/systemd/network/20-a.network.d/20.conf", "[Network]\nDNS=192.0.2.9\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        std::os::unix::fs::symlink("/dev/null", root.path().join("etc/systemd/network/40-d.network"))
            .unwrap();
        let (networks, warnings) = read(root.path());
        let files: Vec<_> = networks.iter().map(|network| network.file.as_str()).collect();
        assert_eq!(files, ["/lib/systemd/network/10-b.network", "/etc/systemd/network/20-a.network"]);
        let dns: Vec<_> = networks[1].dns.iter().map(ToString::to_string).collect();
        assert_eq!(dns, ["192.0.2.1", "192.0.2.2", "192.0.2.4"]);
        assert_eq!(networks[1].drop_ins.len(), 2);
        let warned: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warned, ["/lib/systemd/network/10-b.network:4: [Network] bad= is not supported: ignored"]);
    }
}
