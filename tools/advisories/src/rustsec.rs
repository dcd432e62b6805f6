// SPDX-License-Identifier: MIT OR Apache-2.0
//! Advisories of the RustSec database: Markdown files with TOML as front matter
//! (<https://github.com/RustSec/advisory-db>, "Advisory Format").
//!
//! The crate `rustsec` is not used: it requires a newer compiler than the one that xtask has to be compiled by, and some thirty
//! crates more. This module accepts and refuses the same files, and considers the same versions affected.

mod database;
mod versions;

pub use database::Database;
pub use versions::Versions;

use serde::{Deserialize, Serialize, Serializer};
use std::ops::Range;
use toml::Spanned;

/// An advisory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// `RUSTSEC-YYYY-NNNN`
    pub id: String,
    /// The crate.
    pub package: String,
    /// The registry, if it is not crates.io: as `source` in Cargo.lock.
    pub source: Option<String>,
    /// The day of its disclosure, `YYYY-MM-DD`.
    pub date: String,
    /// One line.
    pub title: String,
    /// What it is about.
    pub kind: Kind,
    /// A page about it.
    pub url: Option<String>,
    /// Its numbers in other databases, CVE among them.
    pub aliases: Vec<String>,
    /// The vector of the Common Vulnerability Scoring System.
    pub cvss: Option<String>,
    /// Whether it was withdrawn: it says nothing then.
    pub withdrawn: bool,
    /// The CPU architectures that it is about; none means all.
    pub arch: Vec<String>,
    /// The operating systems that it is about; none means all.
    pub os: Vec<String>,
    /// The versions that have the fix, or never had the fault.
    pub versions: Versions,
}

/// Whether an advisory is a vulnerability, or what it informs about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A vulnerability.
    Vulnerability,
    /// Informational: safe code can cause undefined behaviour.
    Unsound,
    /// Informational: nobody maintains the crate.
    Unmaintained,
    /// Informational: something else to know.
    Notice,
    /// Informational, of a kind that this program does not know.
    Other(String),
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Its line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
struct Raw {
    advisory: RawAdvisory,
    #[serde(default)]
    affected: RawAffected,
    versions: RawVersions,
}

/// Fields that are not needed here are accepted: the format grows. `yanked`, an old name, has no meaning; `withdrawn` has.
#[derive(Deserialize)]
struct RawAdvisory {
    id: Spanned<String>,
    package: Spanned<String>,
    source: Option<String>,
    date: Spanned<String>,
    withdrawn: Option<Spanned<String>>,
    informational: Option<String>,
    url: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    cvss: Option<String>,
}

#[derive(Default, Deserialize)]
struct RawAffected {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
}

#[derive(Deserialize)]
struct RawVersions {
    patched: Vec<Spanned<String>>,
    #[serde(default)]
    unaffected: Vec<Spanned<String>>,
}

impl Advisory {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// It is not an advisory; the mistake has its line.
    pub fn parse(text: &str) -> Result<Advisory, Mistake> {
        let fail = |at: usize, message: String| Mistake { line: line_of(text, at), message };
        let Some(rest) = text.strip_prefix("```toml") else {
            return Err(fail(0, "an advisory starts with ```toml".into()));
        };
        let start = text.len() - rest.trim_start().len();
        let Some(end) = text[start..].find("\n```").map(|end| start + end) else {
            return Err(fail(text.len(), "the front matter has no closing ```".into()));
        };
        // The first table's name may be omitted.
        let front = &text[start..end];
        let named = front.starts_with("[advisory]");
        let added = if named { "" } else { "[advisory]\n" };
        let at = |span: Range<usize>| start + span.start.saturating_sub(added.len());
        let raw: Raw = toml::from_str(&format!("{added}{front}"))
            .map_err(|error| fail(error.span().map_or(start, at), error.message().replace('\n', " ")))?;

        let body = text[end + 4..].trim_start();
        let title = body.lines().next().and_then(|line| line.strip_prefix("# ")).map(str::trim);
        let Some(title) = title.filter(|title| !title.is_empty()) else {
            return Err(fail(text.len() - body.len(), "a title (# …) must follow the front matter".into()));
        };
        let RawAdvisory { id, package, source, date, withdrawn, informational, url, aliases, cvss } =
            raw.advisory;
        let check = |field: &str, value: &Spanned<String>, valid: fn(&str) -> bool| {
            let wrong = || fail(at(value.span()), format!("invalid {field}: {:?}", value.get_ref()));
            if valid(value.get_ref()) { Ok(()) } else { Err(wrong()) }
        };
        check("id", &id, is_name)?;
        check("package", &package, is_name)?;
        check("date", &date, is_date)?;
        withdrawn.as_ref().map_or(Ok(()), |day| check("withdrawn", day, is_date))?;
        let RawVersions { patched, unaffected } = raw.versions;
        let versions =
            Versions::new(&patched, &unaffected).map_err(|(span, message)| fail(at(span), message))?;
        Ok(Advisory {
            id: id.into_inner(),
            package: package.into_inner(),
            source,
            date: date.into_inner(),
            title: title.to_owned(),
            kind: Kind::of(informational),
            url,
            aliases,
            cvss,
            withdrawn: withdrawn.is_some(),
            arch: raw.affected.arch,
            os: raw.affected.os,
            versions,
        })
    }

    /// Whether it is about this architecture and operating system.
    pub fn concerns(&self, arch: &str, os: &str) -> bool {
        let has = |all: &[String], one: &str| all.is_empty() || all.iter().any(|name| name == one);
        has(&self.arch, arch) && has(&self.os, os)
    }
}

impl Kind {
    fn of(informational: Option<String>) -> Kind {
        match informational.as_deref() {
            None => Kind::Vulnerability,
            Some("unsound") => Kind::Unsound,
            Some("unmaintained") => Kind::Unmaintained,
            Some("notice") => Kind::Notice,
            Some(_) => Kind::Other(informational.unwrap_or_default()),
        }
    }

    /// The word.
    pub fn name(&self) -> &str {
        match self {
            Kind::Vulnerability => "vulnerability",
            Kind::Unsound => "unsound",
            Kind::Unmaintained => "unmaintained",
            Kind::Notice => "notice",
            Kind::Other(name) => name,
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The line, counted from 1, of the byte at `offset`.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// A name that is also one of a file.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `YYYY-MM-DD`
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let number = |text: &str, length: usize| {
        (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    match parts[..] {
        [year, month, day] => {
            number(year, 4).is_some_and(|year| (2000..=2100).contains(&year))
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
