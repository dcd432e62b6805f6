// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crates of `Cargo.lock` as files in the Nix store, where the flake finds each under the name
//! `NAME-VERSION.crate` and the checksum that `Cargo.lock` has.

use crate::context::{Context, Unit};
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::store;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// So many files go to one call of Nix: enough to be quick, few enough for progress.
const AT_ONCE: usize = 50;

/// A crate of the lock file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    /// Name of its file, `NAME-VERSION.crate`, and of its store path.
    pub file_name: String,
    /// Where the store has it.
    pub store_path: PathBuf,
}

#[derive(Deserialize)]
struct CargoLock {
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// The crates that a `Cargo.lock` takes from a registry.
///
/// # Errors
///
/// It is not a lock file; a crate comes from a git repository, which has no checksum.
pub fn crates(lock: &str) -> Result<Vec<Crate>> {
    let lock: CargoLock = toml::from_str(lock).map_err(|error| Error::new(format!("Cargo.lock: {error}")))?;
    let mut crates = BTreeSet::new();
    for Entry { name, version, source, checksum } in lock.package {
        let Some(source) = source else { continue };
        let sum = checksum.as_deref().and_then(Sum::from_hex).ok_or_else(|| {
            Error::new(format!(
                "Cargo.lock: {name} {version} has no checksum ({source}); use a version from a registry"
            ))
        })?;
        let file_name = format!("{name}-{version}.crate");
        let store_path = store::file_path(&file_name, &sum);
        crates.insert(Crate { file_name, store_path });
    }
    Ok(crates.into_iter().collect())
}

/// The crate's file in cargo's home, where `cargo fetch` puts it.
pub fn fetched(cargo_home: &Path, one: &Crate) -> Option<PathBuf> {
    let registries = fs::read_dir(cargo_home.join("registry/cache")).into_iter().flatten().flatten();
    registries.map(|registry| registry.path().join(&one.file_name)).find(|path| path.is_file())
}

/// Adds those of `crates` to the store that it does not have.
///
/// # Errors
///
/// A crate is not in cargo's home, or its file has another checksum than in `Cargo.lock`; Nix fails.
pub fn seed(context: &Context<'_>, crates: &[Crate], cargo_home: &Path) -> Result<()> {
    let paths: Vec<_> = crates.iter().map(|one| one.store_path.clone()).collect();
    let invalid: BTreeSet<_> = store::invalid(&paths)?.into_iter().collect();
    let missing: Vec<_> = crates.iter().filter(|one| invalid.contains(&one.store_path)).collect();
    let task = context.progress.task("crates to the store", missing.len() as u64, Unit::Items);
    for some in missing.chunks(AT_ONCE) {
        context.check()?;
        let mut files = Vec::new();
        for one in some {
            files.push(fetched(cargo_home, one).ok_or_else(|| {
                Error::new(format!(
                    "{} is not in {}; run: cargo fetch --locked",
                    one.file_name,
                    cargo_home.display()
                ))
            })?);
        }
        let added = store::add_files(&files)?;
        for ((one, file), path) in some.iter().zip(&files).zip(added) {
            if path != one.store_path {
                return Err(Error::new(format!(
                    "{} has another checksum than in Cargo.lock; remove it and run the command again",
                    file.display()
                )));
            }
        }
        task.advance(some.len() as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_a_lock_file() {
        let sum = Sum::of(b"").hex();
        let lock = format!(
            "version = 4\n[[package]]\nname = 'own'\nversion = '0.1.0'\n\
             [[package]]\nname = 'a'\nversion = '1.0+b'\nsource = 'registry+https://example.org/index'\nchecksum = '{sum}'\n"
        );
        let found = crates(&lock).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].file_name, "a-1.0+b.crate");
        assert_eq!(found[0].store_path, store::file_path("a-1.0+b.crate", &Sum::of(b"")));
    }

    #[test]
    fn a_git_dependency_is_refused() {
        let lock = "[[package]]\nname = 'a'\nversion = '1'\nsource = 'git+https://example.org/a'\n";
        let error = crates(lock).unwrap_err().to_string();
        assert_eq!(
            error,
            "Cargo.lock: a 1 has no checksum (git+https://example.org/a); use a version from a registry"
        );
    }
}
