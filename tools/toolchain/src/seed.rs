// SPDX-License-Identifier: MIT OR Apache-2.0
//! Setup: from the lock to trees in the Nix store. [`update`] makes the lock from the spec.

#[cfg(any(test, feature = "update"))]
pub mod update;

use crate::apt::Mirrors;
use crate::archive::{Archive, Gone};
use crate::cache::{Cache, WorkFolder};
use crate::context::{Context, Unit};
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::index::Index;
use crate::lock::{Lock, LockedTree, Pin, check_upgrade};
use crate::spec::Spec;
use crate::unpack::{Package, unpack};
use crate::{nar, sources, store, version};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The toolchain's directory (`tools/toolchain`), read.
pub struct Toolchain {
    folder: PathBuf,
    spec: Spec,
    /// The contents of `toolchain.lock`.
    pub lock: Lock,
}

/// How to go about it.
pub struct Options {
    /// Never change the lock.
    pub locked: bool,
    /// An update may pin an older version than the lock has.
    pub allow_downgrade: bool,
    /// Use the cache only.
    pub offline: bool,
    /// Where packages come from.
    pub mirrors: Mirrors,
    /// The cache's directory.
    pub cache: PathBuf,
    /// Trees to make although they are made on demand only.
    pub demanded: Vec<String>,
}

/// What to do when an index has older versions than the lock.
const TO_DOWNGRADE: &str =
    "use another --mirror, or accept the older versions with: cargo xtask update --allow-downgrade";

impl Toolchain {
    /// Reads `toolchain.toml` and `toolchain.lock`; a missing lock is an empty one.
    ///
    /// # Errors
    ///
    /// One of them cannot be read, or has a mistake.
    pub fn load(folder: &Path) -> Result<Toolchain> {
        let spec_file = folder.join("toolchain.toml");
        let spec = fs::read_to_string(&spec_file).map_err(|error| Error::io("read", &spec_file, &error))?;
        let lock_file = folder.join("toolchain.lock");
        let lock = match fs::read_to_string(&lock_file) {
            Ok(text) => Lock::parse(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Lock::default(),
            Err(error) => return Err(Error::io("read", &lock_file, &error)),
        };
        Ok(Toolchain { folder: folder.to_owned(), spec: Spec::parse(&spec)?, lock })
    }

    /// The store paths of the trees, by the lock: those that are always made, and those of `demanded`.
    ///
    /// # Errors
    ///
    /// An invalid hash in the lock; an unknown tree in `demanded`.
    pub fn paths(&self, demanded: &[String]) -> Result<Vec<PathBuf>> {
        let trees = self.wanted(demanded)?;
        trees.map(|(name, tree)| Ok(store::tree_path(&tree.name, &tree.sum(name)?))).collect()
    }

    /// The trees of the lock that are always made, and those of `demanded`.
    fn wanted<'a>(
        &'a self,
        demanded: &'a [String],
    ) -> Result<impl Iterator<Item = (&'a String, &'a LockedTree)>> {
        if let Some(name) = demanded.iter().find(|name| !self.lock.trees.contains_key(*name)) {
            let names: Vec<_> = self.lock.trees.keys().map(String::as_str).collect();
            return Err(Error::new(format!("unknown tree {name}; the trees are {}", names.join(", "))));
        }
        let on_demand = |name: &String| self.spec.trees.get(name).is_some_and(|tree| tree.on_demand);
        Ok(self.lock.trees.iter().filter(move |(name, _)| !on_demand(name) || demanded.contains(name)))
    }

