// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian mirrors from the host's own apt configuration (sources.list(5)): one-line files, deb822 files, and the lists
//! of `mirror+file:` sources, which Debian's cloud images use.
//!
//! The release of the host does not matter: every mirror has all suites.

use crate::control::paragraphs;
use crate::spec::Archive;
use std::fs;
use std::path::Path;

/// Base URLs of the two archives, in the order in which apt would read them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Mirrors {
    /// Of the main archive.
    pub main: Vec<String>,
    /// Of the security archive.
    pub security: Vec<String>,
}

impl Mirrors {
    /// What is below `root` (`/` but in tests) in `etc/apt/sources.list` and `etc/apt/sources.list.d`. Files that
    /// cannot be read are passed over, as are archives that are not Debian's.
    pub fn from_host(root: &Path) -> Mirrors {
        let apt = root.join("etc/apt");
        let mut files = vec![apt.join("sources.list")];
        let mut parts: Vec<_> = fs::read_dir(apt.join("sources.list.d"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        parts.sort();
        files.extend(parts);
        let mut mirrors = Mirrors::default();
        for file in files {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let sources = match file.extension().and_then(|extension| extension.to_str()) {
                Some("list") => one_line(&text),
                Some("sources") => deb822(&text),
                _ => continue,
            };
            for (uri, suite) in sources {
                for url in expand(root, &uri) {
                    mirrors.add(&url, if is_security(&suite) { Archive::Security } else { Archive::Main });
                }
            }
        }
        mirrors.complete();
        mirrors
    }

    /// One mirror of the main archive, and of the security archive if it is given.
    pub fn from_urls(main: &str, security: Option<&str>) -> Mirrors {
        let mut mirrors = Mirrors::default();
        mirrors.add(main, Archive::Main);
        if let Some(security) = security {
            mirrors.add(security, Archive::Security);
        }
        mirrors.complete();
        mirrors
    }

    /// Base URLs of an archive.
    pub fn of(&self, archive: Archive) -> &[String] {
        match archive {
            Archive::Main => &self.main,
            Archive::Security => &self.security,
        }
    }

    fn add(&mut self, url: &str, archive: Archive) {
        let url = url.trim_end_matches('/').to_owned();
        let list = match archive {
            Archive::Main => &mut self.main,
            Archive::Security => &mut self.security,
        };
        if !list.contains(&url) {
            list.push(url);
        }
    }

    /// Where no security archive is known, it is taken to be beside the main one, as it is on most mirrors.
    fn complete(&mut self) {
        if self.security.is_empty() {
            self.security = self.main.iter().map(|url| format!("{url}-security")).collect();
        }
    }
}

/// `deb [options] URI SUITE COMPONENT…` → the URI and suite of each that is Debian's.
fn one_line(text: &str) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.split('#').next().and_then(|line| line.trim().strip_prefix("deb")) else {
            continue;
        };
        if !rest.starts_with([' ', '\t']) {
            continue;
        }
        let rest = rest.trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(options) => options.split_once(']').map_or("", |(_, rest)| rest),
            None => rest,
        };
        let mut words = rest.split_whitespace();
        if let (Some(uri), Some(suite)) = (words.next(), words.next()) {
            if is_debian(suite, words) {
                sources.push((uri.to_owned(), suite.to_owned()));
            }
        }
    }
    sources
}

fn deb822(text: &str) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for paragraph in paragraphs(text) {
        let words = |field: &str| paragraph.get(field).unwrap_or_default().split_whitespace();
        let disabled = paragraph.get("Enabled").is_some_and(|value| matches!(value, "no" | "false" | "0"));
        if disabled || !words("Types").any(|word| word == "deb") {
            continue;
        }
        for suite in words("Suites").filter(|suite| is_debian(suite, words("Components"))) {
            sources.extend(words("URIs").map(|uri| (uri.to_owned(), suite.to_owned())));
        }
    }
    sources
}

