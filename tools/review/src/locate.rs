// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lines of the head's files that results point at: snapshots, manifests, configurations. Pure.

use serde::Serialize;
use std::collections::BTreeMap;

/// The directory of the snapshots of boots.
pub const SNAPSHOTS: &str = "tools/boot-tests/tests/snapshots";

/// The directory of the reviewed boots of a system in a repository of its own: a log, with its times, for each image.
pub const SYSTEM: &str = "snapshots";

/// A line of a file of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The path from the root of the repository.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl Location {
    /// A line of a file.
    pub fn new(file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Texts of files of the head, by their paths from the root of the repository.
#[derive(Clone, Debug, Default)]
pub struct Files(pub BTreeMap<String, String>);

impl Files {
    /// The first line of `file` for which `is` returns true.
    pub fn line(&self, file: &str, is: impl Fn(&str) -> bool) -> Option<Location> {
        let at = self.0.get(file)?.lines().position(is)?;
        Some(Location::new(file, at + 1))
    }

    /// The line of a log in the snapshots of an image's boot.
    #[must_use]
    pub fn log_line(&self, image: &str, phase: &str, text: &str) -> Option<Location> {
        self.boot_line(image, Some(phase), |line| line.trim_end() == text.trim_end())
    }

    /// The line of a log about what became of a unit: `qos-init: a.service: started`.
    #[must_use]
    pub fn unit_line(&self, image: &str, unit: &str) -> Option<Location> {
        let begins = format!("qos-init: {unit}: ");
        self.boot_line(image, None, |line| line.starts_with(&begins) && !line.ends_with(": starting"))
    }

    fn boot_line(&self, image: &str, phase: Option<&str>, is: impl Fn(&str) -> bool) -> Option<Location> {
        let message = |line: &str| {
            is(line.strip_prefix('[').and_then(|line| line.split_once("] ")).map_or(line, |(_, text)| text))
        };
        if let Some(found) = self.line(&format!("{SYSTEM}/{image}.log"), message) {
            return Some(found);
        }
        let phase = phase.map(|phase| format!("-{phase}.snap"));
        // The default image has a snapshot for each phase, an image on an LTS kernel one for all.
        let is_of = |name: &str| match image {
            "default" => {
                name.starts_with("boot-") && phase.as_ref().is_none_or(|phase| name.ends_with(phase))
            }
            image => name == format!("{image}-boot.snap"),
        };
        let files = self.0.keys().filter(|file| {
            file.strip_prefix(SNAPSHOTS).and_then(|name| name.strip_prefix('/')).is_some_and(is_of)
        });
        files.filter_map(|file| self.line(file, &is)).next()
    }

    /// A line of the snapshot `name` of an image: `timeline`, `initramfs`, `image`.
    pub fn snapshot_line(&self, image: &str, name: &str, is: impl Fn(&str) -> bool) -> Option<Location> {
        let prefix = if image == "default" { String::new() } else { format!("{image}-") };
        self.line(&format!("{SNAPSHOTS}/{prefix}{name}.snap"), is)
    }

    /// The entry of the initramfs in its snapshot.
    #[must_use]
    pub fn entry(&self, image: &str, path: &str) -> Option<Location> {
        let (end, link) = (format!(" {path}"), format!(" {path} -> "));
        self.snapshot_line(image, "initramfs", |line| line.ends_with(&end) || line.contains(&link))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let snapshot = |name: &str, text: &str| {
            (format!("{SNAPSHOTS}/{name}.snap"), format!("---\nsource: x\n---\n{text}"))
        };
        Files(BTreeMap::from([
            snapshot("boot-1-early", "Linux version 7\nx\n"),
            snapshot("boot-3-drivers", "x\ny  \n"),
            snapshot("lts-boot", "# early\n\nx\n"),
            snapshot(
                "server-boot",
                "qos-init: a.service: starting\nqos-init: aa.service: started\nqos-init: a.service: failed: timeout\n",
            ),
            snapshot("initramfs", "0 -rw 0 0 1 a/b\n0 lrwx 0 0 3 bin/[ -> qos\n"),
            snapshot("minimal-timeline", "to /init   1\n"),
            (
                format!("{SYSTEM}/my.log"),
                "[    0.000000] Linux version 7\n[    1.200000] qos-init: b.service: started\n".to_owned(),
            ),
        ]))
    }

    #[test]
    fn lines_are_found() {
        let check = |found: Option<Location>, expect: Option<(&str, usize)>| {
            let expect = expect.map(|(name, line)| Location::new(format!("{SNAPSHOTS}/{name}.snap"), line));
            assert_eq!(found, expect);
        };
        let files = files();
        check(files.log_line("default", "early", "x"), Some(("boot-1-early", 5)));
        check(files.log_line("default", "drivers", "x"), Some(("boot-3-drivers", 4)));
        check(files.log_line("default", "drivers", "y"), Some(("boot-3-drivers", 5)));
        check(files.log_line("default", "drivers", "z"), None);
        check(files.log_line("default", "init", "x"), None);
        check(files.log_line("lts", "drivers", "x"), Some(("lts-boot", 6)));
        check(files.log_line("minimal", "drivers", "x"), None);
        check(files.unit_line("server", "a.service"), Some(("server-boot", 6)));
        check(files.unit_line("server", "b.service"), None);
        check(files.unit_line("default", "a.service"), None);
        let system = |found: Option<Location>, line| {
            assert_eq!(found, Some(Location::new(format!("{SYSTEM}/my.log"), line)))
        };
        system(files.log_line("my", "early", "Linux version 7"), 1);
        system(files.unit_line("my", "b.service"), 2);
        check(files.entry("default", "a/b"), Some(("initramfs", 4)));
        check(files.entry("default", "bin/["), Some(("initramfs", 5)));
        check(files.entry("default", "b"), None);
        check(files.entry("minimal", "a/b"), None);
        check(
            files.snapshot_line("minimal", "timeline", |line| line.starts_with("to /init ")),
            Some(("minimal-timeline", 4)),
        );
    }
}
