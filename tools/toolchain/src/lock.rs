// SPDX-License-Identifier: MIT OR Apache-2.0
//! `toolchain.lock`: the packages of each tree, and the sum of the tree that they make. Written by `update`, read by
//! `setup` and by the flake (`builtins.fromTOML`).

use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::index::Candidate;
use crate::version;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The whole file.
#[derive(Debug, Deserialize, Clone, Default, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Trees by name.
    #[serde(default)]
    pub trees: BTreeMap<String, LockedTree>,
}

/// One tree.
#[derive(Debug, Deserialize, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LockedTree {
    /// Name of the store path.
    pub name: String,
    /// SHA-256 of the tree's NAR serialisation, in SRI form.
    pub hash: String,
    /// Fingerprint of the tree's spec ([`crate::spec::Tree::fingerprint`]) when it was locked.
    pub spec: String,
    /// The packages, sorted by name.
    pub packages: Vec<Pin>,
}

/// One package, pinned.
#[derive(Debug, Deserialize, Clone, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Package name.
    pub name: String,
    /// Debian version.
    pub version: String,
    /// `amd64` or `all`.
    pub arch: String,
    /// The suite that listed it.
    pub suite: String,
    /// The component, `main`.
    pub component: String,
    /// Path below the archive's base URL (`pool/…`).
    pub path: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// A basic string of TOML, whose escapes are not those of Rust.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

impl Lock {
    /// Reads the file's text. Errors name the line.
    pub fn parse(text: &str) -> Result<Lock> {
        let lock: Lock = toml::from_str(text).map_err(|error| {
            Error::new(format!(
                "toolchain.lock: {error}; restore it with git, or regenerate it with: cargo xtask update"
            ))
        })?;
        for (name, tree) in &lock.trees {
            tree.sum(name)?;
            for pin in &tree.packages {
                pin.sum()?;
            }
        }
        Ok(lock)
    }

    /// The file's text: sorted, a line for each fact, so that a change is read as a diff.
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# Written by `cargo xtask update` from toolchain.toml; do not edit.\n\
             # Paths are below the base URL of any Debian mirror. A tree's hash is that of its NAR serialisation.\n",
        );
        for (name, tree) in &self.trees {
            let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            let name = if bare && !name.is_empty() { name.clone() } else { quoted(name) };
            let LockedTree { name: store_name, hash, spec, packages } = tree;
            let [store_name, hash, spec] = [store_name, hash, spec].map(|text| quoted(text));
            let _ = write!(text, "\n[trees.{name}]\nname = {store_name}\nhash = {hash}\nspec = {spec}\n");
            for pin in packages {
                let Pin { name: package, version, arch, suite, component, path, size, sha256 } = pin;
                let [package, version, arch, suite, component, path, sha256] =
                    [package, version, arch, suite, component, path, sha256].map(|text| quoted(text));
                let _ = write!(
                    text,
                    "\n[[trees.{name}.packages]]\nname = {package}\nversion = {version}\narch = {arch}\n\
                     suite = {suite}\ncomponent = {component}\npath = {path}\nsize = {size}\nsha256 = {sha256}\n"
                );
            }
        }
        text
    }

    /// A tree by name. Errors for one that is not there.
    pub fn tree(&self, name: &str) -> Result<&LockedTree> {
        self.trees
            .get(name)
            .ok_or_else(|| Error::new(format!("toolchain.lock has no tree {name}; run: cargo xtask update")))
    }
}

impl LockedTree {
    /// The tree's sum; `name` is for the message.
    pub fn sum(&self, name: &str) -> Result<Sum> {
        Sum::from_sri(&self.hash).ok_or_else(|| {
            Error::new(format!(
                "invalid hash of tree {name} in toolchain.lock: {} (expected sha256-BASE64)",
                self.hash
            ))
        })
    }
}

impl Pin {
    /// The package's sum.
    pub fn sum(&self) -> Result<Sum> {
        Sum::from_hex(&self.sha256).ok_or_else(|| {
            Error::new(format!(
                "invalid sha256 of package {} in toolchain.lock: expected 64 hexadecimal digits",
                self.name
            ))
        })
    }

    /// Name of the file in a cache directory: the last part of its path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl From<&Candidate> for Pin {
    fn from(candidate: &Candidate) -> Pin {
        Pin {
            name: candidate.name.clone(),
            version: candidate.version.clone(),
            arch: candidate.arch.clone(),
            suite: candidate.suite.clone(),
            component: candidate.component.clone(),
            path: candidate.path.clone(),
            size: candidate.size,
            sha256: candidate.sha256.hex(),
        }
    }
}

