// SPDX-License-Identifier: MIT OR Apache-2.0
//! Update: from the spec to a lock.

use super::{Options, TO_DOWNGRADE, Toolchain, add, distinct, gone_error, make, open_cache, sibling};
use crate::archive::{Archive, Gone};
use crate::changelog::{self, Changelog};
use crate::context::{Context, Unit};
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::index::{Index, SourceVersion};
use crate::lock::{Lock, LockedTree, Pin, check_upgrade};
use crate::spec::Tree;
use crate::{resolve, sources};
use std::collections::BTreeMap;
use std::path::Path;

/// The result of an update.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The lock with the new pins.
    pub lock: Lock,
    /// The source packages of the pins.
    pub sources: Sources,
    /// The Debian changelogs of the packages whose version changed, as far as the packages contain them: the newest entries first.
    pub changelogs: BTreeMap<SourceVersion, String>,
}

/// Which source package a binary package was built from, according to the indexes that the update read.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<(String, String), SourceVersion>);

/// What an update pins.
struct Plan {
    /// The new lock. A tree in `changed` still has its old hash.
    lock: Lock,
    /// The names of the trees that have to be made.
    changed: Vec<String>,
    sources: Sources,
}

impl Toolchain {
    /// Pins the newest packages of the spec's suites, or only `packages` (and what was built with them), adds the
    /// trees that changed to the store, and writes the lock.
    ///
    /// # Errors
    ///
    /// As those of [`Toolchain::setup`], and those of an index that cannot be had or trusted.
    pub fn update(
        &mut self,
        context: &Context<'_>,
        options: &Options,
        packages: &[String],
    ) -> Result<Outcome> {
        let cache = open_cache(context, options)?;
        let archive = Archive::new(&self.spec, options.mirrors.clone(), &cache, options.offline)?;
        let Plan { lock: mut new, changed, sources } = self.plan(context, &archive, options, packages)?;
        let trees = changed.iter().map(|name| new.tree(name)).collect::<Result<Vec<_>>>()?;
        download(context, &archive, &distinct(&trees))?;
        for name in changed {
            let tree = new.tree(&name)?.clone();
            let (work, sum) = make(context, &archive, &cache, &self.spec, &name, &tree)?;
            if let Some(locked) = new.trees.get_mut(&name) {
                locked.hash = sum.sri();
            }
            add(context, &name, &tree, &work, &sum)?;
        }
        let changelogs = changelogs(context, &archive, &self.lock, &new, &sources)?;
        if new != self.lock {
            self.lock = new;
            self.save()?;
        }
        Ok(Outcome { lock: self.lock.clone(), sources, changelogs })
    }

    /// As [`Toolchain::update`], but changes neither the lock nor the store. Only the packages whose version would change are
    /// downloaded, into the cache. A tree of the result that would change has its old hash.
    ///
    /// # Errors
    ///
    /// As those of [`Toolchain::update`].
    pub fn preview(&self, context: &Context<'_>, options: &Options, packages: &[String]) -> Result<Outcome> {
        let cache = open_cache(context, options)?;
        let archive = Archive::new(&self.spec, options.mirrors.clone(), &cache, options.offline)?;
        let Plan { lock, sources, .. } = self.plan(context, &archive, options, packages)?;
        let updated = updated(&self.lock, &lock);
        let pins: BTreeMap<_, _> = updated.into_iter().map(|pin| (pin.file_name(), pin)).collect();
        download(context, &archive, &pins.into_values().collect::<Vec<_>>())?;
        let changelogs = changelogs(context, &archive, &self.lock, &lock, &sources)?;
        Ok(Outcome { lock, sources, changelogs })
    }

    fn plan(
        &self,
        context: &Context<'_>,
        archive: &Archive<'_>,
        options: &Options,
        packages: &[String],
    ) -> Result<Plan> {
        let mut found = 0;
        let mut changed = Vec::new();
        let mut new = Lock::default();
        let mut sources = Sources::default();
        for (name, spec) in &self.spec.trees {
            let old = self.lock.trees.get(name);
            let (pins, named) = pins(context, archive, &self.keys(), spec, old, packages, &mut sources)?;
            found += named;
            if let Some(old) = old.filter(|_| !options.allow_downgrade) {
                check_upgrade(name, &old.packages, &pins, TO_DOWNGRADE)?;
            }
            let fingerprint = spec.fingerprint()?;
            let same = old
                .is_some_and(|old| old.packages == pins && old.spec == fingerprint && old.name == spec.name);
            let hash = old.map_or_else(|| Sum([0; 32]).sri(), |old| old.hash.clone());
            if !same {
                changed.push(name.clone());
            }
            new.trees.insert(
                name.clone(),
                LockedTree { name: spec.name.clone(), hash, spec: fingerprint, packages: pins },
            );
        }
        if found == 0 && !packages.is_empty() {
            return Err(Error::new(format!("toolchain.lock has no package {}", packages.join(", "))));
        }
        Ok(Plan { lock: new, changed, sources })
    }
}

impl Sources {
    /// Records the source packages of those `pins` that `index` has in the same version.
    fn learn(&mut self, index: &Index, pins: &[Pin]) {
        for pin in pins {
            if let Some(found) = index.get(&pin.name).filter(|found| found.version == pin.version) {
                self.insert(pin, found.source.clone());
            }
        }
    }

    /// Records the source package of `pin`.
    pub fn insert(&mut self, pin: &Pin, source: SourceVersion) {
        self.0.insert((pin.name.clone(), pin.version.clone()), source);
    }

