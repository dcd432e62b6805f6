// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of changes and of issues, with small locks.

use super::*;
use qos_toolchain::{LockedTree, SourceVersion};

/// A pin: `NAME VERSION SOURCE SUITE`.
fn pin(text: &str) -> Pin {
    let [name, version, source, suite] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
    Pin {
        name: name.into(),
        version: version.into(),
        arch: "amd64".into(),
        suite: suite.into(),
        component: "main".into(),
        path: format!("pool/main/x/{source}/{name}_{version}_amd64.deb"),
        size: 1,
        sha256: "0".repeat(64),
    }
}

fn lock(trees: &[(&str, &[&str])]) -> Lock {
    let tree = |packages: &[&str]| LockedTree {
        name: "t".into(),
        hash: String::new(),
        spec: String::new(),
        packages: packages.iter().map(|text| pin(text)).collect(),
    };
    Lock { trees: trees.iter().map(|(name, packages)| ((*name).to_owned(), tree(packages))).collect() }
}

fn outcome(lock: Lock, changelogs: &[(&str, &str, &str)]) -> Outcome {
    let changelogs = changelogs.iter().map(|(name, version, text)| {
        (SourceVersion { name: (*name).into(), version: (*version).into() }, (*text).to_owned())
    });
    Outcome { lock, sources: Sources::default(), changelogs: changelogs.collect() }
}

const LOG: &str = "\
s (1-3+b1) trixie; urgency=low\n\n  * Rebuild.\n\n -- A <a@b>  D\n\n\
s (1-3) trixie; urgency=high\n\n  * Fix CVE-2026-0003.\n\n -- A <a@b>  D\n\n\
s (1-2) trixie; urgency=medium\n\n  * Fix CVE-2026-0002.\n\n -- A <a@b>  D\n\n\
s (1-1) trixie; urgency=critical\n\n  * Fix CVE-2026-0001.\n\n -- A <a@b>  D\n";

#[test]
fn changes_by_source_package() {
    let old = lock(&[
        ("build", &["a 1-1 s trixie", "b 1-1 s trixie", "same 1 same trixie", "gone 1 gone trixie"]),
        ("qemu", &["a 1-1 s trixie", "up 1.0-1 up trixie"]),
    ]);
    let new = lock(&[
        ("build", &["a 1-3+b1 s trixie", "b 1-3+b1 s trixie", "same 1 same trixie", "new 2 new trixie"]),
        ("qemu", &["a 1-3+b1 s trixie", "up 1.1-1 up trixie"]),
    ]);
    let found = changes(&old, &outcome(new, &[("s", "1-3", LOG)]));
    let text: Vec<_> = found
        .iter()
        .map(|change| {
            let join = |all: &BTreeSet<String>| all.iter().map(String::as_str).collect::<Vec<_>>().join(",");
            let Change { source, old, new, new_upstream, .. } = change;
            let (old, new) = (old.as_deref().unwrap_or("-"), new.as_deref().unwrap_or("-"));
            let upstream = if *new_upstream { " upstream" } else { "" };
            format!("{source} {} {} {old} {new}{upstream}", join(&change.trees), join(&change.packages))
        })
        .collect();
    assert_eq!(
        text,
        [
            "gone build gone 1 -",
            "new build new - 2",
            "s build,qemu a,b 1-1 1-3+b1",
            "up qemu up 1.0-1 1.1-1 upstream"
        ]
    );
    let s = &found[2];
    // The entries above the old version, whose own urgency and number do not count.
    let versions: Vec<_> = s.changelog.iter().map(|entry| entry.version.as_str()).collect();
    assert_eq!(versions, ["1-3+b1", "1-3", "1-2"]);
    assert_eq!(s.urgency, Some(Urgency::High));
    assert_eq!(s.cves.iter().collect::<Vec<_>>(), ["CVE-2026-0002", "CVE-2026-0003"]);
    assert!(found[3].changelog.is_empty() && found[3].urgency.is_none());
}

