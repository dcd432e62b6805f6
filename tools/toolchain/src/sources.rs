// SPDX-License-Identifier: MIT OR Apache-2.0
//! The source index of a suite: the entry of one package in a `Sources` file (deb-src-control(5), "Debian source control").

use crate::control::{Paragraph, paragraphs};
use crate::error::{Error, Result};
use crate::hash::Sum;
use crate::lock::Pin;
use crate::spec::Source;
use crate::{glob, version};

/// The architecture of a [`Pin`] that is no package to unpack but a file of a source package.
pub const ARCH: &str = "source";

/// The file that `wanted` names, of the newest version in `text` that belongs to its series; none if there is no such
/// version. `suite` and `component` are where the index is from.
///
/// # Errors
///
/// Not one file of that version matches, or its entry lacks a field.
pub fn newest(text: &str, wanted: &Source, suite: &str, component: &str) -> Result<Option<Pin>> {
    let candidates = paragraphs(text)
        .filter(|paragraph| paragraph.get("Package") == Some(&wanted.package))
        .filter(|paragraph| paragraph.get("Version").is_some_and(|version| is_of(version, &wanted.series)));
    let newest = candidates.max_by(|a, b| {
        version::compare(a.get("Version").unwrap_or_default(), b.get("Version").unwrap_or_default())
    });
    newest.map(|paragraph| pin(&paragraph, wanted, suite, component)).transpose()
}

/// Whether a Debian version is `SERIES.N…`.
pub fn is_of(version: &str, series: &str) -> bool {
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    upstream
        .strip_prefix(series)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn pin(paragraph: &Paragraph<'_>, wanted: &Source, suite: &str, component: &str) -> Result<Pin> {
    let Source { package, file: pattern, .. } = wanted;
    let version = paragraph.get("Version").unwrap_or_default();
    let incomplete =
        || Error::new(format!("the source index of {suite} has an incomplete entry for {package} {version}"));
    let folder = paragraph.get("Directory").ok_or_else(incomplete)?;
    let mut files = paragraph
        .get("Checksums-Sha256")
        .ok_or_else(incomplete)?
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.get(2).is_some_and(|name| glob::matches(pattern, name)));
    let (Some(words), None) = (files.next(), files.next()) else {
        return Err(Error::new(format!(
            "the pattern {pattern} must match exactly one file of {package} {version} in {suite}; correct it in toolchain.toml"
        )));
    };
    let [sum, size, name] = words[..] else { return Err(incomplete()) };
    Ok(Pin {
        name: package.clone(),
        version: version.to_owned(),
        arch: ARCH.to_owned(),
        suite: suite.to_owned(),
        component: component.to_owned(),
        path: format!("{folder}/{name}"),
        size: size.parse().map_err(|_| incomplete())?,
        sha256: Sum::from_hex(sum).ok_or_else(incomplete)?.hex(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(package: &str, version: &str) -> String {
        let upstream = version.split('-').next().unwrap();
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        format!(
            "Package: {package}\nVersion: {version}\nDirectory: pool/main/l/{package}\nChecksums-Sha256:\n \
             {one} 9 {package}_{version}.dsc\n {two} 157 {package}_{upstream}.orig.tar.xz\n\n"
        )
    }

    fn wanted(file: &str) -> Source {
        Source { package: "linux".into(), series: "6.18".into(), file: file.into() }
    }

    #[test]
    fn the_newest_of_the_series() {
        let check = |versions: &[&str], expect: Option<&str>| {
            let mut text: String = versions.iter().map(|version| entry("linux", version)).collect();
            text += &entry("linux-base", "6.18.99-1");
            let found = newest(&text, &wanted("*.orig.tar.xz"), "stable", "main").unwrap();
            assert_eq!(found.map(|pin| pin.path).as_deref(), expect, "{versions:?}");
        };
        let path = "pool/main/l/linux/linux_6.18.15.orig.tar.xz";
        check(&[], None);
        check(&["6.1.8-1", "6.180.1-1", "6.18~rc7-1", "7.3.4-1"], None);
        check(
            &["6.18.9-1~bpo13+1", "6.18.15-1~bpo13+1", "6.19.6-2~bpo13+1", "6.18.12-1~bpo13+1"],
            Some(path),
        );
        check(&["6.18.15-1"], Some(path));
    }

    #[test]
    fn what_is_locked_is_what_the_index_says() {
        let pin =
            newest(&entry("linux", "6.18.15-1"), &wanted("*.orig.tar.xz"), "s", "main").unwrap().unwrap();
        assert_eq!(
            (pin.name.as_str(), pin.version.as_str(), pin.arch.as_str()),
            ("linux", "6.18.15-1", ARCH)
        );
        assert_eq!((pin.suite.as_str(), pin.size, pin.sha256), ("s", 157, "2".repeat(64)));
    }

    #[test]
    fn one_file_and_a_whole_entry() {
        let error =
            |text: &str, file: &str| newest(text, &wanted(file), "s", "main").unwrap_err().to_string();
        let entry = entry("linux", "6.18.1-1");
        for file in ["*", "*.zip"] {
            let found = error(&entry, file);
            assert!(found.contains("must match exactly one file of linux 6.18.1-1 in s;"), "{file}: {found}");
        }
        let found = error(&entry.replace("Directory", "Folder"), "*.dsc");
        assert_eq!(found, "the source index of s has an incomplete entry for linux 6.18.1-1");
        let found = error(&entry.replace(" 9 ", " nine "), "*.dsc");
        assert!(found.contains("incomplete"), "{found}");
    }
}
