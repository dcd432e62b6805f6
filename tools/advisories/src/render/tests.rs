// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of the report's formats.

use super::*;
use crate::changelog::Urgency;
use crate::findings::{Finding, Part};
use crate::report::json;

fn own(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

fn sample() -> Report {
    let entry = Entry {
        source: "s".into(),
        version: "1-2".into(),
        suites: "trixie".into(),
        urgency: Urgency::High,
        changes: "  * Fix ``` and \u{1b}[31m.".into(),
    };
    let change = Change {
        source: "s".into(),
        trees: own(&["build"]),
        packages: own(&["a", "b", "c", "d", "e"]),
        old: Some("1-1".into()),
        new: Some("1-2".into()),
        new_upstream: false,
        urgency: Some(Urgency::High),
        cves: own(&["CVE-2026-0001"]),
        changelog: vec![entry],
    };
    let finding = Finding {
        name: "lib".into(),
        version: "1.0.0".into(),
        kind: "unsound".into(),
        advisory: Some("RUSTSEC-2026-0001".into()),
        title: "A | title".into(),
        date: Some("2026-01-31".into()),
        url: None,
        aliases: Vec::new(),
        cvss: None,
        patched: Vec::new(),
        part: Part::Tools,
        used_by: vec!["tool".into()],
    };
    let row = |issue: &str, urgency: &str| Row {
        source: "s".into(),
        version: "1-2".into(),
        trees: own(&["build"]),
        issue: issue.into(),
        urgency: urgency.into(),
        fixed_in: None,
        no_dsa: None,
        description: "word ".repeat(40),
    };
    Report {
        written: true,
        changes: vec![change],
        crates: Crates {
            crates: 2,
            advisories: Some(9),
            elsewhere: 1,
            yanked_unknown: 0,
            findings: vec![finding],
        },
        debian: Some(Debian {
            sources: 1,
            fixed: vec![row("CVE-2026-0002", "low")],
            open: vec![row("CVE-2026-0003", "high"), row("CVE-2026-0004", "unimportant")],
            unclear: Vec::new(),
            resolved: 7,
        }),
        next: vec!["cargo xtask bootdiff HEAD".into()],
    }
}

#[test]
fn text() {
    let words = format!("{}word w…", "word ".repeat(13));
    let expect = format!(
        "\
SOURCE  PACKAGES            TREE   OLD  NEW  URGENCY  CVE
s       a, b, c and 2 more  build  1-1  1-2  high     CVE-2026-0001

Changelogs
s (1-2) trixie; urgency=high
  * Fix ``` and \u{fffd}[31m.

Crates of Cargo.lock
CRATE  VERSION  KIND     ADVISORY           PATCHED     PART   USED BY  TITLE
lib    1.0.0    unsound  RUSTSEC-2026-0001  no version  tools  tool     A | title
2 crates, 1 finding: 9 advisories in the database; 1 for other systems than x86-64 Linux left out

Debian's security tracker
The update fixes:
SOURCE  VERSION  TREE   ISSUE          URGENCY  DESCRIPTION
s       1-2      build  CVE-2026-0002  low      {words}
The pinned versions have:
SOURCE  VERSION  TREE   ISSUE          URGENCY  DESCRIPTION
s       1-2      build  CVE-2026-0003  high     {words}
1 source package: 1 open, 1 more without importance, 0 unclear, 7 resolved; --format json lists all but the resolved ones

Next: the effect on the boot
cargo xtask bootdiff HEAD
"
    );
    assert_eq!(render(&sample(), Format::Text), expect);
}

#[test]
fn markdown() {
    let found = render(&sample(), Format::Markdown);
    for part in [
        "| source | packages | tree | old | new | urgency | CVE | note |\n| --- | --- |",
        "| s | a, b, c and 2 more | build | 1-1 | 1-2 | high | CVE-2026-0001 |  |\n",
        // The fence is longer than any in the text.
        "\n## Changelogs\n\n````text\ns (1-2) trixie; urgency=high\n  * Fix ``` and \u{fffd}[31m.\n````\n",
        "| lib | 1.0.0 | unsound | RUSTSEC-2026-0001 | no version | tools | tool | A \\| title |\n\n2 crates",
        "\n## Next: the effect on the boot\n\n```text\ncargo xtask bootdiff HEAD\n```\n",
    ] {
        assert!(found.contains(part), "{part}\nis not in\n{found}");
    }
}

#[test]
fn nothing_to_report() {
    let mut report = sample();
    report.changes.clear();
    report.next.clear();
    report.debian = None;
    report.crates.findings.clear();
    report.crates.advisories = None;
    report.crates.yanked_unknown = 2;
    let expect = "toolchain.lock is up to date\n\nCrates of Cargo.lock\n2 crates, 0 findings: no database of advisories; \
                  name one with --advisory-db DIR; not known for 2 crates whether they were yanked\n";
    assert_eq!(render(&report, Format::Text), expect);
}

#[test]
fn long_parts_are_cut_and_counted() {
    let mut report = sample();
    report.changes[0].changelog[0].changes = "  * x\n".repeat(30);
    let debian = report.debian.as_mut().unwrap();
    debian.open = vec![debian.open[0].clone(); ISSUES + 5];
    let found = render(&report, Format::Text);
    assert!(found.contains("\n  … 7 more lines\n"), "{found}");
    assert!(found.contains("\n… 5 more; --format json lists them\n"), "{found}");
    assert_eq!(found.matches("CVE-2026-0003").count(), ISSUES);
}

#[test]
fn json_has_everything() {
    let value: serde_json::Value = serde_json::from_str(&json(&sample()).unwrap()).unwrap();
    assert_eq!(value["changes"][0]["packages"].as_array().unwrap().len(), 5);
    assert_eq!(value["changes"][0]["changelog"][0]["urgency"], "high");
    assert_eq!(value["crates"]["findings"][0]["crate"], "lib");
    assert_eq!(value["crates"]["findings"][0]["part"], "tools");
    assert_eq!(value["debian"]["open"].as_array().unwrap().len(), 2);
    assert_eq!(value["next"][0], "cargo xtask bootdiff HEAD");
    assert_eq!(value["written"], true);
}
