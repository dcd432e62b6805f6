// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian packages of the toolchain: `tools/toolchain/toolchain.lock`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The lock, as far as it is used here.
#[derive(Clone, Debug, Deserialize)]
pub struct Lock {
    trees: BTreeMap<String, Tree>,
}

#[derive(Clone, Debug, Deserialize)]
struct Tree {
    packages: Vec<Pin>,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Pin {
    /// Name.
    pub name: String,
    /// Debian version.
    pub version: String,
    /// `amd64` or `all`; `source` for a file of a source package.
    pub arch: String,
    /// The suite that has it: `trixie-security`.
    pub suite: String,
    /// Path of the file in the archive: `pool/…`.
    pub path: String,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
}

impl Lock {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// The text is damaged.
    pub fn parse(text: &str) -> Result<Lock, String> {
        toml::from_str(text).map_err(|error| format!("damaged toolchain.lock: {error}"))
    }

    /// The packages of a tree.
    ///
    /// # Errors
    ///
    /// There is no such tree.
    pub fn tree(&self, name: &str) -> Result<&[Pin], String> {
        let tree = self.trees.get(name).ok_or_else(|| format!("toolchain.lock has no tree `{name}`"))?;
        Ok(&tree.packages)
    }

    /// A package of a tree.
    ///
    /// # Errors
    ///
    /// There is no such tree, or the tree has no such package.
    pub fn package(&self, tree: &str, name: &str) -> Result<&Pin, String> {
        let found = self.tree(tree)?.iter().find(|pin| pin.name == name);
        found.ok_or_else(|| {
            format!(
                "tree `{tree}` of toolchain.lock has no package {name}; tools/sbom/src/linked.rs names it"
            )
        })
    }
}

impl Pin {
    /// Name of the source package: `linux` of `pool/main/l/linux/linux-source-7.3_….deb`.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.path.rsplit('/').nth(1)
    }

    /// Name of the file in the archive.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[trees.build]\nname = 'b'\nhash = 'h'\nspec = 's'\n[[trees.build.packages]]\nname = 'bash'\nversion = '5.2-1'\n\
        arch = 'amd64'\nsuite = 'trixie'\ncomponent = 'main'\npath = 'pool/main/b/bash/bash_5.2-1_amd64.deb'\nsize = 3\nsha256 = 'ab'\n";

    #[test]
    fn packages_are_found() {
        let lock = Lock::parse(LOCK).unwrap();
        let bash = lock.package("build", "bash").unwrap();
        assert_eq!((bash.source(), bash.file_name()), (Some("bash"), "bash_5.2-1_amd64.deb"));
        assert_eq!(lock.tree("build").unwrap(), std::slice::from_ref(bash));
    }

    #[test]
    fn what_is_missing_is_named() {
        let lock = Lock::parse(LOCK).unwrap();
        assert_eq!(lock.tree("other").unwrap_err(), "toolchain.lock has no tree `other`");
        let error = lock.package("build", "zsh").unwrap_err();
        assert!(error.starts_with("tree `build` of toolchain.lock has no package zsh"), "{error}");
        assert!(Lock::parse("trees = 1").unwrap_err().starts_with("damaged toolchain.lock: "));
    }
}
