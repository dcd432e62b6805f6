// SPDX-License-Identifier: MIT OR Apache-2.0
//! The page: the interface of `mkSystem`, then the tables of `qos.toml` and of the manifests of images.

use super::structs::{Key, Table, tables};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = "<!-- SPDX-License-Identifier: MIT OR Apache-2.0 -->
<!-- Made of the code: cargo run -p qos-new --example reference >tools/new/REFERENCE.md -->
# Reference

The interface of a system's own repository: the Nix function that makes its flake, the keys of its `qos.toml`, and those of the manifests of its
images. Manifests of disks: `rootfs/disks/README.md`; `review.toml`: `tools/review/README.md`.
";

/// The tables of `qos.toml`.
pub fn of_table(root: &Path) -> Vec<Table> {
    tables(&read(root, "tools/table/src/raw.rs"), "RawTable")
}

/// The tables of the manifest of an image.
pub fn of_manifest(root: &Path) -> Vec<Table> {
    tables(&read(root, "tools/manifest/src/raw.rs"), "RawConfig")
}

/// The page.
pub fn of(root: &Path) -> String {
    let mut page = HEAD.to_owned();
    let interface: toml::Table = read(root, "tools/nix/system.toml").parse().expect("TOML");
    let text =
        |value: &toml::Value, key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let named = |name: &str| interface[name].as_table().expect("a table").clone();

    page += "\n## `qos.lib.mkSystem`\n\n```nix\noutputs = { self, qos }: qos.lib.mkSystem { src = self; };\n```\n\n";
    page += "| argument | type | default | example | |\n| --- | --- | --- | --- | --- |\n";
    for (name, value) in named("arguments") {
        let of = |key: &str| text(&value, key).unwrap_or_else(|| panic!("{name} has no {key}"));
        let default =
            value.get("default").map_or_else(|| "required".to_owned(), |value| code(&value.to_string()));
        let _ = writeln!(
            page,
            "| `{name}` | {} | {default} | {} | {} |",
            of("type"),
            code(&of("example")),
            of("text")
        );
    }
    page += "\nThe result is the outputs of the flake, those of the sets `packages`, `apps` and `checks` for x86_64-linux. NAME is an image of the \
             repository. The other\npackages and apps are those of qos, built with the files of the repository.\n\n";
    page += "| output | |\n| --- | --- |\n";
    for (name, value) in named("results") {
        let _ = writeln!(
            page,
            "| `{name}` | {} |",
            text(&value, "text").unwrap_or_else(|| panic!("{name} has no text"))
        );
    }

    page +=
        "\n## `qos.toml`\n\nThe repository's file is added to the table of qos, whose kernels it may name.\n";
    of_table(root).iter().for_each(|table| section(&mut page, table));
    page += "\n## `rootfs/NAME.toml`: the manifest of an image\n";
    of_manifest(root).iter().for_each(|table| section(&mut page, table));
    page
}

fn section(page: &mut String, table: &Table) {
    let title = if table.header.is_empty() { "At the top".to_owned() } else { code(&table.header) };
    let _ = write!(page, "\n### {title}\n\n");
    if !table.text.is_empty() {
        let _ = write!(page, "{}\n\n", table.text);
    }
    if let Some(line) = &table.line {
        let _ = write!(page, "```toml\n{}\n{line}\n```\n", table.header);
        if table.keys.is_empty() {
            return;
        }
        page.push('\n');
    }
    *page += "| key | type | default | example | |\n| --- | --- | --- | --- | --- |\n";
    table.keys.iter().for_each(|key| row(page, key));
}

fn row(page: &mut String, key: &Key) {
    let codes = |names: &[String]| names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
    let default = match key.default.as_deref() {
        None => "required".to_owned(),
        Some("none") => "–".to_owned(),
        Some(default) if key.with.is_empty() => code(default),
        Some(default) => format!("{}, with {}", code(default), codes(&key.with)),
    };
    let needs =
        if key.needs.is_empty() { String::new() } else { format!(" Together with {}.", codes(&key.needs)) };
    let Key { name, kind, text, example, .. } = key;
    let _ = writeln!(page, "| `{name}` | {kind} | {default} | {} | {text}{needs} |", code(example));
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}
