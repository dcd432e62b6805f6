// SPDX-License-Identifier: MIT OR Apache-2.0
//! `packages/README.md` lists the utilities of POSIX.1-2024: it says of each what the program says.

use std::path::Path;

/// Utilities in the Shell and Utilities volume of POSIX.1-2024, chapter 3.
const COUNT: usize = 155;

/// The rows of the table: a utility, and where it is.
fn rows() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter_map(|line| {
            let (name, place) = line.strip_prefix("| `")?.split_once("` | ")?;
            Some((name.to_owned(), place.strip_suffix(" |")?.to_owned()))
        })
        .collect()
}

/// The package that a row names, if the utility is a program in the multi-call binary.
fn package(place: &str) -> Option<&str> {
    place.strip_prefix('`')?.split('`').next()
}

#[test]
fn the_table_is_complete() {
    let rows = rows();
    assert_eq!(rows.len(), COUNT);
    assert!(rows.is_sorted());
    for (name, place) in rows {
        let known = package(&place).is_some()
            || place == "built into `sh`"
            || place == "program of its own: `shell`"
            || place.starts_with("in the image `server`: `")
            || place.strip_prefix("absent: ").is_some_and(|reason| !reason.is_empty());
        assert!(known, "{name}: {place}");
    }
}

#[test]
fn what_is_present_is_in_the_program() {
    let names = qos_qos::names();
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, place) in rows() {
        let package = package(&place);
        assert_eq!(package.is_some(), names.contains(&name.as_str()), "{name}: {place}");
        if let Some(package) = package {
            assert!(packages.join(package).join("Cargo.toml").exists(), "{name}: no package {package}");
        }
    }
}