    /// Adds every tree of the lock to the store, except those on demand that `options` does not name; paths that
    /// exist already are kept.
    ///
    /// A package that no mirror has is pinned to the newest build of its upstream series, unless
    /// `options.locked`; the lock file is then written anew. An older build is never taken.
    ///
    /// # Errors
    ///
    /// The lock does not fit the spec; a download, an unpacking, the store fail. Nothing half-made remains, and the
    /// next call uses the files that are downloaded already.
    pub fn setup(&mut self, context: &Context<'_>, options: &Options) -> Result<()> {
        self.check_spec()?;
        let invalid = store::invalid(&self.paths(&options.demanded)?)?;
        let mut missing = Vec::new();
        for (name, tree) in self.wanted(&options.demanded)? {
            if invalid.contains(&store::tree_path(&tree.name, &tree.sum(name)?)) {
                missing.push(name.clone());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let cache = open_cache(context, options)?;
        let (spec, keys) = (&self.spec, self.keys());
        let archive = Archive::new(spec, options.mirrors.clone(), &cache, options.offline)?;
        let mut repinned = false;
        loop {
            let trees = missing.iter().map(|name| self.lock.tree(name)).collect::<Result<Vec<_>>>()?;
            let gone = match archive.download(context, &distinct(&trees))? {
                Ok(()) => break,
                Err(Gone(gone)) => gone,
            };
            if options.locked {
                return Err(gone_error(
                    &gone,
                    "--locked does not allow another build; run: cargo xtask update",
                ));
            }
            let changed = repin(&mut self.lock, spec, &keys, context, &archive, &gone)?;
            missing.extend(changed.into_iter().filter(|name| !missing.contains(name)).collect::<Vec<_>>());
            repinned = true;
        }
        for name in missing {
            let tree = self.lock.tree(&name)?.clone();
            let (work, sum) = make(context, &archive, &cache, spec, &name, &tree)?;
            if sum != tree.sum(&name)? {
                if !repinned {
                    return Err(Error::new(format!(
                        "the unpacked tree {name} has the hash {}, but toolchain.lock has {}; if you edited the tree's definition, run: cargo xtask update",
                        sum.sri(),
                        tree.hash
                    )));
                }
                if let Some(locked) = self.lock.trees.get_mut(&name) {
                    locked.hash = sum.sri();
                }
            }
            add(context, &name, &tree, &work, &sum)?;
        }
        if repinned { self.save() } else { Ok(()) }
    }

    fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// The lock has to have each tree of the spec, made by the spec as it is now.
    ///
    /// # Errors
    ///
    /// It does not match; the message names the tree and the command to run.
    pub fn check_spec(&self) -> Result<()> {
        if let Some(name) = self.lock.trees.keys().find(|name| !self.spec.trees.contains_key(*name)) {
            return Err(Error::new(format!(
                "toolchain.lock has the tree {name}, which toolchain.toml does not define; run: cargo xtask update"
            )));
        }
        for (name, tree) in &self.spec.trees {
            let locked = self.lock.tree(name)?;
            if locked.spec != tree.fingerprint()? || locked.name != tree.name {
                return Err(Error::new(format!(
                    "the definition of the tree {name} in toolchain.toml is newer than toolchain.lock; run: cargo xtask update"
                )));
            }
        }
        Ok(())
    }

    /// Writes the lock, whole or not at all.
    fn save(&self) -> Result<()> {
        let path = self.folder.join("toolchain.lock");
        let new = self.folder.join("toolchain.lock.new");
        fs::write(&new, self.lock.render())
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| Error::io("write", &path, &error))
    }
}

/// Pins packages that no mirror has to the newest build of their series, with all that was built with them, and returns
/// the names of the trees that this changes.
fn repin(
    lock: &mut Lock,
    spec: &Spec,
    keys: &Path,
    context: &Context<'_>,
    archive: &Archive<'_>,
    gone: &[Pin],
) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    let gone: Vec<&Pin> = gone.iter().collect();
    for (name, tree) in &mut lock.trees {
        if !tree.packages.iter().any(|pin| gone.contains(&pin)) {
            continue;
        }
        let spec = &spec.trees[name];
        // The newest build of a pin.
        let newest: Box<dyn Fn(&Pin) -> Pin> = if let Some(source) = &spec.source {
            let new = archive.source(context, &spec.suites, keys, source)?;
            Box::new(move |_| new.clone())
        } else {
            let index: Index = archive.index(context, &spec.suites, keys)?;
            let gone = gone.clone();
            Box::new(move |pin| sibling(&index, pin, &gone))
        };
        for pin in &mut tree.packages {
            let new = newest(pin);
            if new == *pin {
                if gone.contains(&&*pin) {
                    return Err(gone_error(
                        std::slice::from_ref(pin),
                        "and its suite lists no other build; use another --mirror",
                    ));
                }
                continue;
            }
            if version::series(&new.version) != version::series(&pin.version) {
                return Err(gone_error(
                    std::slice::from_ref(pin),
                    &format!(
                        "and its suite has {} instead; to pin that, run: cargo xtask update",
                        new.version
                    ),
                ));
            }
            check_upgrade(name, std::slice::from_ref(pin), std::slice::from_ref(&new), TO_DOWNGRADE)?;
            context.progress.notice(&format!(
                "toolchain.lock: no mirror has {} {}; pinned {} instead (commit the change)",
                pin.name, pin.version, new.version
            ));
            *pin = new;
        }
        changed.push(name.clone());
    }
    Ok(changed)
}