/// An error if a package of a tree has a lower version in `new` than in `old`: an index can be genuine and nevertheless
/// be an old one, with packages of known faults. `advice` ends the message.
pub fn check_upgrade(tree: &str, old: &[Pin], new: &[Pin], advice: &str) -> Result<()> {
    let before: BTreeMap<_, _> = old.iter().map(|pin| (&pin.name, &pin.version)).collect();
    let lower: Vec<_> = new
        .iter()
        .filter_map(|pin| {
            let was = before.get(&pin.name)?;
            version::compare(&pin.version, was)
                .is_lt()
                .then(|| format!("{} {was} → {}", pin.name, pin.version))
        })
        .collect();
    if lower.is_empty() {
        return Ok(());
    }
    let more = if lower.len() > 3 { format!(" and {} more", lower.len() - 3) } else { String::new() };
    Err(Error::new(format!(
        "the mirror's index lists older versions than toolchain.lock has for tree {tree}: {}{more}; {advice}",
        lower[..lower.len().min(3)].join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(version: &str) -> Lock {
        let pin = Pin {
            name: "a".into(),
            version: version.into(),
            arch: "amd64".into(),
            suite: "stable".into(),
            component: "main".into(),
            path: format!("pool/main/a/a_{version}_amd64.deb"),
            size: 7,
            sha256: "0".repeat(64),
        };
        let tree = LockedTree {
            name: "t".into(),
            hash: Sum::of(b"").sri(),
            spec: "0123".into(),
            packages: vec![pin],
        };
        Lock { trees: [("build".to_owned(), tree)].into() }
    }

    #[test]
    fn what_is_written_is_read() {
        let lock = sample("1-1");
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock);
        assert_eq!(lock.trees["build"].packages[0].file_name(), "a_1-1_amd64.deb");
    }

    #[test]
    fn the_lock_of_the_repository_is_as_it_is_written() {
        let text = include_str!("../toolchain.lock");
        assert!(Lock::parse(text).unwrap().render() == text);
    }

    #[test]
    fn any_text_is_written_as_toml_has_it() {
        let mut lock = sample("1-1");
        let mut tree = lock.trees["build"].clone();
        tree.packages[0].path = "a\u{34d}\u{fffd}\u{1b}\u{85}\n\"\\ü".to_owned();
        for name in ["", "a.b", "ü \"x\""] {
            lock.trees.insert(name.to_owned(), tree.clone());
        }
        assert_eq!(Lock::parse(&lock.render()).unwrap(), lock);
    }

    #[test]
    fn a_damaged_lock_is_refused() {
        let text = sample("1-1").render().replace("sha256 = \"00", "sha256 = \"0");
        let error = Lock::parse(&text).unwrap_err().to_string();
        assert_eq!(error, "invalid sha256 of package a in toolchain.lock: expected 64 hexadecimal digits");
    }

    #[test]
    fn a_version_that_goes_down_is_refused() {
        let check = |old: &str, new: &str| {
            let pins = |version: &str| sample(version).trees["build"].packages.clone();
            check_upgrade("build", &pins(old), &pins(new), "do this").err().map(|error| error.to_string())
        };
        for (old, new) in [("1", "1"), ("1", "2"), ("2.41-12+deb13u4", "2.41-12+deb13u10"), ("1~rc1", "1")] {
            assert_eq!(check(old, new), None, "{old} {new}");
        }
        let expect = "the mirror's index lists older versions than toolchain.lock has for tree build: \
                      a 1.10-1 → 1.9-1; do this";
        assert_eq!(check("1.10-1", "1.9-1").as_deref(), Some(expect));
        let many = |version: &str| -> Vec<Pin> {
            let pin = sample(version).trees["build"].packages[0].clone();
            (0..5).map(|n| Pin { name: format!("a{n}"), ..pin.clone() }).collect()
        };
        let text = check_upgrade("t", &many("2"), &many("1"), "x").unwrap_err().to_string();
        assert!(text.ends_with("a0 2 → 1, a1 2 → 1, a2 2 → 1 and 2 more; x"), "{text}");
        check_upgrade("t", &[], &many("1"), "x").unwrap();
    }
}
