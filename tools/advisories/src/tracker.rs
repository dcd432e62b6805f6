// SPDX-License-Identifier: MIT OR Apache-2.0
//! The data of Debian's security tracker, the JSON file at `/tracker/data/json` of its server: issues by source package, and
//! the state of each in each release.
//!
//! ```json
//! {"bash": {"CVE-2026-1234": {"description": "…", "scope": "local", "releases": {
//!     "trixie": {"status": "resolved", "fixed_version": "5.2.37-2", "urgency": "low"},
//!     "sid":    {"status": "open", "urgency": "unimportant", "nodsa": "Minor issue", "nodsa_reason": ""}}}}}
//! ```

use qos_toolchain::version;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The issues of some source packages.
#[derive(Debug, Default)]
pub struct Tracker {
    issues: BTreeMap<String, Vec<Issue>>,
}

/// An issue of a source package.
#[derive(Debug, PartialEq, Eq)]
pub struct Issue {
    /// `CVE-2026-1234`, or a temporary number of the tracker.
    pub id: String,
    /// A few words about it.
    pub description: String,
    releases: BTreeMap<String, Release>,
}

/// An issue in a release.
#[derive(Debug, PartialEq, Eq)]
struct Release {
    status: Status,
    /// The first version with the fix; `0` means that the release never had the fault.
    fixed: Option<String>,
    urgency: String,
    /// Why there is no security advisory for the release.
    no_dsa: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Open,
    Resolved,
    Undetermined,
}

/// A release, as a suite names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `trixie`
    pub release: String,
    /// Whether the suite has backports, which the tracker does not follow.
    pub backports: bool,
}

/// What an issue means for a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The version has the fault. The release may have a version with the fix, which is then given.
    Open(Option<String>),
    /// The version has the fix, which came with the version given.
    Resolved(String),
    /// The fault was never in the release.
    NotAffected,
    /// The tracker's authors do not know yet.
    Undetermined,
    /// A backport of another upstream series than the one that was fixed: it may have the fix from upstream.
    Unknown(String),
}

/// An issue in a release, for a version.
#[derive(Debug)]
pub struct Standing<'a> {
    /// What it means for the version.
    pub state: State,
    /// `unimportant`, `low`, `medium`, `high`, `not yet assigned`, `end-of-life`
    pub urgency: &'a str,
    /// Why there is no security advisory for the release.
    pub no_dsa: Option<&'a str>,
}

impl Tracker {
    /// Reads the issues of the source packages in `wanted`.
    ///
    /// # Errors
    ///
    /// The text is not JSON (with line and column), or something of a wanted package is not as the format has it (with the field).
    pub fn parse(json: &[u8], wanted: &BTreeSet<String>) -> Result<Tracker, String> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let packages = Wanted(wanted).deserialize(&mut deserializer).map_err(|error| error.to_string())?;
        deserializer.end().map_err(|error| error.to_string())?;
        let mut issues = BTreeMap::new();
        for (package, value) in packages {
            let mut found = Vec::new();
            for (id, value) in map(&value, &package)? {
                found.push(issue(id, value, &format!("{package}.{id}"))?);
            }
            issues.insert(package, found);
        }
        Ok(Tracker { issues })
    }

    /// The issues of a source package.
    pub fn of(&self, source: &str) -> &[Issue] {
        self.issues.get(source).map_or(&[], Vec::as_slice)
    }
}

impl Issue {
    /// What it means for this version of its source package in that release; `None` if the release does not have the package.
    ///
    /// The tracker does not follow backports. They are versions of the next release, so the state in `sid` counts, and the version
    /// without the backport's suffix (`~bpo13+1`).
    pub fn standing(&self, place: &Place, version: &str) -> Option<Standing<'_>> {
        let entry = self.releases.get(if place.backports { "sid" } else { &place.release })?;
        let version = match version.split_once("~bpo") {
            Some((version, _)) if place.backports => version,
            _ => version,
        };
        let fixed = entry.fixed.as_deref().filter(|fixed| !fixed.is_empty());
        let state = match (entry.status, fixed) {
            (Status::Open, _) => State::Open(None),
            (Status::Undetermined, _) | (Status::Resolved, None) => State::Undetermined,
            (Status::Resolved, Some("0")) => State::NotAffected,
            (Status::Resolved, Some(fixed)) if version::compare(version, fixed).is_ge() => {
                State::Resolved(fixed.to_owned())
            }
            (Status::Resolved, Some(fixed))
                if place.backports && version::series(version) != version::series(fixed) =>
            {
                State::Unknown(fixed.to_owned())
            }
            (Status::Resolved, Some(fixed)) => State::Open(Some(fixed.to_owned())),
        };
        Some(Standing { state, urgency: &entry.urgency, no_dsa: entry.no_dsa.as_deref() })
    }
}

impl Place {
    /// The place of a suite: `trixie`, `trixie-security`, `trixie-backports`.
    pub fn of(suite: &str) -> Place {
        let (release, pocket) = suite.split_once('-').unwrap_or((suite, ""));
        Place { release: release.to_owned(), backports: pocket.starts_with("backports") }
    }
}

fn issue(id: &str, value: &Value, at: &str) -> Result<Issue, String> {
    let fields = map(value, at)?;
    let mut releases = BTreeMap::new();
    let at_releases = format!("{at}.releases");
    let all = fields.get("releases").ok_or_else(|| format!("{at}: missing field `releases`"))?;
    for (name, value) in map(all, &at_releases)? {
        releases.insert(name.clone(), release(value, &format!("{at_releases}.{name}"))?);
    }
    let description = text(fields, "description", at)?.unwrap_or_default();
    Ok(Issue { id: id.to_owned(), description, releases })
}

fn release(value: &Value, at: &str) -> Result<Release, String> {
    let fields = map(value, at)?;
    let status = match text(fields, "status", at)?.as_deref() {
        Some("open") => Status::Open,
        Some("resolved") => Status::Resolved,
        Some("undetermined") => Status::Undetermined,
        Some(other) => return Err(format!("{at}.status: {other:?} is not open, resolved or undetermined")),
        None => return Err(format!("{at}: missing field `status`")),
    };
    let reason = text(fields, "nodsa_reason", at)?.filter(|reason| !reason.is_empty());
    let no_dsa = text(fields, "nodsa", at)?.map(|text| match reason {
        Some(reason) => format!("{text} ({reason})"),
        None => text,
    });
    let urgency = text(fields, "urgency", at)?.unwrap_or_else(|| "not yet assigned".into());
    Ok(Release { status, fixed: text(fields, "fixed_version", at)?, urgency, no_dsa })
}

fn map<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{at}: expected an object, found {}", kind(value)))
}

/// A field that is text, or is not there.
fn text(fields: &Map<String, Value>, name: &str, at: &str) -> Result<Option<String>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("{at}.{name}: expected text, found {}", kind(other))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Keeps the wanted members of an object: the file has many megabytes.
struct Wanted<'a>(&'a BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = BTreeMap<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = BTreeMap<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a member for each source package")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut kept = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if self.0.contains(&name) {
                kept.insert(name, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests;
