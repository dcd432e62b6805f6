// SPDX-License-Identifier: MIT OR Apache-2.0
//! The package index of a suite: the fields of a `Packages` file that the lock needs.

use crate::control::{Paragraph, paragraphs};
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::version;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A binary package that a suite offers.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Package name.
    pub name: String,
    /// Debian version.
    pub version: String,
    /// `amd64` or `all`.
    pub arch: String,
    /// The suite that lists it.
    pub suite: String,
    /// The component, `main`.
    pub component: String,
    /// Path below the archive's base URL (`pool/…`).
    pub path: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Sum,
    /// `Pre-Depends` and `Depends`: all of these, one alternative of each.
    pub depends: Vec<Vec<Dependency>>,
    /// How much a system needs it, 0 (`required`) to 4 (`extra`): apt prefers the lower among those that provide a name.
    pub priority: u8,
    /// The names that it provides, with the version if the entry gives one.
    pub provides: Vec<(String, Option<String>)>,
    /// The source package that it was built from.
    pub source: SourceVersion,
}

/// A source package in one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceVersion {
    /// Name.
    pub name: String,
    /// Debian version.
    pub version: String,
}

/// A dependency: a name, and what its version has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Package or virtual package.
    pub name: String,
    /// Relation (`<<`, `<=`, `=`, `>=`, `>>`) and version.
    pub version: Option<(String, String)>,
}

impl Dependency {
    /// Whether this version of the package will do.
    pub fn accepts(&self, version: &str) -> bool {
        let Some((relation, wanted)) = &self.version else { return true };
        let order = version::compare(version, wanted);
        match relation.as_str() {
            "<<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            "=" => order == Ordering::Equal,
            ">=" => order != Ordering::Less,
            _ => order == Ordering::Greater,
        }
    }
}

/// The packages of some suites: of each name the newest version, and who provides the virtual ones.
#[derive(Debug, Default)]
pub struct Index {
    packages: BTreeMap<String, Candidate>,
    providers: BTreeMap<String, Vec<String>>,
}

impl Index {
    /// Adds the packages of a suite's `Packages` file. A version that is there already stays if it is as new.
    ///
    /// # Errors
    ///
    /// A paragraph without one of the fields that the lock needs.
    pub fn add(&mut self, text: &str, suite: &str, component: &str) -> Result<()> {
        for paragraph in paragraphs(text) {
            let Some(candidate) = candidate(&paragraph, suite, component) else {
                return Err(Error::new(format!(
                    "the index of {suite} has an incomplete entry for package {}",
                    paragraph.get("Package").unwrap_or("(no name)")
                )));
            };
            let newer = self
                .packages
                .get(&candidate.name)
                .is_none_or(|old| version::compare(&candidate.version, &old.version) == Ordering::Greater);
            if newer {
                for (name, _) in &candidate.provides {
                    let providers = self.providers.entry(name.clone()).or_default();
                    if !providers.contains(&candidate.name) {
                        providers.push(candidate.name.clone());
                    }
                }
                self.packages.insert(candidate.name.clone(), candidate);
            }
        }
        Ok(())
    }

    /// The newest package of that name.
    pub fn get(&self, name: &str) -> Option<&Candidate> {
        self.packages.get(name)
    }

    /// Packages that satisfy a dependency: the one of that name first, then those that provide it,
    /// the most needed first.
    #[cfg(any(test, feature = "update"))]
    pub fn satisfying<'a>(&'a self, wanted: &'a Dependency) -> impl Iterator<Item = &'a Candidate> {
        let real = self.get(&wanted.name).filter(|candidate| wanted.accepts(&candidate.version));
        let virtual_ones =
            self.providers.get(&wanted.name).into_iter().flatten().filter_map(|name| self.get(name));
        let virtual_ones = virtual_ones.filter(|candidate| {
            candidate.provides.iter().any(|(name, version)| {
                *name == wanted.name
                    && match (version, &wanted.version) {
                        (_, None) => true,
                        (Some(version), Some(_)) => wanted.accepts(version),
                        (None, Some(_)) => false,
                    }
            })
        });
        let mut virtual_ones: Vec<_> = virtual_ones.collect();
        virtual_ones.sort_by_key(|candidate| candidate.priority);
        real.into_iter().chain(virtual_ones)
    }
}

