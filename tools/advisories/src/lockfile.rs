// SPDX-License-Identifier: MIT OR Apache-2.0
//! `Cargo.lock`: the crates of a registry, and which members of the workspace use each.

use semver::Version;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The file.
#[derive(Debug)]
pub struct Lockfile {
    packages: Vec<Package>,
}

/// A crate of the file.
#[derive(Debug)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Version,
    /// The registry; members of the workspace have none.
    pub source: Option<String>,
    /// The places of its dependencies.
    dependencies: Vec<usize>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    package: Vec<RawPackage>,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Lockfile {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// It is not a lock file.
    pub fn parse(text: &str) -> Result<Lockfile, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| format!("Cargo.lock: {error}"))?;
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, package) in raw.package.iter().enumerate() {
            places.entry(&package.name).or_default().push(place);
        }
        // `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`: as much as makes it unambiguous.
        let find = |text: &str| {
            let mut words = text.split_whitespace();
            let (name, version) = (words.next()?, words.next());
            let mut found = places.get(name)?.iter().copied();
            found.find(|place| version.is_none_or(|version| raw.package[*place].version == version))
        };
        let packages = raw.package.iter().map(|package| {
            let RawPackage { name, version, source, dependencies } = package;
            Ok(Package {
                name: name.clone(),
                version: Version::parse(version)
                    .map_err(|error| format!("Cargo.lock: {name} {version:?}: {error}"))?,
                source: source.clone(),
                dependencies: dependencies.iter().filter_map(|text| find(text)).collect(),
            })
        });
        Ok(Lockfile { packages: packages.collect::<Result<_, String>>()? })
    }

    /// The crates of a registry. Each has the members that use it without another member in between, for any target and feature, and
    /// in tests.
    pub fn crates(&self) -> Vec<(&Package, BTreeSet<&str>)> {
        let mut users = vec![BTreeSet::new(); self.packages.len()];
        for member in self.packages.iter().filter(|package| package.source.is_none()) {
            let mut queue = member.dependencies.clone();
            while let Some(place) = queue.pop() {
                let package = &self.packages[place];
                if package.source.is_some() && users[place].insert(member.name.as_str()) {
                    queue.extend(&package.dependencies);
                }
            }
        }
        self.packages.iter().zip(users).filter(|(package, _)| package.source.is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "version = 4\n\
        [[package]]\nname='tool'\nversion='0.1.0'\ndependencies=['lib', 'a 1.0.0']\n\
        [[package]]\nname='lib'\nversion='0.1.0'\ndependencies=['a 2.0.0 (registry+x)', 'gone']\n\
        [[package]]\nname='a'\nversion='1.0.0'\nsource='registry+x'\ndependencies=['b']\n\
        [[package]]\nname='a'\nversion='2.0.0'\nsource='registry+x'\n\
        [[package]]\nname='b'\nversion='1.0.0+c'\nsource='registry+x'\ndependencies=['b']\n\
        [[package]]\nname='unused'\nversion='1.0.0'\nsource='registry+x'\n";

    #[test]
    fn crates_and_their_users() {
        let lock = Lockfile::parse(TEXT).unwrap();
        let found: Vec<_> = lock
            .crates()
            .into_iter()
            .map(|(package, users)| {
                let users: Vec<_> = users.into_iter().collect();
                format!("{} {}: {}", package.name, package.version, users.join(" "))
            })
            .collect();
        assert_eq!(found, ["a 1.0.0: tool", "a 2.0.0: lib", "b 1.0.0+c: tool", "unused 1.0.0: "]);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Lockfile::parse(text).unwrap_err();
        assert!(error("[[package]]\nname=1").starts_with("Cargo.lock: TOML parse error at line 2"));
        let version = error("[[package]]\nname='a'\nversion='1'\n");
        assert!(version.starts_with("Cargo.lock: a \"1\": "), "{version}");
    }
}
