// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report of an update: which packages change, why, and which issues exist for what is pinned.

use crate::changelog::{self, Entry, Urgency};
use crate::findings::Crates;
use crate::tracker::{Issue, Place, State, Tracker};
use qos_toolchain::{Lock, Outcome, Pin, Sources, version};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Everything. As JSON it is the output of `--format json`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether the update is in the lock file.
    pub written: bool,
    /// What changes, by source package.
    pub changes: Vec<Change>,
    /// The crates of Cargo.lock.
    pub crates: Crates,
    /// The issues of Debian's security tracker; `None` without its data.
    pub debian: Option<Debian>,
    /// The commands to run next, in this order.
    pub next: Vec<String>,
}

/// Packages from one source package that change from one version to another.
#[derive(Debug, Serialize)]
pub struct Change {
    /// The source package.
    pub source: String,
    /// The trees of the toolchain.
    pub trees: BTreeSet<String>,
    /// The packages.
    pub packages: BTreeSet<String>,
    /// The version in the lock before; `None` for new packages.
    pub old: Option<String>,
    /// The version in the lock after; `None` for packages that are gone.
    pub new: Option<String>,
    /// Whether the version is new upstream: with a compiler, what it compiles changes.
    pub new_upstream: bool,
    /// The highest urgency of the changelog's entries.
    pub urgency: Option<Urgency>,
    /// The CVE numbers that the entries name.
    pub cves: BTreeSet<String>,
    /// The changelog's entries above the old version.
    pub changelog: Vec<Entry>,
}

/// The issues of pinned Debian packages.
#[derive(Debug, Default, Serialize)]
pub struct Debian {
    /// How many source packages are pinned.
    pub sources: usize,
    /// Issues that the old version has and the new one does not.
    pub fixed: Vec<Row>,
    /// Issues that the pinned version has.
    pub open: Vec<Row>,
    /// Issues of which it is not known whether the pinned version has them.
    pub unclear: Vec<Row>,
    /// How many issues are resolved in the pinned versions.
    pub resolved: usize,
}

/// An issue of a source package in a version.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The source package.
    pub source: String,
    /// Its version.
    pub version: String,
    /// The trees of the toolchain that have it.
    pub trees: BTreeSet<String>,
    /// The number of the issue.
    pub issue: String,
    /// The tracker's word for its urgency.
    pub urgency: String,
    /// The first version with the fix.
    pub fixed_in: Option<String>,
    /// Why there is no security advisory.
    pub no_dsa: Option<String>,
    /// A few words.
    pub description: String,
}

/// A change's source package, old version and new version.
type Key = (String, Option<String>, Option<String>);

/// A package of a change: its tree, its name, and the new pin if it has one.
type Member<'a> = (&'a str, &'a str, Option<&'a Pin>);

/// What changes from `old` to the lock of `outcome`, by source package.
pub fn changes(old: &Lock, outcome: &Outcome) -> Vec<Change> {
    let mut groups: BTreeMap<Key, Vec<Member<'_>>> = BTreeMap::new();
    let new = &outcome.lock;
    let trees: BTreeSet<&String> = old.trees.keys().chain(new.trees.keys()).collect();
    for tree in trees {
        let (before, after) = (pins(old, tree), pins(new, tree));
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let (was, is) = (before.get(name).copied(), after.get(name).copied());
            let versions = [was, is].map(|pin| pin.map(|pin| pin.version.clone()));
            let [was_version, is_version] = versions;
            let Some(pin) = is.or(was).filter(|_| was_version != is_version) else { continue };
            let key = (outcome.sources.of(pin).name, was_version, is_version);
            groups.entry(key).or_default().push((tree.as_str(), name, is));
        }
    }
    groups.into_iter().map(|(key, members)| change(key, &members, outcome)).collect()
}

fn change((source, old, new): Key, members: &[Member<'_>], outcome: &Outcome) -> Change {
    let upgraded = old.as_deref().zip(new.as_deref());
    let pin = members.first().and_then(|(_, _, pin)| *pin);
    let log = pin.zip(upgraded).and_then(|(pin, (was, _))| {
        let text = outcome.changelogs.get(&outcome.sources.of(pin))?;
        Some(changelog::news(text, is_of_source(&outcome.sources, pin).then_some(was)))
    });
    let entries = log.unwrap_or_default();
    Change {
        source,
        trees: members.iter().map(|(tree, ..)| (*tree).to_owned()).collect(),
        packages: members.iter().map(|(_, name, _)| (*name).to_owned()).collect(),
        new_upstream: upgraded.is_some_and(|(was, is)| version::upstream(was) != version::upstream(is)),
        urgency: entries.iter().map(|entry| entry.urgency).max(),
        cves: entries.iter().flat_map(|entry| changelog::cves(&entry.changes)).collect(),
        changelog: entries,
        old,
        new,
    }
}

/// The pins of a tree by name.
fn pins<'a>(lock: &'a Lock, tree: &str) -> BTreeMap<&'a str, &'a Pin> {
    let packages = lock.trees.get(tree).map_or(&[][..], |tree| &tree.packages);
    packages.iter().map(|pin| (pin.name.as_str(), pin)).collect()
}