fn candidate(paragraph: &Paragraph<'_>, suite: &str, component: &str) -> Option<Candidate> {
    let text = |field: &str| paragraph.get(field).map(str::to_owned);
    let mut depends = Vec::new();
    for field in ["Pre-Depends", "Depends"] {
        depends.extend(paragraph.get(field).map(alternatives).unwrap_or_default());
    }
    let provides = paragraph.get("Provides").map(alternatives).unwrap_or_default().into_iter().flatten();
    let (name, version) = (text("Package")?, text("Version")?);
    Some(Candidate {
        source: source(paragraph.get("Source"), &name, &version),
        name,
        version,
        arch: text("Architecture")?,
        suite: suite.to_owned(),
        component: component.to_owned(),
        path: text("Filename")?,
        size: paragraph.get("Size")?.parse().ok()?,
        sha256: Sum::from_hex(paragraph.get("SHA256")?)?,
        depends,
        priority: priority(paragraph.get("Priority").unwrap_or_default()),
        provides: provides.map(|one| (one.name, one.version.map(|(_, version)| version))).collect(),
    })
}

/// The field `Source` of a binary package: `NAME` or `NAME (VERSION)`. What it omits is as in the binary package.
fn source(field: Option<&str>, name: &str, version: &str) -> SourceVersion {
    let (name, version) = match field.map(|field| field.split_once('(').unwrap_or((field, ""))) {
        Some((source, "")) => (source.trim(), version),
        Some((source, rest)) => (source.trim(), rest.trim_end_matches(')').trim()),
        None => (name, version),
    };
    SourceVersion { name: name.to_owned(), version: version.to_owned() }
}

fn priority(word: &str) -> u8 {
    match word {
        "required" => 0,
        "important" => 1,
        "standard" => 2,
        "optional" => 3,
        _ => 4,
    }
}

/// `a (>= 1) | b, c:any` → all of `[[a, b], [c]]`.
fn alternatives(field: &str) -> Vec<Vec<Dependency>> {
    let groups = field.split(',').map(str::trim).filter(|group| !group.is_empty());
    groups.map(|group| group.split('|').map(|text| dependency(text.trim())).collect()).collect()
}

fn dependency(text: &str) -> Dependency {
    let (name, rest) = match text.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.trim_end_matches(')').trim())),
        None => (text, None),
    };
    let version = rest.map(|rest| {
        let end = rest.find(|c| !matches!(c, '<' | '=' | '>')).unwrap_or(rest.len());
        (rest[..end].to_owned(), rest[end..].trim().to_owned())
    });
    let name = name.split(':').next().unwrap_or(name);
    Dependency { name: name.to_owned(), version }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependency_fields() {
        let plain = |name: &str| Dependency { name: name.into(), version: None };
        let versioned = |name: &str, relation: &str, version: &str| Dependency {
            name: name.into(),
            version: Some((relation.into(), version.into())),
        };
        let groups =
            alternatives("libc6 (>= 2.38), default-mta | mail-transport-agent,\n python3:any,x (=1:2-3)");
        assert_eq!(
            groups,
            [
                vec![versioned("libc6", ">=", "2.38")],
                vec![plain("default-mta"), plain("mail-transport-agent")],
                vec![plain("python3")],
                vec![versioned("x", "=", "1:2-3")],
            ]
        );
    }

    #[test]
    fn source_packages() {
        for (field, expect) in [
            (None, ("a", "1-1+b2")),
            (Some("b"), ("b", "1-1+b2")),
            (Some("b (1-1)"), ("b", "1-1")),
            (Some("gcc-defaults (1.220)"), ("gcc-defaults", "1.220")),
        ] {
            let SourceVersion { name, version } = source(field, "a", "1-1+b2");
            assert_eq!((name.as_str(), version.as_str()), expect, "{field:?}");
        }
    }

    #[test]
    fn the_newest_of_several_suites() {
        let entry = |version: &str| {
            let sum = "0".repeat(64);
            format!(
                "Package: a\nVersion: {version}\nArchitecture: all\nFilename: pool/a_{version}.deb\nSize: 1\nSHA256: {sum}\n"
            )
        };
        let mut index = Index::default();
        for (version, suite) in [("1-1", "stable"), ("1-2", "updates"), ("1-2", "security")] {
            index.add(&entry(version), suite, "main").unwrap();
        }
        let newest = index.get("a").unwrap();
        assert_eq!((newest.version.as_str(), newest.suite.as_str()), ("1-2", "updates"));
        let error = index.add("Package: b\nVersion: 1\n", "stable", "main").unwrap_err();
        assert_eq!(error.to_string(), "the index of stable has an incomplete entry for package b");
    }
}
