// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of sysctl.d(5), in the order in which they count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Directories, the one that counts most first.
const DIRECTORIES: [&str; 5] =
    ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"];

/// The files `*.conf` by their names, whatever their directories, each as the first directory has it, and `/etc/sysctl.conf`. One
/// that is empty, or a link to /dev/null, stands for nothing.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut files = BTreeMap::new();
    for directory in DIRECTORIES {
        for entry in fs::read_dir(root.join(directory)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "conf") {
                files.entry(entry.file_name()).or_insert(path);
            }
        }
    }
    let last = root.join("etc/sysctl.conf");
    files.into_values().chain([last]).filter(|path| path.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "lib/sysctl.d/20-b.conf",
            "lib/sysctl.d/30-c.conf",
            "etc/sysctl.d/20-b.conf",
            "run/sysctl.d/10-a.conf",
            "etc/sysctl.d/README",
            "etc/sysctl.conf",
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink("/dev/null", root.path().join("etc/sysctl.d/30-c.conf")).unwrap();
        let found: Vec<_> = files(root.path())
            .iter()
            .map(|path| path.strip_prefix(root.path()).unwrap().to_owned())
            .collect();
        assert_eq!(
            found,
            ["run/sysctl.d/10-a.conf", "etc/sysctl.d/20-b.conf", "etc/sysctl.conf"].map(PathBuf::from)
        );
    }
}
