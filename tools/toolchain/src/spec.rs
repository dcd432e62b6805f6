// SPDX-License-Identifier: MIT OR Apache-2.0
//! `toolchain.toml`: the contents of the trees, written by hand.

use crate::error::{Error, Result};
use crate::hash::Sum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Debian architecture of the packages.
    pub arch: String,
    /// Archive component.
    pub component: String,
    /// Suites by name.
    pub suites: BTreeMap<String, Suite>,
    /// Trees by name.
    pub trees: BTreeMap<String, Tree>,
}

/// Where a suite is to be found on a mirror.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The archive that holds it.
    pub archive: Archive,
    /// How old its index may be, in days, if the index has no `Valid-Until`.
    #[serde(default = "max_age_days", rename = "max-age-days")]
    pub max_age_days: u32,
}

/// Half a year: point releases of a stable suite are two to four months apart.
fn max_age_days() -> u32 {
    180
}

/// Debian has two archives, often on different servers.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Archive {
    /// The main archive (`…/debian`).
    Main,
    /// The security archive (`…/debian-security`).
    Security,
}

/// One tree: packages unpacked over each other.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// Name of the store path.
    pub name: String,
    /// Suites to take packages from; the newest version of any of them wins.
    pub suites: Vec<String>,
    /// Packages to begin with.
    #[serde(default)]
    pub roots: Vec<String>,
    /// Made only when it is asked for by name: most builds have no use for it.
    #[serde(default, rename = "on-demand", skip_serializing_if = "std::ops::Not::not")]
    pub on_demand: bool,
    /// Whether what the roots depend on comes too.
    #[serde(default = "yes")]
    pub dependencies: bool,
    /// Patterns of packages that stay out, with what only they need.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Patterns of paths that stay out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Patterns of paths that stay in although `drop` names them.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Symbolic links to add (path = target), which Debian's maintainer scripts would make.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// In place of packages: one file of a source package, which is then at `usr/src`, as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// A file of a source package. A suite lists further versions of one than it has binary packages of: those that something
/// in the suite was built from.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The source package.
    pub package: String,
    /// Upstream series: of its versions `SERIES.N`, the newest.
    pub series: String,
    /// Pattern of the file's name, which one file of the package matches.
    pub file: String,
}

fn yes() -> bool {
    true
}

impl Spec {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// A mistake in it, with its line; a tree that names a suite which is not there.
    pub fn parse(text: &str) -> Result<Spec> {
        let spec: Spec =
            toml::from_str(text).map_err(|error| Error::new(format!("toolchain.toml: {error}")))?;
        for (name, tree) in &spec.trees {
            if tree.roots.is_empty() == tree.source.is_none() {
                return Err(Error::new(format!(
                    "toolchain.toml: tree {name} needs either `roots` or `source`, not both or neither"
                )));
            }
            if let Some(suite) = tree.suites.iter().find(|suite| !spec.suites.contains_key(*suite)) {
                return Err(Error::new(format!(
                    "toolchain.toml: tree {name} names the suite {suite}, which is not in [suites]"
                )));
            }
        }
        Ok(spec)
    }

    /// The archive of a suite. Errors for a suite that the spec does not name.
    pub fn archive(&self, suite: &str) -> Result<Archive> {
        Ok(self.suite(suite)?.archive)
    }

    /// A suite by its name. Errors for a suite that the spec does not name.
    pub fn suite(&self, suite: &str) -> Result<&Suite> {
        self.suites.get(suite).ok_or_else(|| {
            Error::new(format!("toolchain.lock names the suite {suite}, which is not in toolchain.toml"))
        })
    }
}

impl Tree {
    /// A short sum of what the tree is to hold, comments and layout apart: the lock records it, so that a change of
    /// the spec without an update is noticed.
    pub fn fingerprint(&self) -> Result<String> {
        let text = toml::to_string(self).map_err(|error| Error::new(format!("toolchain.toml: {error}")))?;
        Ok(Sum::of(text.as_bytes()).hex()[..16].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "arch='amd64'\ncomponent='main'\n[suites]\nstable={archive='main'}\n\
                         [trees.a]\nname='t'\nsuites=['stable']\nroots=['x']\n";

    #[test]
    fn the_fingerprint_sees_content_only() {
        let sum = |text: &str| Spec::parse(text).unwrap().trees["a"].fingerprint().unwrap();
        assert_eq!(sum(SMALL), sum(&format!("# a comment\n{SMALL}")));
        assert_ne!(sum(SMALL), sum(&format!("{SMALL}drop=['usr/share/doc/**']\n")));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Spec::parse(text).unwrap_err().to_string();
        let unknown = error(&format!("{SMALL}rots=[]\n"));
        assert!(unknown.contains("unknown field `rots`"), "{unknown}");
        let both = error(&format!("{SMALL}source={{package='l',series='1.2',file='*'}}\n"));
        assert!(both.starts_with("toolchain.toml: tree a needs either `roots` or `source`"), "{both}");
        let neither = error(&SMALL.replace("roots=['x']", ""));
        assert!(neither.starts_with("toolchain.toml: tree a needs either `roots` or `source`"), "{neither}");
        let suite = error(&SMALL.replace("suites=['stable']", "suites=['unstable']"));
        assert_eq!(suite, "toolchain.toml: tree a names the suite unstable, which is not in [suites]");
    }
}