fn open_cache(context: &Context<'_>, options: &Options) -> Result<Cache> {
    Cache::open(&options.cache, || context.progress.notice("waiting for another setup to finish"))
}

/// The packages of several trees, each file once.
fn distinct<'a>(trees: &[&'a LockedTree]) -> Vec<&'a Pin> {
    let pins = trees.iter().flat_map(|tree| &tree.packages);
    pins.map(|pin| (pin.file_name(), pin)).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// The newest build of `pin`, if it is one of `named` or was built with one of them (same suite and version);
/// else `pin` as it is.
fn sibling(index: &Index, pin: &Pin, named: &[&Pin]) -> Pin {
    let moves = named.iter().any(|other| other.suite == pin.suite && other.version == pin.version);
    index.get(&pin.name).filter(|_| moves).map_or_else(|| pin.clone(), Pin::from)
}

fn gone_error(gone: &[Pin], what_next: &str) -> Error {
    let names: Vec<_> = gone.iter().take(3).map(|pin| format!("{} {}", pin.name, pin.version)).collect();
    let more = if gone.len() > 3 { format!(" and {} more", gone.len() - 3) } else { String::new() };
    Error::new(format!("no mirror has {}{more}; {what_next}", names.join(", ")))
}

/// Unpacks a tree into a work directory, and sums it up.
fn make(
    context: &Context<'_>,
    archive: &Archive<'_>,
    cache: &Cache,
    spec: &Spec,
    name: &str,
    tree: &LockedTree,
) -> Result<(WorkFolder, Sum)> {
    let work = cache.work(name);
    let root = work.path().join(&tree.name);
    let packages: Vec<Package> = tree
        .packages
        .iter()
        .map(|pin| Package {
            name: pin.name.clone(),
            file: archive.file(pin),
            whole: (pin.arch == sources::ARCH).then(|| Path::new("usr/src").join(pin.file_name())),
            size: pin.size,
        })
        .collect();
    let total = packages.iter().map(|package| package.size).sum();
    {
        let task = context.progress.task(&format!("unpack {name}"), total, Unit::Bytes);
        unpack(context, &*task, &spec.trees[name], &packages, &root)?;
    }
    let task = context.progress.task(&format!("check {name}"), 0, Unit::Bytes);
    let sum = nar::sum(context, &*task, &root)?;
    Ok((work, sum))
}

/// Adds a tree to the store, and checks that its path follows from the sum.
fn add(context: &Context<'_>, name: &str, tree: &LockedTree, work: &WorkFolder, sum: &Sum) -> Result<()> {
    context.check()?;
    let _task = context.progress.task(&format!("add {name} to the store"), 0, Unit::Items);
    let added = store::add_tree(&work.path().join(&tree.name))?;
    let expected = store::tree_path(&tree.name, sum);
    if added == expected {
        return Ok(());
    }
    Err(Error::new(format!(
        "the store path of the tree {name} is {}, not {} as expected",
        added.display(),
        expected.display()
    )))
}

#[cfg(test)]
mod tests;