    /// The source package of `pin`. For a pin that no index had, the name is that of the directory in the archive, and the
    /// version is the pin's without the suffix of a rebuild (`+b1`).
    pub fn of(&self, pin: &Pin) -> SourceVersion {
        let known = self.0.get(&(pin.name.clone(), pin.version.clone()));
        known.cloned().unwrap_or_else(|| {
            let name = if pin.arch == sources::ARCH {
                &pin.name
            } else {
                pin.path.rsplit('/').nth(1).unwrap_or(&pin.name)
            };
            let version = match pin.version.rsplit_once("+b") {
                Some((version, count)) if count.bytes().all(|byte| byte.is_ascii_digit()) => version,
                _ => &pin.version,
            };
            SourceVersion { name: name.to_owned(), version: version.to_owned() }
        })
    }
}

/// The pins of `new` whose package the same tree of `old` has in another version.
fn updated<'a>(old: &Lock, new: &'a Lock) -> Vec<&'a Pin> {
    let mut updated = Vec::new();
    for (name, tree) in &new.trees {
        let before = old.trees.get(name).map_or(&[][..], |tree| &tree.packages);
        let before: BTreeMap<_, _> = before.iter().map(|pin| (&pin.name, &pin.version)).collect();
        updated.extend(
            tree.packages.iter().filter(|pin| before.get(&pin.name).is_some_and(|was| **was != pin.version)),
        );
    }
    updated
}

fn download(context: &Context<'_>, archive: &Archive<'_>, pins: &[&Pin]) -> Result<()> {
    archive.download(context, pins)?.map_err(|Gone(gone)| {
        gone_error(
            &gone,
            "the index is newer than the mirror's packages; try again later, or use another --mirror",
        )
    })
}

/// The changelogs of the source packages whose version changed, each from the smallest package that has it. The update does not
/// depend on them, so an unreadable one is only reported.
fn changelogs(
    context: &Context<'_>,
    archive: &Archive<'_>,
    old: &Lock,
    new: &Lock,
    sources: &Sources,
) -> Result<BTreeMap<SourceVersion, String>> {
    let mut groups: BTreeMap<SourceVersion, Vec<&Pin>> = BTreeMap::new();
    for pin in updated(old, new).into_iter().filter(|pin| pin.arch != sources::ARCH) {
        groups.entry(sources.of(pin)).or_default().push(pin);
    }
    let task = context.progress.task("changelogs", groups.len() as u64, Unit::Items);
    let mut found = BTreeMap::new();
    for (source, mut pins) in groups {
        context.check()?;
        task.detail(&source.name);
        pins.sort_by_key(|pin| pin.size);
        let mut texts = pins.into_iter().filter_map(|pin| match changelog(archive, new, pin) {
            Ok(text) => text,
            Err(error) => {
                context.progress.notice(&format!("no changelog of {}: {error}", pin.name));
                None
            }
        });
        if let Some(text) = texts.next() {
            found.insert(source, text);
        }
        task.advance(1);
    }
    Ok(found)
}

/// The changelog of `pin`, which may be in another package of the lock.
fn changelog(archive: &Archive<'_>, lock: &Lock, pin: &Pin) -> Result<Option<String>> {
    let text = |found| if let Changelog::Text(text) = found { Some(text) } else { None };
    match changelog::of(&archive.file(pin), &pin.name)? {
        Changelog::Of(name) => {
            let mut all = lock.trees.values().flat_map(|tree| &tree.packages);
            let other = all.find(|other| other.name == name).map(|other| archive.file(other));
            let other = other.filter(|file| file.exists());
            other.map_or(Ok(None), |file| changelog::of(&file, &name).map(text))
        }
        found => Ok(text(found)),
    }
}

/// What the newest indexes pin for a tree, and how many of its packages are among those that were named. With `packages`
/// named, only these move, and what was built with them.
fn pins(
    context: &Context<'_>,
    archive: &Archive<'_>,
    keys: &Path,
    spec: &Tree,
    old: Option<&LockedTree>,
    packages: &[String],
    sources: &mut Sources,
) -> Result<(Vec<Pin>, usize)> {
    let old = old.filter(|_| !packages.is_empty());
    if let Some(source) = &spec.source {
        let named = packages.contains(&source.package);
        let pins = match old {
            Some(old) if !named => old.packages.clone(),
            _ => vec![archive.source(context, &spec.suites, keys, source)?],
        };
        return Ok((pins, usize::from(named)));
    }
    let index = archive.index(context, &spec.suites, keys)?;
    let (pins, named) = packages_of(&index, spec, old, packages)?;
    sources.learn(&index, &pins);
    Ok((pins, named))
}

/// As [`pins`], for a tree of packages. One that is not in the lock yet is pinned whole, whatever was named.
pub(super) fn packages_of(
    index: &Index,
    spec: &Tree,
    old: Option<&LockedTree>,
    packages: &[String],
) -> Result<(Vec<Pin>, usize)> {
    let Some(old) = old else {
        let found = if spec.dependencies {
            resolve::closure(index, &spec.roots, &spec.skip)?
        } else {
            resolve::exactly(index, &spec.roots)?
        };
        let named = found.iter().filter(|candidate| packages.contains(&candidate.name)).count();
        return Ok((found.into_iter().map(Pin::from).collect(), named));
    };
    let named: Vec<&Pin> = old.packages.iter().filter(|pin| packages.contains(&pin.name)).collect();
    Ok((old.packages.iter().map(|pin| sibling(index, pin, &named)).collect(), named.len()))
}

#[cfg(test)]
mod tests;
