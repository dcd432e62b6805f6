// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files that the report is made of: databases that the user has, and the index that cargo keeps.

use crate::rustsec::Database;
use crate::tracker::Tracker;
use crate::yanked;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Reads the RustSec database in `directory`: a checkout of its repository, or an unpacked archive of it.
///
/// # Errors
///
/// It cannot be read, is another directory, or has a malformed file; the message ends with what to do.
pub fn advisory_db(directory: &Path) -> Result<Database, String> {
    let crates = directory.join("crates");
    let read = |path: &Path| -> std::io::Result<Vec<PathBuf>> {
        let mut paths: Vec<_> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.sort();
        Ok(paths)
    };
    let cannot = |path: &Path, error: &std::io::Error| format!("cannot read {}: {error}", path.display());
    let packages = read(&crates).map_err(|error| {
        format!(
            "{}; --advisory-db takes a checkout of the RustSec advisory database, which has the directory crates",
            cannot(&crates, &error)
        )
    })?;
    let mut files = Vec::new();
    for package in packages.iter().filter(|path| path.is_dir()) {
        for path in read(package).map_err(|error| cannot(package, &error))? {
            if path.extension().is_some_and(|extension| extension == "md") {
                let content = fs::read(&path).map_err(|error| cannot(&path, &error))?;
                files.push((name(package), name(&path), content));
            }
        }
    }
    let files = files.iter().map(|(package, file, content)| (&**package, &**file, &**content));
    Database::new(files).map_err(|error| {
        format!(
            "{}/{error}; update the database (git -C {} pull), or correct the file",
            crates.display(),
            directory.display()
        )
    })
}

/// Reads the file of Debian's security tracker, as far as it is about the source packages in `wanted`.
///
/// # Errors
///
/// It cannot be read, or is malformed; the message ends with what to do.
pub fn debian_tracker(file: &Path, wanted: &BTreeSet<String>) -> Result<Tracker, String> {
    let content = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Tracker::parse(&content, wanted).map_err(|error| {
        format!(
            "{}: {error}; download the file again: https://security-tracker.debian.org/tracker/data/json",
            file.display()
        )
    })
}

/// The names of the crates in the directory `packages` of the work tree at `root`: those of guest programs.
///
/// # Errors
///
/// A `Cargo.toml` cannot be read, or has no name.
pub fn guest_members(root: &Path) -> Result<BTreeSet<String>, String> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let packages = root.join("packages");
    let entries =
        fs::read_dir(&packages).map_err(|error| format!("cannot read {}: {error}", packages.display()))?;
    let mut names = BTreeSet::new();
    for path in entries.flatten().map(|entry| entry.path().join("Cargo.toml")).filter(|path| path.exists()) {
        let text =
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let manifest: Manifest =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        names.insert(manifest.package.name);
    }
    Ok(names)
}

/// Whether cargo's copies of the registries' indexes, below cargo's home, say that a version of a crate was yanked.
pub fn is_yanked(cargo_home: &Path, name: &str, version: &str) -> Option<bool> {
    let registries = fs::read_dir(cargo_home.join("registry/index")).ok()?;
    let path = yanked::path(name)?;
    let files = registries.flatten().map(|registry| registry.path().join(".cache").join(&path));
    files.filter_map(|file| fs::read(file).ok()).find_map(|file| yanked::is_yanked(&file, version))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
