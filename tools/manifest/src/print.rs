// SPDX-License-Identifier: MIT OR Apache-2.0
//! The merged manifest as TOML.

use crate::budget::MEMORY;
use crate::config::*;
use crate::value;
use std::collections::BTreeMap;
use std::fmt::Write;
use toml::{Table, Value};

impl Config {
    /// The merged manifest as TOML that [`crate::load`] reads back as the same configuration, if it stands in
    /// [`Config::base`]. Everything is sorted by path or name; there is a line for each thing.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let trees: Vec<Value> = self.trees.iter().map(|tree| Value::from(tree.value.clone())).collect();
        if !trees.is_empty() {
            line(&mut out, "trees", &Value::Array(trees));
        }
        let overlays: Vec<Value> = self.overlays.iter().map(|o| host(&o.value)).collect();
        if !overlays.is_empty() {
            line(&mut out, "overlays", &Value::Array(overlays));
        }
        section(&mut out, "image");
        line(&mut out, "name", &Value::from(self.name.clone()));
        line(&mut out, "cmdline", &Value::from(self.cmdline.clone()));
        line(&mut out, "mtime", &Value::from(self.mtime));
        section(&mut out, "compression");
        line(&mut out, "method", &Value::from(self.compression.method()));
        if let Some(level) = self.compression.level() {
            line(&mut out, "level", &Value::from(level));
        }
        let sizes = self.budgets.sizes.iter().map(|(limit, size)| (limit.name(), size));
        let file_sizes = self.budgets.file_sizes.iter().map(|(path, size)| (path.as_str(), size));
        let sizes = sizes.chain(file_sizes).map(|(what, size)| (what, value::size_text(size.value).into()));
        lines(&mut out, "max-sizes", sizes);
        let costs = self
            .budgets
            .costs
            .iter()
            .map(|(limit, cost)| (limit.name(), value::instructions_text(cost.value).into()));
        let memory =
            self.budgets.memory_mib.iter().map(|memory| (MEMORY, value::memory_text(memory.value).into()));
        lines(&mut out, "max-cost", costs.chain(memory));
        lines(
            &mut out,
            "early",
            self.early.iter().map(|(n, e)| (n.as_str(), one("source", host(&e.value.source)))),
        );
        lines(
            &mut out,
            "modules",
            self.modules.iter().map(|(n, m)| (n.as_str(), one("load", m.value.load.into()))),
        );
        if let Some(drivers) = self.drivers.as_ref().map(|drivers| &drivers.value) {
            section(&mut out, "drivers");
            line(&mut out, "all", &Value::from(drivers.all));
            let names: Vec<Value> = drivers.names.keys().map(|name| Value::from(name.as_str())).collect();
            line(&mut out, "names", &Value::Array(names));
        }
        lines(&mut out, "programs", self.programs.iter().map(|(path, p)| (path.as_str(), program(&p.value))));

        let mut sections: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
        for (path, entry) in &self.entries {
            let (section, value) = tree_entry(&entry.value);
            sections.entry(section).or_default().push((path, value));
        }
        for (section, values) in sections {
            lines(&mut out, section, values.into_iter());
        }
        out
    }
}

fn program(program: &Program) -> Value {
    let mut table = owner(&program.owner);
    table.insert("source".to_owned(), host(&program.source));
    if let Some(applets) = &program.applets {
        table.insert("applets".to_owned(), host(applets));
    }
    if let Some(dir) = &program.links_in {
        table.insert("links-in".to_owned(), dir.clone().into());
    }
    if !program.exclude.is_empty() {
        table.insert("exclude".to_owned(), program.exclude.clone().into());
    }
    Value::Table(table)
}

/// The section that an entry stands in, and its value there.
fn tree_entry(entry: &Entry) -> (&'static str, Value) {
    let mut table = owner(&entry.owner);
    let section = match &entry.kind {
        Kind::Symlink(target) => return ("symlinks", target.clone().into()),
        Kind::Hardlink(target) => return ("hardlinks", target.clone().into()),
        Kind::Dir => "dirs",
        Kind::Node { kind, major, minor } => {
            table.insert("type".to_owned(), kind.name().into());
            table.insert("major".to_owned(), (*major).into());
            table.insert("minor".to_owned(), (*minor).into());
            "nodes"
        }
        Kind::Text(text) => {
            table.insert("text".to_owned(), text.clone().into());
            "files"
        }
        Kind::Source(path) => {
            table.insert("source".to_owned(), host(path));
            "files"
        }
        Kind::Overlay { mode } => {
            table.remove("mode");
            if let Some(mode) = mode {
                table.insert("mode".to_owned(), format!("{mode:04o}").into());
            }
            "files"
        }
    };
    (section, Value::Table(table))
}

fn owner(owner: &Owner) -> Table {
    let mut table = Table::new();
    table.insert("mode".to_owned(), format!("{:04o}", owner.mode).into());
    table.insert("uid".to_owned(), owner.uid.into());
    table.insert("gid".to_owned(), owner.gid.into());
    table
}

fn one(key: &str, value: Value) -> Value {
    Value::Table([(key.to_owned(), value)].into_iter().collect())
}

fn host(path: &std::path::Path) -> Value {
    Value::from(path.to_string_lossy().into_owned())
}

fn section(out: &mut String, name: &str) {
    let _ = writeln!(out, "{}[{name}]", if out.is_empty() { "" } else { "\n" });
}

fn lines<'a>(out: &mut String, name: &str, values: impl Iterator<Item = (&'a str, Value)>) {
    let mut values = values.peekable();
    if values.peek().is_some() {
        section(out, name);
    }
    for (key, value) in values {
        line(out, key, &value);
    }
}

/// `key = value`, the value in one line; [`Value`]'s own text has sorted tables in TOML's inline form.
fn line(out: &mut String, key: &str, value: &Value) {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let key = if bare { key.to_owned() } else { Value::from(key).to_string() };
    let _ = writeln!(out, "{key} = {value}");
}
