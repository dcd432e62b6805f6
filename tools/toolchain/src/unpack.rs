// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unpacks Debian packages over each other into one tree, the same tree every time: no owners, times or special
//! modes, only the execute bit; no maintainer scripts.

use crate::context::{Context, Task};
use crate::deb;
use crate::error::{Error, Result};
use crate::glob;
use crate::spec::Tree;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tar::EntryType;

/// A package file to unpack, or a file to put into the tree as it is.
pub struct Package {
    /// Its name, for messages.
    pub name: String,
    /// The `.deb` file, or that other file.
    pub file: PathBuf,
    /// For a file that is not a package: its path in the tree.
    pub whole: Option<PathBuf>,
    /// Its size in bytes, by which progress is counted.
    pub size: u64,
}

/// Unpacks `packages` into the directory `root`, which is created, on all CPUs.
///
/// # Errors
///
/// A damaged package; two packages with different content for one path; the disk is full; the user interrupts.
pub fn unpack(
    context: &Context<'_>,
    task: &dyn Task,
    spec: &Tree,
    packages: &[Package],
    root: &Path,
) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("create the directory", root, &error))?;
    let work = Work { spec, root, claims: Mutex::default(), conflicts: Mutex::default() };
    // The largest first, so that the threads end at about the same time.
    let mut order: Vec<&Package> = packages.iter().collect();
    order.sort_by_key(|package| std::cmp::Reverse(package.size));
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(package) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work.package(context, package) {
                        next.store(order.len(), Ordering::Relaxed);
                        locked(&failed).get_or_insert(error);
                    }
                    task.advance(package.size);
                    task.detail(&package.name);
                }
            });
        }
    });
    if let Some(error) = locked(&failed).take() {
        return Err(error);
    }
    work.settle()?;
    for (path, target) in &spec.links {
        let path = root.join(path);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| symlink(target, &path));
        made.map_err(|error| Error::io("create the link", &path, &error))?;
    }
    Ok(())
}

/// What has been unpacked to a path, and from which package.
struct Claim {
    package: String,
    kind: ClaimKind,
}

#[derive(PartialEq, Eq)]
enum ClaimKind {
    Folder,
    File { executable: bool },
    Link(PathBuf),
}

/// A second file for a path, to be compared with the first when everything is unpacked.
struct Conflict {
    path: PathBuf,
    package: String,
    aside: PathBuf,
}

struct Work<'a> {
    spec: &'a Tree,
    root: &'a Path,
    claims: Mutex<HashMap<PathBuf, Claim>>,
    conflicts: Mutex<Vec<Conflict>>,
}