/// Whether a package's version is that of its source package. Where it is, older versions have no other source version either, even
/// if no index has them.
fn is_of_source(sources: &Sources, pin: &Pin) -> bool {
    sources.of(pin).version == Sources::default().of(pin).version
}

/// The source packages of `lock` with version and place, and the trees that have each.
fn pinned(lock: &Lock, sources: &Sources) -> BTreeMap<(String, String, Place), BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (name, tree) in &lock.trees {
        for pin in &tree.packages {
            let source = sources.of(pin);
            found
                .entry((source.name, source.version, Place::of(&pin.suite)))
                .or_default()
                .insert(name.clone());
        }
    }
    found
}

/// The names of the source packages of an update's result.
pub fn source_names(outcome: &Outcome) -> BTreeSet<String> {
    pinned(&outcome.lock, &outcome.sources).into_keys().map(|(name, ..)| name).collect()
}

/// The issues of what is pinned after the update, and those that the update fixes.
pub fn debian(old: &Lock, outcome: &Outcome, tracker: &Tracker) -> Debian {
    let after = pinned(&outcome.lock, &outcome.sources);
    let mut result = Debian { sources: source_names(outcome).len(), ..Debian::default() };
    for ((source, version, place), trees) in &after {
        for issue in tracker.of(source) {
            let Some((row, state)) = row(source, version, place, trees, issue) else { continue };
            match state {
                State::Open(_) => result.open.push(row),
                State::Undetermined | State::Unknown(_) => result.unclear.push(row),
                State::Resolved(_) => result.resolved += 1,
                State::NotAffected => {}
            }
        }
    }
    // The source version of a package that is no longer pinned is known only if it is the package's own.
    let mut replaced = old.clone();
    for tree in replaced.trees.values_mut() {
        tree.packages.retain(|pin| {
            let new = outcome.lock.trees.values().flat_map(|tree| &tree.packages);
            let same_name: Vec<_> = new.filter(|new| new.name == pin.name).collect();
            !same_name.is_empty() && same_name.iter().all(|new| is_of_source(&outcome.sources, new))
        });
    }
    for ((source, version, place), trees) in pinned(&replaced, &outcome.sources) {
        if after.contains_key(&(source.clone(), version.clone(), place.clone())) {
            continue;
        }
        for issue in tracker.of(&source) {
            let Some((row, State::Open(_))) = row(&source, &version, &place, &trees, issue) else { continue };
            let still = |rows: &[Row]| rows.iter().any(|one| one.source == source && one.issue == row.issue);
            if !still(&result.open) && !still(&result.unclear) {
                result.fixed.push(row);
            }
        }
    }
    for rows in [&mut result.fixed, &mut result.open, &mut result.unclear] {
        rows.sort_by(|a, b| {
            let key = |row: &Row| (rank(&row.urgency), row.source.clone(), row.issue.clone());
            key(a).cmp(&key(b))
        });
    }
    result
}

fn row(
    source: &str,
    version: &str,
    place: &Place,
    trees: &BTreeSet<String>,
    issue: &Issue,
) -> Option<(Row, State)> {
    let standing = issue.standing(place, version)?;
    let fixed_in = match &standing.state {
        State::Open(fixed) => fixed.clone(),
        State::Resolved(fixed) | State::Unknown(fixed) => Some(fixed.clone()),
        State::NotAffected | State::Undetermined => None,
    };
    let row = Row {
        source: source.to_owned(),
        version: version.to_owned(),
        trees: trees.clone(),
        issue: issue.id.clone(),
        urgency: standing.urgency.to_owned(),
        fixed_in,
        no_dsa: standing.no_dsa.map(str::to_owned),
        description: issue.description.clone(),
    };
    Some((row, standing.state))
}

/// The place of an urgency in the order of a table. A word that the tracker does not have yet comes with those that nobody has judged.
fn rank(urgency: &str) -> usize {
    match urgency.trim_end_matches('*') {
        "high" => 0,
        "medium" => 1,
        "low" => 3,
        "unimportant" => 4,
        "end-of-life" => 5,
        _ => 2,
    }
}

/// Whether Debian considers an issue not to matter: such issues are counted, but not listed by people's formats.
pub fn is_minor(row: &Row) -> bool {
    rank(&row.urgency) > 3
}

/// The report as JSON.
///
/// # Errors
///
/// None that is known: all of the report is text, numbers and lists.
pub fn json(report: &Report) -> Result<String, String> {
    serde_json::to_string_pretty(report).map_err(|error| format!("cannot write the report as JSON: {error}"))
}

/// The commands that follow an update of `packages` (all if there are none), which is `written` to the lock or not yet.
pub fn next(changes: &[Change], written: bool, packages: &[String]) -> Vec<String> {
    if changes.is_empty() {
        return Vec::new();
    }
    let update = std::iter::once("cargo xtask update").chain(packages.iter().map(String::as_str));
    let update = (!written).then(|| update.collect::<Vec<_>>().join(" "));
    update.into_iter().chain(["cargo xtask bootdiff HEAD".to_owned()]).collect()
}

#[cfg(test)]
mod tests;
