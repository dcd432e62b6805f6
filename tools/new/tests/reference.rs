// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reference is what the code generates, its examples are accepted, and its defaults are those that hold.

#[path = "../examples/reference/page.rs"]
mod page;
#[path = "../examples/reference/structs.rs"]
mod structs;

use std::fmt::Write;
use std::io;
use std::path::Path;
use structs::{Key, Table};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn the_page_is_what_the_code_generates() {
    let same = read("tools/new/REFERENCE.md") == page::of(root());
    assert!(same, "to update it: cargo run -p qos-new --example reference >tools/new/REFERENCE.md");
}

impl Key {
    /// The keys without which the key is refused, or has another default.
    fn needed(&self) -> impl Iterator<Item = &String> {
        self.needs.iter().chain(&self.with)
    }
}

/// A file with a table that has its required keys, `keys`, and what those need.
fn file(table: &Table, keys: &[(&Key, &str)]) -> String {
    let needs = |key: &Key| keys.iter().any(|(one, _)| one.needed().any(|name| *name == key.name));
    let mut pairs = Vec::new();
    for key in &table.keys {
        match keys.iter().find(|(one, _)| one.name == key.name) {
            Some((_, value)) => pairs.push((key, *value)),
            None if key.default.is_none() || needs(key) => pairs.push((key, key.example.as_str())),
            None => {}
        }
    }
    let pairs = pairs.iter().map(|(key, value)| format!("{} = {value}", key.name));
    match &table.line {
        // `"/bin/hello" = {…}`, with these keys.
        Some(line) => {
            let (name, _) = line.split_once(" = ").expect("a line of a table");
            format!("{}\n{name} = {{ {} }}\n", table.header, pairs.collect::<Vec<_>>().join(", "))
        }
        None => pairs.fold(format!("{}\n", table.header), |mut text, pair| {
            let _ = writeln!(text, "{pair}");
            text
        }),
    }
}

/// Reads files with each example and each default of a table; `read` gives what one says, in an order that is always the same.
fn check(table: &Table, read: &dyn Fn(&str) -> Result<String, String>) {
    let said = |text: &str| read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    if let Some(line) = &table.line {
        said(&format!("{}\n{line}\n", table.header));
    }
    for key in &table.keys {
        let at = format!("{} {}", table.header, key.name);
        let with = said(&file(table, &[(key, &key.example)]));
        let Some(default) = key.default.as_deref().filter(|default| *default != "none") else { continue };
        // The same with what the key needs, but without the key.
        let needed = table.keys.iter().filter(|one| key.needed().any(|name| *name == one.name));
        let needed: Vec<_> = needed.map(|one| (one, one.example.as_str())).collect();
        let without = said(&file(table, &needed));
        assert_eq!(said(&file(table, &[(key, default)])), without, "{at}: another default");
        let is_of_nix = key.text.ends_with("Nix reads it.");
        assert_eq!(with == without, is_of_nix, "{at}: what the example changes");
    }
    let Some(first) = table.keys.first() else { return };
    let unknown = Key { name: "unknown-key".into(), ..first.clone() };
    let odd =
        Table { keys: [std::slice::from_ref(&unknown), table.keys.as_slice()].concat(), ..table.clone() };
    let error = read(&file(&odd, &[(&unknown, "0")])).unwrap_err();
    assert!(error.contains("unknown"), "{}: {error}", table.header);
}

#[test]
fn the_table_takes_the_examples_and_has_the_defaults() {
    let qos = read("qos.toml");
    let say = |text: &str| {
        let table = qos_table::Table::parse(&format!("{qos}\n{text}")).map_err(|error| error.to_string())?;
        Ok(format!("{table:?}"))
    };
    let tables = page::of_table(root());
    assert_eq!(tables.len(), 4);
    tables.iter().for_each(|table| check(table, &say));
}

#[test]
fn manifests_take_the_examples_and_have_the_defaults() {
    const NAMED: &str = "[image]\nname = \"my\"\n";
    let say = |text: &str| {
        let read = |path: &Path| match path.to_str() {
            Some("r/my.toml") if text.contains("[image]") => Ok(text.to_owned()),
            Some("r/my.toml") => Ok(format!("{text}\n{NAMED}")),
            Some("r/default.toml") => Ok("[files]\n\"/etc/motd\" = { text = \"hello\" }\n".to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        let config =
            qos_manifest::load_with(Path::new("r/my.toml"), &read).map_err(|error| error.to_string())?;
        Ok(config.to_toml())
    };
    let tables = page::of_manifest(root());
    assert!(tables.len() > 12, "{}", tables.len());
    for table in &tables {
        // The name of the image is in [image], wherever the manifest has it.
        let named = Table { keys: table.keys.iter().map(required_name).collect(), ..table.clone() };
        check(if table.header == "[image]" { &named } else { table }, &say);
    }
}

/// A manifest that inherits nothing has to name the image itself.
fn required_name(key: &Key) -> Key {
    let default = key.default.clone().filter(|_| key.name != "name");
    Key { default, ..key.clone() }
}
