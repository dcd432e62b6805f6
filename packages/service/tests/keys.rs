// SPDX-License-Identifier: MIT OR Apache-2.0
//! README.md's table of keys against the keys that are read, and against the tests that it names, which have to use the keys.

use qos_unit::specifier::Facts;
use qos_unit::{Name, Unit, keys, syntax};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Sections, each with the kind of unit that has it.
const SECTIONS: [(&str, &str); 7] = [
    ("Unit", "service"),
    ("Service", "service"),
    ("Socket", "socket"),
    ("Timer", "timer"),
    ("Path", "path"),
    ("Mount", "mount"),
    ("Install", "service"),
];

/// Values among which each key with choices of its own has one. Some keys are read with their default only.
const VALUES: [&str; 6] = ["1", "no", "main", "stop", "auto", "/a"];

/// Words that can be keys in the sources of the units' model: a key that is read stands there, even if systemd does not know it.
fn words_of_sources() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../unit/src/model"), &mut files);
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let is_key = |word: &&str| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    texts
        .flat_map(|text| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_key);
            words.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// The keys of a section that are read.
fn read_keys(section: &str, kind: &str) -> BTreeSet<String> {
    let name = Name::new(&format!("a.{kind}")).unwrap();
    let warnings = |key: &str, value: &str| {
        let (assignments, _) = syntax::parse("f", format!("[{section}]\n{key}={value}\n").as_bytes());
        Unit::new(&name, &assignments, &Facts::new()).1
    };
    let is_read = |key: &String| {
        let all: Vec<_> = VALUES.iter().map(|value| warnings(key, value)).collect();
        let is_refused = |text: &str| text.contains("has no effect") || text.starts_with("unknown key");
        !all.iter().flatten().any(|warning| is_refused(&warning.text)) || all.iter().any(Vec::is_empty)
    };
    let known = keys::of_systemd(section).map(str::to_owned);
    known.chain(words_of_sources()).filter(is_read).collect()
}

/// A row of the table: its section, the keys in its first cell, and the tests in its second.
struct Row {
    section: Option<String>,
    keys: Vec<String>,
    tests: Vec<String>,
    text: String,
}

fn readme() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// Text without what is between `open` and `close`.
fn without(text: &str, open: char, close: char) -> String {
    let mut inside = false;
    let keep = |c: &char| {
        let was_inside = inside;
        inside = if inside { *c != close } else { *c == open };
        !was_inside && !inside
    };
    text.chars().filter(keep).collect()
}

fn rows() -> Vec<Row> {
    let readme = readme();
    let (_, table) = readme.split_once("| key | test |\n").expect("the table's head");
    let mut section = None;
    let lines = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [mut first, second] = cells[..] else { panic!("not two cells: {line}") };
        if let Some((name, rest)) = first.strip_prefix("**[").and_then(|rest| rest.split_once("]**")) {
            (section, first) = (Some(name.to_owned()), rest);
        }
        let plain = without(&without(first, '(', ')'), '`', '`');
        let words = plain.split(',').filter_map(|item| item.trim().split('=').next());
        let is_key = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_uppercase())
                && word.trim_end_matches('*').bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        Row {
            section: section.clone(),
            keys: words.filter(is_key).map(str::to_owned).collect(),
            tests: second.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            text: line.to_owned(),
        }
    };
    lines.map(row).collect()
}

/// Whether `pattern`, which can end in `*`, stands for `key`.
fn stands_for(pattern: &str, key: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == key, |front| key.starts_with(front))
}