impl Work<'_> {
    fn package(&self, context: &Context<'_>, package: &Package) -> Result<()> {
        if let Some(path) = &package.whole {
            let file = File::open(&package.file).map_err(|error| Error::io("read", &package.file, &error))?;
            return self.file(package, path, false, |to| io::copy(&mut BufReader::new(file), to).map(drop));
        }
        deb::data(&package.file, &package.name, |data| self.members(context, package, data))
    }

    fn members(&self, context: &Context<'_>, package: &Package, data: &mut dyn Read) -> Result<()> {
        let damaged = |error: io::Error| deb::damaged(&package.file, &error);
        let mut archive = tar::Archive::new(data);
        for entry in archive.entries().map_err(damaged)? {
            context.check()?;
            let mut entry = entry.map_err(damaged)?;
            let Some(path) = place(&entry.path().map_err(damaged)?) else { continue };
            if !self.wanted(&path) {
                continue;
            }
            let link = entry.link_name().map_err(damaged)?.map(|target| target.into_owned());
            let executable = entry.header().mode().map_err(damaged)? & 0o100 != 0;
            match (entry.header().entry_type(), link) {
                (EntryType::Directory, _) => self.folder(package, &path)?,
                (EntryType::Regular | EntryType::Continuous, _) => {
                    self.file(package, &path, executable, |to| io::copy(&mut entry, to).map(drop))?;
                }
                (EntryType::Symlink, Some(target)) => self.link(package, &path, target)?,
                (EntryType::Link, Some(target)) => self.hard_link(package, &path, executable, &target)?,
                (kind, _) => {
                    return Err(Error::new(format!(
                        "the package {} contains {}, which is not a file, directory or link ({kind:?})",
                        package.name,
                        path.display()
                    )));
                }
            }
        }
        Ok(())
    }

    fn wanted(&self, path: &Path) -> bool {
        let text = path.to_string_lossy();
        let any = |patterns: &[String]| patterns.iter().any(|pattern| glob::matches(pattern, &text));
        !any(&self.spec.drop) || any(&self.spec.keep)
    }

    /// Records the entry at `path`, and its directories. `Ok(false)` if an entry of the same kind exists already.
    fn claim(&self, package: &Package, path: &Path, kind: ClaimKind) -> Result<bool> {
        let mut claims = locked(&self.claims);
        for folder in path.ancestors().skip(1) {
            match claims.get(folder) {
                Some(claim) if claim.kind == ClaimKind::Folder => break,
                Some(claim) => return Err(clash(folder, &claim.package, &package.name)),
                None => {
                    let claim = Claim { package: package.name.clone(), kind: ClaimKind::Folder };
                    claims.insert(folder.to_owned(), claim);
                }
            }
        }
        match claims.get(path) {
            Some(claim) if claim.kind == kind => Ok(false),
            Some(claim) => Err(clash(path, &claim.package, &package.name)),
            None => {
                claims.insert(path.to_owned(), Claim { package: package.name.clone(), kind });
                Ok(true)
            }
        }
    }

    fn folder(&self, package: &Package, path: &Path) -> Result<()> {
        self.claim(package, path, ClaimKind::Folder)?;
        let path = self.root.join(path);
        fs::create_dir_all(&path).map_err(|error| Error::io("create the directory", &path, &error))
    }

    fn file(
        &self,
        package: &Package,
        path: &Path,
        executable: bool,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<()> {
        let mut to = self.root.join(path);
        if !self.claim(package, path, ClaimKind::File { executable })? {
            let mut conflicts = locked(&self.conflicts);
            let aside = self.root.with_extension(format!("conflict-{}", conflicts.len()));
            conflicts.push(Conflict {
                path: path.to_owned(),
                package: package.name.clone(),
                aside: aside.clone(),
            });
            to = aside;
        }
        let written = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let mode = if executable { 0o755 } else { 0o644 };
            fill(&mut OpenOptions::new().write(true).create_new(true).mode(mode).open(&to)?)
        });
        written.map_err(|error| Error::io(&format!("unpack {} to", package.name), &to, &error))
    }

    fn link(&self, package: &Package, path: &Path, target: PathBuf) -> Result<()> {
        if self.claim(package, path, ClaimKind::Link(target.clone()))? {
            let path = self.root.join(path);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| symlink(target, &path));
            made.map_err(|error| Error::io("create the link", &path, &error))?;
        }
        Ok(())
    }

    /// A hard link becomes a separate file: the store does not support hard links.
    fn hard_link(&self, package: &Package, path: &Path, executable: bool, target: &Path) -> Result<()> {
        let from = place(target).unwrap_or_default();
        let from = self.root.join(from);
        self.file(package, path, executable, |to| io::copy(&mut File::open(&from)?, to).map(drop))
    }

    /// Compares the files that two packages had; the same content in both is no conflict.
    fn settle(&self) -> Result<()> {
        for conflict in locked(&self.conflicts).drain(..) {
            let first = self.root.join(&conflict.path);
            let read = |path: &Path| fs::read(path).map_err(|error| Error::io("read", path, &error));
            let same = read(&first)? == read(&conflict.aside)?;
            fs::remove_file(&conflict.aside).map_err(|error| Error::io("remove", &conflict.aside, &error))?;
            if !same {
                let claims = locked(&self.claims);
                let other =
                    claims.get(&conflict.path).map_or("another package", |claim| claim.package.as_str());
                return Err(clash(&conflict.path, other, &conflict.package));
            }
        }
        Ok(())
    }
}

fn clash(path: &Path, one: &str, other: &str) -> Error {
    let (one, other) = if one < other { (one, other) } else { (other, one) };
    Error::new(format!(
        "{one} and {other} both contain {}, with different contents; in toolchain.toml, drop the path or skip one of the packages",
        path.display()
    ))
}

/// The path of a member below the root: `./lib/x` → `usr/lib/x`, since Debian's `/bin`, `/lib`, `/lib64` and `/sbin`
/// are links into `/usr`. `None` for the root itself and for paths that lead out.
fn place(path: &Path) -> Option<PathBuf> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    let first = parts.first()?.to_str().unwrap_or_default();
    let merged = parts.len() > 1 && matches!(first, "bin" | "sbin" | "lib" | "lib64");
    let mut placed = if merged { PathBuf::from("usr") } else { PathBuf::new() };
    placed.extend(parts);
    Some(placed)
}

/// The content of a mutex; a panic of another thread is reported by that thread.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