#[test]
fn a_source_package_with_versions_of_its_own() {
    let old = lock(&[("build", &["gcc 4:14.1-1 gcc-defaults trixie"])]);
    let new = lock(&[("build", &["gcc 4:14.2-1 gcc-defaults trixie"])]);
    let mut outcome = outcome(new, &[("gcc-defaults", "1-3", LOG)]);
    let source = SourceVersion { name: "gcc-defaults".into(), version: "1-3".into() };
    outcome.sources.insert(&pin("gcc 4:14.2-1 gcc-defaults trixie"), source);
    let found = changes(&old, &outcome);
    // The old version of the source package is not known: only the newest entry is certain to be new.
    assert_eq!(found[0].changelog.len(), 1);
    assert_eq!(found[0].source, "gcc-defaults");
}

const TRACKER: &str = r#"{
    "s": {
        "CVE-2026-0003": {"releases": {"trixie": {"status": "resolved", "fixed_version": "1-3", "urgency": "low"}}},
        "CVE-2026-0004": {"releases": {"trixie": {"status": "open", "urgency": "unimportant"}}},
        "CVE-2026-0005": {"releases": {"trixie": {"status": "resolved", "fixed_version": "1-4", "urgency": "high"}}},
        "CVE-2026-0006": {"releases": {"trixie": {"status": "resolved", "fixed_version": "0"}}},
        "CVE-2026-0007": {"releases": {"trixie": {"status": "undetermined"}}},
        "CVE-2026-0008": {"releases": {"sid": {"status": "open"}}},
        "CVE-2026-0009": {"releases": {"trixie": {"status": "open", "urgency": "not yet assigned"}}}
    },
    "same": {"CVE-2026-0010": {"releases": {"trixie": {"status": "open", "urgency": "medium**"}}}},
    "linux": {"CVE-2026-0011": {"releases": {"sid": {"status": "resolved", "fixed_version": "7.3.5-1"}}}},
    "unpinned": {"CVE-2026-0012": {"releases": {"trixie": {"status": "open"}}}}
}"#;

#[test]
fn issues_of_pinned_packages() {
    let kernels = ["l 7.3.4-1~bpo13+1 linux trixie-backports", "lts 6.18.1-1~bpo13+1 linux trixie-backports"];
    let old = lock(&[("build", &["a 1-1 s trixie", "same 1 same trixie"]), ("linux", &kernels)]);
    let new = [
        ("build", &["a 1-3+b1 s trixie", "b 1-3+b1 s trixie", "same 1 same trixie"][..]),
        ("linux", &kernels),
        ("qemu", &["a 1-3+b1 s trixie"]),
    ];
    let outcome = outcome(lock(&new), &[]);
    let tracker = Tracker::parse(TRACKER.as_bytes(), &source_names(&outcome)).unwrap();
    let found = debian(&old, &outcome, &tracker);
    let lines = |rows: &[Row]| {
        let line = |row: &Row| {
            let trees: Vec<_> = row.trees.iter().map(String::as_str).collect();
            let fixed = row.fixed_in.as_deref().unwrap_or("-");
            format!("{} {} {} {} {fixed}", row.issue, row.source, row.version, trees.join(","))
        };
        rows.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(lines(&found.fixed), ["CVE-2026-0003 s 1-1 build 1-3"]);
    // By urgency: high, medium, not yet assigned, unimportant.
    assert_eq!(
        lines(&found.open),
        [
            "CVE-2026-0005 s 1-3 build,qemu 1-4",
            "CVE-2026-0010 same 1 build -",
            "CVE-2026-0011 linux 7.3.4-1~bpo13+1 linux 7.3.5-1",
            "CVE-2026-0009 s 1-3 build,qemu -",
            "CVE-2026-0004 s 1-3 build,qemu -",
        ]
    );
    assert_eq!(
        lines(&found.unclear),
        ["CVE-2026-0011 linux 6.18.1-1~bpo13+1 linux 7.3.5-1", "CVE-2026-0007 s 1-3 build,qemu -"]
    );
    assert_eq!((found.sources, found.resolved), (3, 1));
    assert!(is_minor(&found.open[4]) && !is_minor(&found.open[3]));
}

#[test]
fn the_next_commands() {
    let change = || changes(&lock(&[]), &outcome(lock(&[("build", &["a 1 s trixie"])]), &[]));
    assert_eq!(next(&change(), true, &[]), ["cargo xtask bootdiff HEAD"]);
    let named = next(&change(), false, &["a".into(), "b".into()]);
    assert_eq!(named, ["cargo xtask update a b", "cargo xtask bootdiff HEAD"]);
    assert_eq!(next(&[], true, &[]), Vec::<String>::new());
}
