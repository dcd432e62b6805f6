// SPDX-License-Identifier: MIT OR Apache-2.0
//! The repository's patches of the kernel and of crates.

use crate::files::{Sums, sums};
use crate::graph::CrateId;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Its path from the root of the repository: `kernel/patches/0001-….patch`.
    pub path: String,
    /// Its hashes.
    pub sums: Sums,
}

/// The patch at `path` below `root`.
///
/// # Errors
///
/// It cannot be read.
pub fn read(root: &Path, path: &str) -> Result<Patch, String> {
    let file = root.join(path);
    let content = fs::read(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(Patch { path: path.to_owned(), sums: sums(&content) })
}

/// The patches of crates below `root`, in the order in which they are applied, by `NAME-VERSION` of the crate:
/// `packages/PACKAGE/patches/NAME-VERSION/NN-WHAT.patch`.
///
/// # Errors
///
/// A directory or file cannot be read, or a name is not UTF-8.
pub fn of_crates(root: &Path) -> Result<BTreeMap<String, Vec<Patch>>, String> {
    let mut all: BTreeMap<String, Vec<Patch>> = BTreeMap::new();
    for package in names(&root.join("packages"))? {
        let patches = format!("packages/{package}/patches");
        for of in names(&root.join(&patches))? {
            for file in names(&root.join(&patches).join(&of))?.iter().filter(|name| name.ends_with(".patch"))
            {
                all.entry(of.clone()).or_default().push(read(root, &format!("{patches}/{of}/{file}"))?);
            }
        }
    }
    Ok(all)
}

/// The name of a crate's directory of patches.
#[must_use]
pub fn directory_of(id: &CrateId) -> String {
    format!("{}-{}", id.name, id.version)
}

/// The sorted names in a directory; none if there is no such directory.
fn names(directory: &Path) -> Result<Vec<String>, String> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let cannot = |error| format!("cannot read the directory {}: {error}", directory.display());
    let paths: Result<Vec<PathBuf>, _> =
        fs::read_dir(directory).map_err(cannot)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut names = Vec::new();
    for path in paths.map_err(cannot)? {
        let name = path.file_name().and_then(|name| name.to_str());
        names.push(name.ok_or_else(|| format!("{}: the name is not UTF-8", path.display()))?.to_owned());
    }
    names.sort();
    Ok(names)
}