#[test]
fn each_key_that_is_read_has_a_row() {
    let rows = rows();
    let mut wrong = Vec::new();
    for (section, kind) in SECTIONS {
        let read = read_keys(section, kind);
        assert!(read.len() >= 5, "{section}: {read:?}");
        let own: Vec<&Row> = rows.iter().filter(|row| row.section.as_deref() == Some(section)).collect();
        let patterns = || own.iter().flat_map(|row| &row.keys);
        wrong.extend(
            read.iter()
                .filter(|key| !patterns().any(|pattern| stands_for(pattern, key)))
                .map(|key| format!("[{section}] {key} is read and has no row")),
        );
        wrong.extend(
            patterns()
                .filter(|pattern| !read.iter().any(|key| stands_for(pattern, key)))
                .map(|pattern| format!("[{section}] {pattern} has a row and is not read")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All files with sources below a directory.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A test.
struct Test {
    /// The package's name, all modules, and the test's own name.
    path: Vec<String>,
    /// Its source. `\n` in strings is the end of a line.
    text: String,
}

/// The tests of a package.
fn tests_of(package: &str) -> Vec<Test> {
    let packages = if package == "boot-tests" { "../../tools" } else { ".." };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(packages).join(package);
    let mut files = Vec::new();
    for directory in ["src", "tests"] {
        if root.join(directory).is_dir() {
            sources(&root.join(directory), &mut files);
        }
    }
    let mut tests = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().with_extension("");
        let modules = relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let path: Vec<String> = std::iter::once(package.to_owned()).chain(modules).collect();
        let text = fs::read_to_string(&file).unwrap();
        let mut rest = text.as_str();
        while let Some((front, back)) = rest.split_once("#[test]\n") {
            let indent = &front[front.rfind('\n').map_or(0, |at| at + 1)..];
            // Inside of a macro a test has another end.
            let end = back.find(&format!("\n{indent}}}\n")).unwrap_or(0);
            let function = back.trim_start().strip_prefix("fn ").and_then(|line| line.split('(').next());
            tests.push(Test {
                path: path.iter().cloned().chain(function.map(str::to_owned)).collect(),
                text: back[..end].replace("\\n", "\n"),
            });
            rest = &back[end..];
        }
    }
    tests
}

/// Whether a text has a key as a word; or a word that begins as `KEY*` says.
fn uses(text: &str, key: &str) -> bool {
    let word = key.trim_end_matches('*');
    text.match_indices(word).any(|(at, _)| {
        let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let ends = key.ends_with('*') || !is_inside(text[at + word.len()..].chars().next());
        ends && !is_inside(text[..at].chars().next_back())
    })
}

/// Whether `name`, such as `unit::model::warnings`, means this test: its last part is the function, the others stand in its path in their
/// order.
fn means(name: &str, test: &[String]) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let mut path = test.iter();
    let in_order = parts.iter().all(|part| path.any(|other| other == part));
    in_order && parts.last().copied() == test.last().map(String::as_str)
}

#[test]
fn each_row_names_tests_that_use_its_keys() {
    let mut tests = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in rows() {
        if row.tests.is_empty() {
            wrong.push(format!("no test: {}", row.text));
        }
        let mut texts = Vec::new();
        for name in &row.tests {
            // A name begins with its package, or is of this one.
            let package = ["unit", "sys", "svc", "boot-tests"]
                .into_iter()
                .find(|package| name.starts_with(&format!("{package}::")));
            let package = package.unwrap_or("service");
            let known = tests.entry(package).or_insert_with(|| tests_of(package));
            let named: Vec<&Test> = known.iter().filter(|test| means(name, &test.path)).collect();
            if !name.contains("::") || named.is_empty() {
                wrong.push(format!("{name}: no such test: {}", row.text));
            }
            texts.extend(named.iter().map(|test| test.text.clone()));
        }
        let is_used = |key: &String| texts.iter().any(|text| uses(text, key));
        let unused = row.keys.iter().filter(|key| !is_used(key));
        wrong.extend(unused.map(|key| format!("{key}: no test of its row uses it: {}", row.text)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_tests() {
    let test = ["service", "src", "manager", "tests", "cycles"].map(str::to_owned);
    for (name, expect) in [
        ("manager::cycles", true),
        ("service::manager::cycles", true),
        ("cycles", true),
        ("machine::cycles", false),
        ("manager::tests", false),
        ("tests::manager::cycles", false),
    ] {
        assert_eq!(means(name, &test), expect, "{name}");
    }
    assert!(stands_for("Limit*", "LimitCPU") && !stands_for("Limit", "LimitCPU"));
    for (key, expect) in [("Nice", true), ("Limit*", true), ("Limit", false), ("CPU", false), ("User", false)]
    {
        assert_eq!(uses("\"\nNice=5\nLimitCPU=1\"", key), expect, "{key}");
    }
    assert_eq!(without("a (b, c), d", '(', ')'), "a , d");
}
