// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crates that are compiled into programs, by what cargo records about a build.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrateId {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl fmt::Display for CrateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// What cargo records about one or several builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The dependencies that are compiled for the guest, by crate: neither build scripts, nor procedural macros, nor what only tests
    /// need.
    uses: BTreeMap<CrateId, BTreeSet<CrateId>>,
    /// The crates that were built for their programs.
    roots: BTreeSet<CrateId>,
    packages: BTreeMap<CrateId, Package>,
    checksums: BTreeMap<CrateId, String>,
}

/// A package of `cargo metadata`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Package {
    name: String,
    version: String,
    /// Licence expression.
    pub license: Option<String>,
    /// File with the text of a licence that has no expression.
    pub license_file: Option<String>,
    /// The registry. None for a crate of the repository.
    pub source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Graph {
    /// Adds a build.
    ///
    ///   - `tree`: the output of `cargo tree --edges normal,no-proc-macro --prefix depth --format ' {p}'` for the selection of the build
    ///   - `metadata`: the output of `cargo metadata --format-version 1`
    ///   - `lock`: `Cargo.lock`
    ///
    /// # Errors
    ///
    /// One of them is damaged.
    pub fn add(&mut self, tree: &str, metadata: &str, lock: &str) -> Result<(), String> {
        let metadata: Metadata = serde_json::from_str(metadata)
            .map_err(|error| format!("damaged output of cargo metadata: {error}"))?;
        for package in metadata.packages {
            self.packages.insert(id(&package.name, &package.version), package);
        }
        let lock: Lock = toml::from_str(lock).map_err(|error| format!("damaged Cargo.lock: {error}"))?;
        for locked in lock.package {
            if let Some(checksum) = locked.checksum {
                self.checksums.insert(id(&locked.name, &locked.version), checksum);
            }
        }
        // The crates above the current line.
        let mut above: Vec<CrateId> = Vec::new();
        for (number, line) in tree.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let wrong = || format!("damaged output of cargo tree: line {}: {line}", number + 1);
            let (depth, found) = line_of_tree(line).ok_or_else(wrong)?;
            if depth > above.len() {
                return Err(wrong());
            }
            above.truncate(depth);
            match above.last() {
                Some(user) => {
                    self.uses.entry(user.clone()).or_default().insert(found.clone());
                }
                None => {
                    self.roots.insert(found.clone());
                }
            }
            self.uses.entry(found.clone()).or_default();
            above.push(found);
        }
        Ok(())
    }

    /// The crate that a program was built from.
    ///
    /// # Errors
    ///
    /// None of the builds makes a program of this name.
    pub fn program(&self, name: &str) -> Result<&CrateId, String> {
        let makes = |id: &&CrateId| {
            let targets = self.packages.get(id).map(|package| package.targets.as_slice()).unwrap_or_default();
            targets.iter().any(|target| target.name == name && target.kind.iter().any(|kind| kind == "bin"))
        };
        self.roots.iter().find(makes).ok_or_else(|| {
            format!("no recorded build makes the program `{name}`; name the results that it comes from in `includes` of packages/default.nix")
        })
    }

    /// The crate and everything that is compiled into it.
    #[must_use]
    pub fn closure(&self, of: &CrateId) -> BTreeSet<CrateId> {
        let mut found = BTreeSet::new();
        let mut open = vec![of];
        while let Some(next) = open.pop() {
            if found.insert(next.clone()) {
                open.extend(self.uses(next));
            }
        }
        found
    }

    /// The crates that a crate uses directly.
    pub fn uses(&self, id: &CrateId) -> impl Iterator<Item = &CrateId> {
        self.uses.get(id).into_iter().flatten()
    }

    /// The package of a crate.
    ///
    /// # Errors
    ///
    /// `cargo metadata` did not list it.
    pub fn package(&self, id: &CrateId) -> Result<&Package, String> {
        self.packages.get(id).ok_or_else(|| format!("crate {id}: missing in the output of cargo metadata"))
    }

    /// SHA-256 of a crate's archive; None for a crate of the repository.
    ///
    /// # Errors
    ///
    /// `Cargo.lock` has no checksum of a crate from a registry.
    pub fn checksum(&self, id: &CrateId) -> Result<Option<&str>, String> {
        let checksum = self.checksums.get(id).map(String::as_str);
        if checksum.is_none() && self.package(id)?.source.is_some() {
            return Err(format!("crate {id}: Cargo.lock has no checksum of it"));
        }
        Ok(checksum)
    }
}

fn id(name: &str, version: &str) -> CrateId {
    CrateId { name: name.to_owned(), version: version.to_owned() }
}

