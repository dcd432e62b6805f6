// SPDX-License-Identifier: MIT OR Apache-2.0
//! The sources that the loop builds in a system's own repository: a directory with those of its qos, over which the system's are laid, as
//! `tools/nix/system.nix` lays them. A file is written only if it differs, so that builds take what changed.

use qos_host::root;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What the loop reads of qos.
const OF_QOS: [&str; 8] =
    ["kernel", "packages", "rootfs", "tools", ".cargo", "Cargo.toml", "Cargo.lock", "flake.nix"];
/// What a system has of its own.
const OWN: [&str; 3] = ["kernel", "packages", "rootfs"];
/// The file in the directory with the path of the qos, and then the files of the system that were laid over it.
const STAMP: &str = ".merged";

/// A directory with the sources of both.
pub struct Merged {
    qos: PathBuf,
    system: PathBuf,
    tree: PathBuf,
}

impl Merged {
    /// The directory for the work tree at `root`, if that is a system's own repository.
    pub fn of(root: &Path) -> Option<Merged> {
        let tree = root::scratch(root).join("tree");
        (!root::is_qos(root)).then(|| Merged { qos: root::qos().to_owned(), system: root.to_owned(), tree })
    }

    /// The directory.
    pub fn tree(&self) -> &Path {
        &self.tree
    }

    /// Brings the directory up to date.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn update(&self) -> io::Result<()> {
        let stamp = self.tree.join(STAMP);
        let before = optional(fs::read_to_string(&stamp))?.unwrap_or_default();
        let mut laid: Vec<&Path> = before.lines().map(Path::new).collect();
        let own = files(&self.system, &OWN)?;
        if laid.is_empty() || laid.remove(0) != self.qos {
            let of_qos = files(&self.qos, &OF_QOS)?;
            for file in files(&self.tree, &OF_QOS)?.difference(&of_qos).filter(|file| !own.contains(*file)) {
                self.remove(file)?;
            }
            for file in of_qos.difference(&own) {
                copy(&self.qos.join(file), &self.tree.join(file))?;
            }
        }
        for file in laid.into_iter().filter(|file| !own.contains(*file)) {
            match self.qos.join(file) {
                replaced if replaced.is_file() => copy(&replaced, &self.tree.join(file))?,
                _ => self.remove(file)?,
            }
        }
        for file in &own {
            copy(&self.system.join(file), &self.tree.join(file))?;
        }
        let lines = own.iter().map(|file| format!("{}\n", file.display())).collect::<String>();
        fs::write(stamp, format!("{}\n{lines}", self.qos.display()))
    }

    /// Removes a file, and the directories that are empty then: cargo takes a directory of the workspace for a crate.
    fn remove(&self, file: &Path) -> io::Result<()> {
        optional(fs::remove_file(self.tree.join(file)))?;
        for folder in file.ancestors().skip(1) {
            if folder.as_os_str().is_empty() || fs::remove_dir(self.tree.join(folder)).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// The files below the `names` in a directory, by their paths from it.
fn files(directory: &Path, names: &[&str]) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut todo: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
    while let Some(below) = todo.pop() {
        let path = directory.join(&below);
        if !path.is_dir() {
            found.extend(path.is_file().then_some(below));
            continue;
        }
        for entry in optional(fs::read_dir(&path))?.into_iter().flatten() {
            let name = entry?.file_name();
            if name != "target" {
                todo.push(below.join(name));
            }
        }
    }
    Ok(found)
}

/// Makes `to` a copy of a file that the user can write, unless it is one. A file that has vanished is not copied: its directory is
/// watched.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let Some(content) = optional(fs::read(from))? else { return Ok(()) };
    let Some(mode) = optional(fs::metadata(from))?.map(|data| data.permissions().mode() | 0o200) else {
        return Ok(());
    };
    if optional(fs::read(to))?.as_ref() != Some(&content) {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::write(to, content)?;
    }
    if fs::metadata(to)?.permissions().mode() & 0o777 == mode & 0o777 {
        return Ok(());
    }
    fs::set_permissions(to, Permissions::from_mode(mode))
}

/// `None` if what was asked for is not there.
fn optional<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_host::testing::Folder;
    use std::time::SystemTime;

    fn merged(folder: &Folder, qos: &str) -> Merged {
        fs::create_dir_all(folder.path("tree")).unwrap();
        let merged =
            Merged { qos: folder.path(qos), system: folder.path("system"), tree: folder.path("tree") };
        merged.update().unwrap();
        merged
    }

    #[test]
    fn a_file_of_the_system_replaces_that_of_qos_until_it_goes() {
        let folder = Folder::temporary();
        folder.write("qos/Cargo.toml", "qos");
        folder.write("qos/rootfs/a", "qos");
        folder.write("qos/README.md", "");
        folder.write("system/rootfs/a", "system");
        folder.write("system/packages/own/Cargo.toml", "own");
        folder.write("system/flake.nix", "");
        fs::set_permissions(folder.path("qos/Cargo.toml"), Permissions::from_mode(0o444)).unwrap();
        let merged = merged(&folder, "qos");
        assert_eq!(folder.read("tree/rootfs/a"), "system");
        assert_eq!(folder.read("tree/packages/own/Cargo.toml"), "own");
        assert!(!folder.path("tree/README.md").exists() && !folder.path("tree/flake.nix").exists());
        // Cargo writes into the directory.
        folder.write("tree/Cargo.toml", "changed");
        fs::remove_file(folder.path("system/rootfs/a")).unwrap();
        fs::remove_dir_all(folder.path("system/packages")).unwrap();
        merged.update().unwrap();
        assert_eq!(
            (folder.read("tree/rootfs/a").as_str(), folder.read("tree/Cargo.toml").as_str()),
            ("qos", "changed")
        );
        assert!(!folder.path("tree/packages").exists());
    }

    #[test]
    fn an_unchanged_file_is_not_written() {
        let folder = Folder::temporary();
        folder.write("qos/rootfs/a", "same");
        folder.write("other/rootfs/a", "same");
        folder.write("other/rootfs/b", "new");
        folder.write("qos/rootfs/c", "old");
        folder.write("system/rootfs/d", "own");
        merged(&folder, "qos");
        let old = SystemTime::UNIX_EPOCH;
        for file in ["a", "d"] {
            fs::File::open(folder.path("tree/rootfs").join(file)).unwrap().set_modified(old).unwrap();
        }
        merged(&folder, "other");
        for file in ["a", "d"] {
            assert_eq!(
                fs::metadata(folder.path("tree/rootfs").join(file)).unwrap().modified().unwrap(),
                old,
                "{file}"
            );
        }
        assert_eq!(folder.read("tree/rootfs/b"), "new");
        assert!(!folder.path("tree/rootfs/c").exists());
    }

    #[test]
    fn modes_are_those_of_the_files() {
        let folder = Folder::temporary();
        folder.write("qos/rootfs/a", "");
        folder.write("system/rootfs/b", "");
        fs::set_permissions(folder.path("system/rootfs/b"), Permissions::from_mode(0o555)).unwrap();
        let merged = merged(&folder, "qos");
        let mode = |file: &str| fs::metadata(folder.path(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("tree/rootfs/b"), 0o755);
        fs::set_permissions(folder.path("system/rootfs/b"), Permissions::from_mode(0o644)).unwrap();
        merged.update().unwrap();
        assert_eq!(mode("tree/rootfs/b"), 0o644);
    }
}
