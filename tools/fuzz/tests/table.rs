// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of executions in ARCHITECTURE.md has every target, and its total is right.

use qos_fuzz::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn section() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let document = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (_, section) = document.split_once("\n## Fuzzing\n").expect("the section");
    section.split("\n## ").next().expect("its text").to_owned()
}

/// A number with a comma in front of each three digits.
fn number(text: &str) -> Option<u64> {
    text.replace(',', "").parse().ok()
}

#[test]
fn every_target_is_in_the_table_and_the_total_is_its_sum() {
    let section = section();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let (mut names, mut sum) = (BTreeSet::new(), 0);
    for (name, row) in rows {
        assert!(names.insert(name), "{name} is there twice");
        let executions = row.split(" | ").nth(1).expect("the executions");
        // 150,000 (not guided) + 582,212
        let counts = executions.split(" + ").filter_map(|count| number(count.split(' ').next()?));
        sum += counts.sum::<u64>();
    }
    assert_eq!(names, TARGETS.iter().map(|target| target.name).collect());
    let total = section.split(" executions in all").next().and_then(|text| text.split_whitespace().last());
    assert_eq!(total.and_then(number), Some(sum));
}