/// Depth and crate of a line: `2 uucore v0.12.0 (*)`.
fn line_of_tree(line: &str) -> Option<(usize, CrateId)> {
    let mut words = line.split(' ');
    let depth = words.next()?.parse().ok()?;
    let name = words.next().filter(|name| !name.is_empty())?;
    let version = words.next()?.strip_prefix('v')?;
    Some((depth, id(name, version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Crates by their names: `own` are of the repository, each with its programs.
    fn metadata(own: &[(&str, &[&str])], others: &[&str]) -> String {
        let own = own.iter().map(|(name, programs)| {
            let targets: Vec<_> = programs.iter().map(|name| serde_json::json!({"name": name, "kind": ["bin"]})).collect();
            serde_json::json!({"name": name, "version": "0.1.0", "license": "MIT", "license_file": null, "source": null, "targets": targets})
        });
        let others = others.iter().map(|name| {
            serde_json::json!({"name": name, "version": "1.0.0", "license": "ISC", "license_file": null, "source": "registry+x",
                "targets": [{"name": name, "kind": ["lib"]}]})
        });
        serde_json::json!({"packages": own.chain(others).collect::<Vec<_>>()}).to_string()
    }

    fn lock(crates: &[&str]) -> String {
        let entry = |name: &&str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nchecksum = \"{name}-sum\"\n")
        };
        "version = 4\n".to_owned() + &crates.iter().map(entry).collect::<String>()
    }

    const TREE: &str = "0 qos-init v0.1.0 (/build/source/packages/init)\n1 qos-sys v0.1.0 (/build/source/packages/sys)\n2 libc v1.0.0\n\
        1 serde v1.0.0\n\n0 qos-shell v0.1.0 (/build/source/packages/shell)\n1 qos-sys v0.1.0 (/build/source/packages/sys) (*)\n\
        1 yash v1.0.0\n2 itoa v1.0.0\n";

    fn graph() -> Graph {
        let own = [("qos-init", &["init"][..]), ("qos-shell", &["sh"]), ("qos-sys", &["sys-gen"])];
        let mut graph = Graph::default();
        graph
            .add(
                TREE,
                &metadata(&own, &["libc", "serde", "yash", "itoa", "cc"]),
                &lock(&["libc", "serde", "yash", "cc"]),
            )
            .unwrap();
        graph
    }

    fn names(ids: &BTreeSet<CrateId>) -> Vec<&str> {
        ids.iter().map(|id| id.name.as_str()).collect()
    }

    #[test]
    fn a_program_has_the_crates_below_it_only() {
        let graph = graph();
        for (program, from, expect) in [
            ("init", "qos-init", &["libc", "qos-init", "qos-sys", "serde"][..]),
            // What stands only once in the tree (*) counts in both places.
            ("sh", "qos-shell", &["itoa", "libc", "qos-shell", "qos-sys", "yash"]),
        ] {
            let root = graph.program(program).unwrap();
            assert_eq!(root.name, from);
            assert_eq!(names(&graph.closure(root)), expect, "{program}");
        }
    }

    #[test]
    fn a_program_is_one_that_was_built() {
        // qos-sys has a program, but was compiled as a library.
        for name in ["sys-gen", "libc", "login"] {
            let error = graph().program(name).unwrap_err();
            assert!(error.starts_with(&format!("no recorded build makes the program `{name}`")), "{error}");
        }
    }

    #[test]
    fn builds_are_added() {
        let mut graph = graph();
        let tree = "0 qos-login v0.1.0 (/build/source/packages/login)\n1 serde v1.0.0\n2 itoa v1.0.0\n";
        graph
            .add(tree, &metadata(&[("qos-login", &["login"])], &["serde", "itoa"]), &lock(&["serde", "itoa"]))
            .unwrap();
        assert_eq!(names(&graph.closure(graph.program("login").unwrap())), ["itoa", "qos-login", "serde"]);
        // Features of both builds.
        assert_eq!(
            names(&graph.closure(graph.program("init").unwrap())),
            ["itoa", "libc", "qos-init", "qos-sys", "serde"]
        );
    }

    #[test]
    fn checksums() {
        let graph = graph();
        assert_eq!(graph.checksum(&id("libc", "1.0.0")), Ok(Some("libc-sum")));
        assert_eq!(graph.checksum(&id("qos-init", "0.1.0")), Ok(None));
        assert_eq!(
            graph.checksum(&id("itoa", "1.0.0")),
            Err("crate itoa 1.0.0: Cargo.lock has no checksum of it".to_owned())
        );
        assert_eq!(
            graph.checksum(&id("gone", "1.0.0")),
            Err("crate gone 1.0.0: missing in the output of cargo metadata".to_owned())
        );
    }

    #[test]
    fn damaged_records() {
        for (tree, metadata, lock, expect) in [
            ("", "{", "package = []", "damaged output of cargo metadata: "),
            ("", "{\"packages\": []}", "package =", "damaged Cargo.lock: "),
            ("x", "{\"packages\": []}", "package = []", "damaged output of cargo tree: line 1: x"),
            (
                "0 a v1\n2 b v1",
                "{\"packages\": []}",
                "package = []",
                "damaged output of cargo tree: line 2: 2 b v1",
            ),
            ("0 a 1", "{\"packages\": []}", "package = []", "damaged output of cargo tree: line 1: 0 a 1"),
        ] {
            let error = Graph::default().add(tree, metadata, lock).unwrap_err();
            assert!(error.starts_with(expect), "{error}");
        }
    }
}
