// SPDX-License-Identifier: MIT OR Apache-2.0
//! The result of `show` for a file: pairs of a name and a value, tables, and parts that are files themselves.

use crate::list::printable;
use serde_json::{Map, Value};

/// Facts of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Its name, or that of the part.
    pub name: String,
    /// Names and values; a name may come several times.
    pub pairs: Vec<(String, String)>,
    /// A table, as text and as JSON.
    pub table: Option<(String, Value)>,
    /// Parts.
    pub parts: Vec<Facts>,
}

impl Facts {
    /// No facts yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Facts {
        Facts { name: name.into(), ..Facts::default() }
    }

    /// Adds a pair.
    pub fn add(&mut self, name: &str, value: impl ToString) {
        self.pairs.push((name.to_owned(), value.to_string()));
    }

    /// Adds a pair if there is a value.
    pub fn add_some(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Lines for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", one_line(&self.name));
        let width = self.pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.pairs {
            out.push_str(&format!("  {name:<width$}  {}\n", one_line(value)));
        }
        if let Some((table, _)) = &self.table {
            table.lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        for part in &self.parts {
            part.text().lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        out
    }

    /// The same for programs. The values of a name that comes several times are an array.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("file".to_owned(), self.name.clone().into());
        for (name, value) in &self.pairs {
            match map.get_mut(name) {
                None => drop(map.insert(name.clone(), value.clone().into())),
                Some(Value::Array(values)) => values.push(value.clone().into()),
                Some(first) => *first = Value::Array(vec![first.take(), value.clone().into()]),
            }
        }
        if let Some((_, table)) = &self.table {
            map.insert("table".to_owned(), table.clone());
        }
        if !self.parts.is_empty() {
            map.insert("parts".to_owned(), self.parts.iter().map(Facts::json).collect());
        }
        Value::Object(map)
    }
}

fn one_line(text: &str) -> String {
    printable(text.as_bytes())
}
