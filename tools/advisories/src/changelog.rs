// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian changelogs (deb-changelog(5)): entries, their urgency, and the CVE numbers that they name.

use qos_toolchain::version;
use serde::Serialize;
use std::collections::BTreeSet;

/// An entry: the changes of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Source package.
    pub source: String,
    /// Debian version.
    pub version: String,
    /// The suites that the version was uploaded to, separated by spaces.
    pub suites: String,
    /// How urgent the upload was, according to the uploader.
    pub urgency: Urgency,
    /// The changes: the lines between header and signature, indented as they are, without blank lines at both ends.
    pub changes: String,
}

/// The keyword `urgency`, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// None, or a word that the format does not define.
    Unknown,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `emergency`
    Emergency,
    /// `critical`, which is the same as `emergency`
    Critical,
}

impl Urgency {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Urgency::Unknown => "unknown",
            Urgency::Low => "low",
            Urgency::Medium => "medium",
            Urgency::High => "high",
            Urgency::Emergency => "emergency",
            Urgency::Critical => "critical",
        }
    }

    /// The urgency of a header's keywords (`urgency=high, binary-only=yes`). A comment may follow the word.
    fn of(keywords: &str) -> Urgency {
        let value = keywords.split(',').find_map(|keyword| {
            let (name, value) = keyword.split_once('=')?;
            name.trim().eq_ignore_ascii_case("urgency").then_some(value)
        });
        let word = value.and_then(|value| value.split_whitespace().next()).unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "low" => Urgency::Low,
            "medium" => Urgency::Medium,
            "high" => Urgency::High,
            "emergency" => Urgency::Emergency,
            "critical" => Urgency::Critical,
            _ => Urgency::Unknown,
        }
    }
}

/// The entries of a changelog, in its order: the newest first. They end where the text has another format, as the oldest entries of
/// old packages do. An entry that is cut off counts.
pub fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']) || line.trim().is_empty();
        match (inside, entries.last_mut()) {
            (true, Some(_)) if line.starts_with(" -- ") => inside = false,
            (true, Some(entry)) if indented => {
                entry.changes.push_str(line.trim_end());
                entry.changes.push('\n');
            }
            (false, _) if line.trim().is_empty() => {}
            (false, _) => match header(line) {
                Some(entry) => {
                    entries.push(entry);
                    inside = true;
                }
                None => break,
            },
            _ => break,
        }
    }
    for entry in &mut entries {
        let end = entry.changes.trim_end().len();
        entry.changes.truncate(end);
        let blank: usize =
            entry.changes.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
        entry.changes.drain(..blank);
    }
    entries
}

/// The entries of versions above `old`; without `old`, the newest entry only.
pub fn news(text: &str, old: Option<&str>) -> Vec<Entry> {
    let all = entries(text).into_iter();
    match old {
        Some(old) => all.take_while(|entry| version::compare(&entry.version, old).is_gt()).collect(),
        None => all.take(1).collect(),
    }
}

/// `PACKAGE (VERSION) SUITE…; KEYWORD=VALUE, …`
fn header(line: &str) -> Option<Entry> {
    let (source, rest) = line.split_once(" (")?;
    let (version, rest) = rest.split_once(')')?;
    let (suites, keywords) = rest.split_once(';')?;
    let one_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    (one_word(source) && one_word(version)).then(|| Entry {
        source: source.to_owned(),
        version: version.to_owned(),
        suites: suites.split_whitespace().collect::<Vec<_>>().join(" "),
        urgency: Urgency::of(keywords),
        changes: String::new(),
    })
}

/// The CVE numbers in `text` (`CVE-2026-1234`), sorted.
pub fn cves(text: &str) -> BTreeSet<String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut found = BTreeSet::new();
    for (start, prefix) in text.match_indices("CVE-") {
        let rest = &text[start + prefix.len()..];
        let year = digits(rest);
        let Some(number) = rest[year..].strip_prefix('-') else { continue };
        let length = digits(number);
        if year == 4 && (4..=19).contains(&length) {
            found.insert(format!("CVE-{}-{}", &rest[..year], &number[..length]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
bash (5.2.37-2+b10) trixie; urgency=low, binary-only=yes

  * Binary-only non-maintainer upload for amd64; no source changes.

 -- Build Daemon <build@example.org>  Sun, 12 Jul 2026 16:58:00 +0000

bash (5.2.37-2) trixie-security bookworm-security; Urgency=HIGH (security)

  * Fix CVE-2026-12345 and CVE-2026-0001 (Closes: #1).
    - again CVE-2026-12345; not CVE-26-1, CVE-2026-1 or CVE-2026

 -- A <a@example.org>  Sun, 12 Jul 2026 16:58:00 +0000

bash (5.2.37-1) unstable; urgency=medium

  * New upstream release.

 -- A <a@example.org>  Sun, 12 Jul 2026 16:58:00 +0000

Old format:
bash (1-1) unstable; urgency=low
";

    #[test]
    fn entries_of_a_changelog() {
        let found = entries(TEXT);
        let heads: Vec<_> = found
            .iter()
            .map(|entry| format!("{} {} {}", entry.version, entry.suites, entry.urgency.name()))
            .collect();
        assert_eq!(
            heads,
            [
                "5.2.37-2+b10 trixie low",
                "5.2.37-2 trixie-security bookworm-security high",
                "5.2.37-1 unstable medium"
            ]
        );
        assert_eq!(
            found[1].changes,
            "  * Fix CVE-2026-12345 and CVE-2026-0001 (Closes: #1).\n    \
             - again CVE-2026-12345; not CVE-26-1, CVE-2026-1 or CVE-2026"
        );
        assert!(Urgency::High > Urgency::Medium && Urgency::Low > Urgency::Unknown);
    }

    #[test]
    fn entries_above_a_version() {
        let versions = |old: Option<&str>| {
            news(TEXT, old).into_iter().map(|entry| entry.version).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(versions(Some("5.2.37-2")), "5.2.37-2+b10");
        assert_eq!(versions(Some("5.2.37-1")), "5.2.37-2+b10 5.2.37-2");
        assert_eq!(versions(Some("6")), "");
        assert_eq!(versions(None), "5.2.37-2+b10");
    }

    #[test]
    fn cve_numbers() {
        let found: Vec<_> = cves(TEXT).into_iter().collect();
        assert_eq!(found, ["CVE-2026-0001", "CVE-2026-12345"]);
        assert!(cves("CVE-CVE-2026-é CVE-2026-").is_empty());
    }

    #[test]
    fn other_text_has_no_entries() {
        for text in ["", "\n\n", "* upstream", "a (", "a (1) s", "a b (1) s; x", " (1) s; x", "a () s; x"] {
            assert_eq!(entries(text), [], "{text:?}");
        }
        let cut = entries("a (1) s; urgency=x\n\n  * cut o");
        assert_eq!((cut[0].changes.as_str(), cut[0].urgency), ("  * cut o", Urgency::Unknown));
    }
}
