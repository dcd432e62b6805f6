// SPDX-License-Identifier: MIT OR Apache-2.0
//! Modules of the kernel's own tree, as `make modules_install` installs them, for `[drivers]` of a manifest.

use crate::modules::{self, ModInfo, Modules};
use crate::source::{content, find_modules};
use qos_inspect::Error;
use qos_manifest::{Drivers, did_you_mean};
use qos_tree::{Content, Kind, Node, Tree};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The files that are copied beside the modules, so that a built-in module is not searched as a file.
const BUILTIN: [&str; 2] = ["modules.builtin", "modules.builtin.modinfo"];

/// Adds the modules that `drivers` requests to `tree` and `index`, with their dependencies: `depends` and soft dependencies of their
/// `.modinfo`. `folder` is the kernel's `lib/modules`. Gives the release that they are for.
///
/// # Errors
/// A module is neither there nor built into the kernel, or is no module; `folder` has not one release.
pub(crate) fn add(
    tree: &mut Tree,
    index: &mut Modules,
    drivers: &Drivers,
    folder: &Path,
) -> Result<String, Error> {
    let (release, root) = release(folder)?;
    let mut found = BTreeMap::new();
    find_modules(&root.join("kernel"), &mut found)?;
    let builtin = builtin(&root)?;
    let mut queue: Vec<String> = drivers.names.keys().cloned().collect();
    if drivers.all {
        queue.extend(found.keys().cloned());
    }
    let missing = queue.iter().find(|name| !found.contains_key(*name) && !builtin.contains(*name));
    if let Some(name) = missing {
        let hint = did_you_mean(name, found.keys().map(String::as_str));
        let message =
            format!("driver `{name}` is neither in {} nor built into the kernel{hint}", root.display());
        return Err(match drivers.names.get(name) {
            Some(place) => Error::new(message).of(place),
            None => Error::new(message),
        });
    }
    let mut taken = BTreeSet::new();
    while let Some(name) = queue.pop() {
        let Some(path) = found.get(&name).filter(|_| taken.insert(name.clone())) else { continue };
        let info = take(tree, index, &root, &release, path)?;
        // A missing dependency is built in, or the check of the image reports it.
        queue.extend(info.depends.iter().cloned().chain(soft(&info)));
    }
    for name in BUILTIN {
        let path = root.join(name);
        if path.is_file() {
            let data = content(&path, name)?;
            modules::insert(tree, &format!("{release}/{name}"), Node::new(0o644, Kind::File(data)))?;
        }
    }
    Ok(release)
}

/// Puts one module into the tree and the index. A compressed one is stored as it is loaded: the image is compressed as a whole.
fn take(
    tree: &mut Tree,
    index: &mut Modules,
    root: &Path,
    release: &str,
    path: &Path,
) -> Result<ModInfo, Error> {
    let mut below = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    let mut data: Content = content(path, &below)?;
    let failed = |why| Error::new(why).of(path.display());
    let file = data.read().map_err(|error| Error::io("read", path, &error))?;
    let bytes = modules::unpacked(&file).map_err(failed)?;
    let file_name = below.rsplit('/').next().unwrap_or(&below);
    let info = modules::modinfo(file_name, &bytes).map_err(failed)?;
    if let Cow::Owned(bytes) = bytes {
        data = bytes.into();
        below.truncate(below.rfind(".ko").map_or(below.len(), |at| at + ".ko".len()));
    }
    if info.release != release {
        let message = format!("{} is built for {}, but lies under {release}", path.display(), info.release);
        return Err(Error::new(message));
    }
    modules::insert(tree, &format!("{release}/{below}"), Node::new(0o644, Kind::File(data)))?;
    index.insert(below, info.clone());
    Ok(info)
}

/// The modules that a module would like to have loaded before and after it.
fn soft(info: &ModInfo) -> impl Iterator<Item = String> + '_ {
    let words = info.softdeps.iter().flat_map(|line| line.split_whitespace());
    words.filter(|word| !matches!(*word, "pre:" | "post:")).map(|word| word.replace('-', "_"))
}

/// The one release in `lib/modules`, and its directory.
fn release(folder: &Path) -> Result<(String, PathBuf), Error> {
    let failed = |error| Error::io("read the directory", folder, &error);
    let mut releases = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("modules.dep").is_file() {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            releases.push((name, path));
        }
    }
    match <[_; 1]>::try_from(releases) {
        Ok([one]) => Ok(one),
        Err(releases) => Err(Error::new(format!(
            "{} has the modules of {} kernels, not of one: it is to be a kernel's lib/modules",
            folder.display(),
            releases.len()
        ))),
    }
}

/// The modules that are built into the kernel.
fn builtin(root: &Path) -> Result<BTreeSet<String>, Error> {
    let path = root.join(BUILTIN[0]);
    let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, &error))?;
    Ok(text.lines().filter_map(|line| modules::module_name(line.rsplit('/').next()?)).collect())
}
