// SPDX-License-Identifier: MIT OR Apache-2.0
//! Units as the manager shows them: blocks of `KEY=VALUE` lines.

use std::time::Duration;

/// A unit: names of properties, and their values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown(Vec<(String, String)>);

impl Shown {
    /// The value of a key; empty if it is not there.
    pub fn get(&self, key: &str) -> &str {
        self.all().find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    }

    /// All properties, in the order of the reply.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A unit with these properties.
    pub fn new(properties: Vec<(String, String)>) -> Self {
        Shown(properties)
    }

    /// Properties that are made here.
    pub fn of<const N: usize>(properties: [(&str, String); N]) -> Self {
        Shown(properties.map(|(name, value)| (name.to_owned(), value)).to_vec())
    }

    /// The unit's name.
    pub fn name(&self) -> &str {
        self.get("Id")
    }

    /// A time since boot.
    pub fn time(&self, key: &str) -> Option<Duration> {
        self.get(key).parse().ok().map(Duration::from_micros)
    }

    /// How long its start took.
    pub fn start(&self) -> Option<Duration> {
        self.time("ActiveEnterTimestampMonotonic")?.checked_sub(self.time("InactiveExitTimestampMonotonic")?)
    }

    /// Names in a value.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key).split(' ').filter(|name| !name.is_empty())
    }
}

/// The units of a reply.
pub fn parse(text: &str) -> Vec<Shown> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let line = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    blocks.map(|block| Shown(block.lines().filter_map(line).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let units = parse(
            "Id=a.service\nInactiveExitTimestampMonotonic=1000\nActiveEnterTimestampMonotonic=3000\nAfter=b c\n\nId=b\nX=y=z\n\n",
        );
        assert_eq!((units.len(), units[0].name(), units[1].get("X")), (2, "a.service", "y=z"));
        assert_eq!(units[0].start(), Some(Duration::from_millis(2)));
        assert_eq!(units[0].list("After").collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!((units[1].start(), units[1].list("After").count()), (None, 0));
        assert_eq!(parse(""), []);
    }
}
