// SPDX-License-Identifier: MIT OR Apache-2.0
//! The arrows between crates in ARCHITECTURE.md are those of the `Cargo.toml` files, and none of them leads back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use toml::{Table, Value};

const ROOMS: [&str; 2] = ["packages", "tools"];
/// Columns of a line, and those in front of the crates that an arrow leads to.
const WIDTH: usize = 130;
const INDENT: usize = 18;

/// The crates that a crate depends on, as `ROOM/NAME`.
#[derive(Default)]
struct Arrows {
    to: BTreeMap<String, Arrow>,
}

#[derive(Clone, Copy)]
struct Arrow {
    optional: bool,
    tests: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every crate of the workspace as `ROOM/NAME`.
fn crates() -> BTreeMap<String, Arrows> {
    let mut crates = BTreeMap::new();
    for room in ROOMS {
        for entry in fs::read_dir(root().join(room)).expect("a directory").flatten() {
            if entry.path().join("Cargo.toml").exists() {
                let name = entry.file_name().into_string().expect("a name in UTF-8");
                let manifest: Table =
                    read(&format!("{room}/{name}/Cargo.toml")).parse().expect("a Cargo.toml");
                crates.insert(format!("{room}/{name}"), arrows(room, &manifest));
            }
        }
    }
    crates
}

fn arrows(room: &str, manifest: &Table) -> Arrows {
    let mut arrows = Arrows::default();
    for (kind, tests) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        let of_kind = manifest.get(kind).and_then(Value::as_table);
        for dependency in of_kind.into_iter().flat_map(Table::values) {
            let Some(path) = dependency.get("path").and_then(Value::as_str) else { continue };
            let path = path.strip_prefix("../").expect("another crate");
            let name = path.strip_prefix("../").map_or_else(|| format!("{room}/{path}"), str::to_owned);
            let optional = dependency.get("optional").and_then(Value::as_bool) == Some(true);
            arrows.to.entry(name).or_insert(Arrow { optional, tests });
        }
    }
    arrows
}

/// The names of the crates without the room that they share with `room`.
fn names(room: &str, arrows: &Arrows, tests: bool) -> Vec<String> {
    let chosen = arrows.to.iter().filter(|(_, arrow)| arrow.tests == tests);
    let shown = chosen.map(|(name, arrow)| {
        let name = name.strip_prefix(room).and_then(|name| name.strip_prefix('/')).unwrap_or(name);
        format!("{name}{}", if arrow.optional { "?" } else { "" })
    });
    shown.collect()
}

/// Words behind `start`, as many in a line as fit.
fn wrapped(start: &str, indent: usize, text: &str) -> String {
    let mut lines = vec![start.to_owned()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{}{word}", " ".repeat(indent)));
        } else {
            if !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

fn picture(crates: &BTreeMap<String, Arrows>) -> String {
    let mut text = String::new();
    for room in ROOMS {
        text += &format!("{}{room}/\n", if text.is_empty() { "" } else { "\n" });
        let mut none = Vec::new();
        for (name, arrows) in crates {
            let Some(name) = name.strip_prefix(room).and_then(|name| name.strip_prefix('/')) else {
                continue;
            };
            let (always, tests) = (names(room, arrows, false), names(room, arrows, true));
            let mut words = always.join(", ");
            if !tests.is_empty() {
                words += &format!("{}(tests: {})", if words.is_empty() { "" } else { " " }, tests.join(", "));
            }
            if words.is_empty() {
                none.push(name);
            } else {
                text += &wrapped(&format!("  {name:13} → "), INDENT, &words);
            }
        }
        text += &wrapped("  none: ", 8, &none.join(", "));
    }
    text
}

#[test]
fn the_picture_is_that_of_the_manifests() {
    let document = read("ARCHITECTURE.md");
    let (_, section) = document.split_once("\n## Dependencies between crates\n").expect("the section");
    let (_, block) = section.split_once("```text\n").expect("the picture");
    let (block, _) = block.split_once("```").expect("its end");
    let expect = picture(&crates());
    assert!(block == expect, "ARCHITECTURE.md has another picture; it should be:\n{expect}");
}

#[test]
fn no_arrow_leads_back() {
    let mut left = crates();
    while !left.is_empty() {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, arrows| arrows.to.iter().any(|(to, arrow)| !arrow.tests && names.contains(to)));
        assert!(left.len() < before, "these crates depend on each other: {names:?}");
    }
}

/// Guest and host share `protocol` and `volume`; `fuzz` tests both sides, and `man` reads the descriptions of the guest's programs.
#[test]
fn guest_and_host_share_little() {
    for (from, arrows) in crates() {
        for (to, arrow) in arrows.to {
            let both = (from.starts_with("tools/"), to.starts_with("tools/"));
            assert!(both != (false, true), "{from} depends on {to}");
            let shared = ["packages/protocol", "packages/volume"].contains(&to.as_str());
            let reads_both = ["tools/fuzz", "tools/man"].contains(&from.as_str());
            assert!(both != (true, false) || shared || reads_both || arrow.tests, "{from} depends on {to}");
        }
    }
}