/// Whether an archive with this suite and these components is Debian's own: other archives use other suite names
/// (`nodistro`, `bookworm-pgdg`) or have no component `main`.
fn is_debian<'a>(suite: &str, mut components: impl Iterator<Item = &'a str>) -> bool {
    const NAMES: [&str; 12] = [
        "stable",
        "oldstable",
        "oldoldstable",
        "testing",
        "unstable",
        "sid",
        "buster",
        "bullseye",
        "bookworm",
        "trixie",
        "forky",
        "duke",
    ];
    const KINDS: [&str; 7] =
        ["", "-updates", "-security", "/updates", "-backports", "-backports-sloppy", "-proposed-updates"];
    let known = NAMES.iter().any(|name| suite.strip_prefix(name).is_some_and(|kind| KINDS.contains(&kind)));
    known && components.any(|component| component == "main")
}

fn is_security(suite: &str) -> bool {
    suite.ends_with("-security") || suite.ends_with("/updates")
}

/// The URLs of an apt URI; none for methods other than HTTP (`file:`, `cdrom:`).
fn expand(root: &Path, uri: &str) -> Vec<String> {
    let is_http = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    if is_http(uri) {
        return vec![uri.to_owned()];
    }
    let Some(list) = uri.strip_prefix("mirror+file:").or_else(|| uri.strip_prefix("mirror:file:")) else {
        return Vec::new();
    };
    let path = root.join(list.trim_start_matches('/'));
    let text = fs::read_to_string(path).unwrap_or_default();
    let urls = text.lines().filter_map(|line| line.split_whitespace().next());
    urls.filter(|url| is_http(url)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one_line_text: &str, deb822_text: &str, main: &[&str], security: &[&str]) {
        let root = tempfile::tempdir().unwrap();
        let parts = root.path().join("etc/apt/sources.list.d");
        fs::create_dir_all(&parts).unwrap();
        fs::write(root.path().join("etc/apt/sources.list"), one_line_text).unwrap();
        fs::write(parts.join("debian.sources"), deb822_text).unwrap();
        fs::write(parts.join("ignored.save"), "deb http://example.org/saved stable main\n").unwrap();
        fs::write(root.path().join("etc/apt/mirrors.list"), "https://example.org/from-list priority:1\n")
            .unwrap();
        let found = Mirrors::from_host(root.path());
        assert_eq!((found.main, found.security), (own(main), own(security)));
    }

    fn own(urls: &[&str]) -> Vec<String> {
        urls.iter().map(|&url| url.to_owned()).collect()
    }

    #[test]
    fn one_line_sources() {
        check(
            "# deb http://example.org/commented bookworm main\n\
             deb [arch=amd64 signed-by=/k.gpg] http://example.org/debian/ bookworm main contrib # note\n\
             deb-src http://example.org/source bookworm main\n\
             deb http://example.org/debian bookworm-updates main\n\
             deb http://sec.example.org/debian-security bookworm-security main\n\
             deb http://example.org/other bookworm-pgdg main\n\
             deb http://example.org/docker bookworm stable\n\
             deb cdrom:[Debian] bookworm main\n",
            "",
            &["http://example.org/debian"],
            &["http://sec.example.org/debian-security"],
        );
    }

    #[test]
    fn deb822_sources() {
        check(
            "",
            "Types: deb deb-src\nURIs: http://example.org/debian http://two.example.org/debian\n\
             Suites: bookworm bookworm-updates\nComponents: main\n\n\
             Types: deb\nURIs: http://example.org/off\nSuites: bookworm\nComponents: main\nEnabled: no\n\n\
             Types: deb\nURIs: mirror+file:///etc/apt/mirrors.list\nSuites: bookworm\nComponents: main\n",
            &["http://example.org/debian", "http://two.example.org/debian", "https://example.org/from-list"],
            &[
                "http://example.org/debian-security",
                "http://two.example.org/debian-security",
                "https://example.org/from-list-security",
            ],
        );
    }

    #[test]
    fn no_debian_at_all() {
        check("deb http://example.org/ubuntu noble main\n", "", &[], &[]);
    }
}
