// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crates of `Cargo.lock` for which there is an advisory, or which were yanked.

use crate::lockfile::{Lockfile, Package};
use crate::rustsec::{Advisory, Database};
use serde::Serialize;

/// What the crates are compiled for; all that is of interest here.
const TARGET: (&str, &str) = ("x86_64", "linux");

/// All findings.
#[derive(Debug, Serialize)]
pub struct Crates {
    /// How many crates of a registry the lock file has.
    pub crates: usize,
    /// How many advisories the database has; `None` without a database.
    pub advisories: Option<usize>,
    /// How many advisories are for a locked version, but for other architectures or systems than x86-64 Linux.
    pub elsewhere: usize,
    /// For how many crates cargo's copy of the index does not say whether they were yanked.
    pub yanked_unknown: usize,
    /// The findings: vulnerabilities first.
    pub findings: Vec<Finding>,
}

/// An advisory for a crate, or that it was yanked.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The crate.
    #[serde(rename = "crate")]
    pub name: String,
    /// Its version in the lock file.
    pub version: String,
    /// `vulnerability`, `unsound`, `unmaintained`, `notice`, `yanked`, or another word that the advisory has.
    pub kind: String,
    /// The number of the advisory.
    pub advisory: Option<String>,
    /// Its title.
    pub title: String,
    /// The day of its disclosure.
    pub date: Option<String>,
    /// A page about it.
    pub url: Option<String>,
    /// Its numbers in other databases.
    pub aliases: Vec<String>,
    /// Its CVSS vector.
    pub cvss: Option<String>,
    /// The versions with the fix.
    pub patched: Vec<String>,
    /// Who uses the crate.
    pub part: Part,
    /// The members of the workspace that use it.
    pub used_by: Vec<String>,
}

/// The part of the workspace that a crate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Guest programs or their tests use it: a crate in `packages/`.
    Userland,
    /// Only host tools use it.
    Tools,
}

impl Part {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Part::Userland => "userland",
            Part::Tools => "tools",
        }
    }
}

impl Crates {
    /// Looks up the crates of `lock`. `is_guest` tells whether a member of the workspace is in `packages/`; `yanked`, whether a
    /// version of a crate was yanked, if that is known.
    pub fn of(
        lock: &Lockfile,
        database: Option<&Database>,
        is_guest: impl Fn(&str) -> bool,
        yanked: impl Fn(&str, &str) -> Option<bool>,
    ) -> Crates {
        let crates = lock.crates();
        let (mut findings, mut elsewhere, mut yanked_unknown) = (Vec::new(), 0, 0);
        for (package, users) in &crates {
            let version = package.version.to_string();
            let part = if users.iter().any(|user| is_guest(user)) { Part::Userland } else { Part::Tools };
            let finding = |kind: &str, title: &str| Finding {
                name: package.name.clone(),
                version: version.clone(),
                kind: kind.to_owned(),
                advisory: None,
                title: title.to_owned(),
                date: None,
                url: None,
                aliases: Vec::new(),
                cvss: None,
                patched: Vec::new(),
                part,
                used_by: users.iter().map(|user| (*user).to_owned()).collect(),
            };
            let advisories = database.map_or(&[][..], |database| database.of(&package.name));
            for advisory in advisories.iter().filter(|advisory| affects(advisory, package)) {
                if !advisory.concerns(TARGET.0, TARGET.1) {
                    elsewhere += 1;
                    continue;
                }
                findings.push(Finding {
                    advisory: Some(advisory.id.clone()),
                    date: Some(advisory.date.clone()),
                    url: advisory.url.clone(),
                    aliases: advisory.aliases.clone(),
                    cvss: advisory.cvss.clone(),
                    patched: advisory.versions.patched.clone(),
                    ..finding(advisory.kind.name(), &advisory.title)
                });
            }
            match yanked(&package.name, &version) {
                Some(true) => findings.push(finding("yanked", "the version was yanked from the registry")),
                Some(false) => {}
                None => yanked_unknown += 1,
            }
        }
        let rank = |kind: &str| {
            ["vulnerability", "unsound", "yanked", "unmaintained", "notice"]
                .iter()
                .position(|one| *one == kind)
        };
        // Other kinds, which have no rank, come last.
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| rank(&finding.kind).unwrap_or(usize::MAX);
            let names =
                |finding: &Finding| (finding.name.clone(), finding.version.clone(), finding.advisory.clone());
            key(a).cmp(&key(b)).then_with(|| names(a).cmp(&names(b)))
        });
        Crates {
            crates: crates.len(),
            advisories: database.map(Database::count),
            elsewhere,
            yanked_unknown,
            findings,
        }
    }
}

fn affects(advisory: &Advisory, package: &Package) -> bool {
    let other_registry = advisory.source.is_some() && advisory.source != package.source;
    !advisory.withdrawn && !other_registry && advisory.versions.affects(&package.version)
}

#[cfg(test)]
mod tests;
