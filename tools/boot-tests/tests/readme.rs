// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table in README.md has each file of tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn each_file_of_tests_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("tests")).expect("the directory of tests");
    let names = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        if path.is_dir() { format!("{name}/") } else { name.to_owned() }
    });
    // `budget/` is a module of several tests.
    let files: BTreeSet<String> =
        names.filter(|name| !matches!(name.as_str(), "snapshots/" | "budget/")).collect();
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let listed: BTreeSet<String> =
        cells.flat_map(|(cell, _)| cell.trim_end_matches('`').split("`, `").map(str::to_owned)).collect();
    assert_eq!(listed, files);
}
