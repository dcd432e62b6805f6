// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of changelogs in small packages, which the tests make.

use super::*;
use crate::testing::write_deb;

/// The changelog of a package `a` with these files below `usr/share/doc`.
fn check(files: &[(&str, &str)], expect: &Changelog) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.deb");
    write_deb(&file, files);
    assert_eq!(of(&file, "a").unwrap(), *expect, "{files:?}");
}

#[test]
fn changelogs_of_packages() {
    let text = |text: &str| Changelog::Text(text.to_owned());
    let entry = "a (1-1) trixie; urgency=medium\n";
    check(
        &[("a/changelog.Debian.gz", entry), ("a/changelog.gz", "* upstream's"), ("a/copyright", "c")],
        &text(entry),
    );
    // a native package
    check(&[("a/changelog.gz", entry)], &text(entry));
    check(&[("a/changelog.gz", "* upstream's")], &Changelog::Missing);
    // a rebuild
    let rebuild = "a (1-1+b1) trixie; urgency=low, binary-only=yes\n";
    check(
        &[("a/changelog.Debian.amd64.gz", rebuild), ("a/changelog.Debian.gz", entry)],
        &text(&format!("{rebuild}\n{entry}")),
    );
    // the documentation of another package
    check(&[("a", "->a-base")], &Changelog::Of("a-base".into()));
    check(&[("a", "->../../../share/doc/a-base")], &Changelog::Of("a-base".into()));
    // of other packages only
    check(&[("ab/changelog.Debian.gz", entry)], &Changelog::Missing);
    check(&[], &Changelog::Missing);
}

#[test]
fn only_the_start_of_a_long_changelog_is_read() {
    let long = format!("a (1-1) trixie; urgency=medium\n{}", "x".repeat(2 << 20));
    let start = long[..1 << 20].to_owned();
    check(&[("a/changelog.Debian.gz", &long)], &Changelog::Text(start));
}

#[test]
fn damage_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.deb");
    for (content, expect) in [
        (&b""[..], "is damaged: "),
        (b"!<arch>\n", "it contains no data.tar"),
        (b"not an archive at all, but long enough for a header of sixty bytes in every way", "is damaged: "),
        (b"!<arch>\ndata.tar.xz     0           0     0     100644  5         `\nabcde\n", "is damaged: "),
        (
            b"!<arch>\ndata.tar.zst    0           0     0     100644  5         `\nabcde\n",
            "contains data.tar.zst, whose compression is not supported",
        ),
    ] {
        std::fs::write(&file, content).unwrap();
        let error = of(&file, "a").unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }
}
