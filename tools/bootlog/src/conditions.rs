// SPDX-License-Identifier: MIT OR Apache-2.0
//! The conditions of a log: QEMU, accelerator, machine and so on. Logs of other conditions differ for that reason, and a
//! comparison of their lines has no meaning.

use std::fmt;

/// The keys that are known, in the order in which they stand; others follow.
const ORDER: [&str; 11] = [
    "qemu",
    "accelerator",
    "machine",
    "cpu",
    "cpus",
    "memory",
    "devices",
    "session",
    "cmdline",
    "kernel",
    "rules",
];

/// Keys with their values; written and read as lines `key: value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    entries: Vec<(String, String)>,
}

impl Conditions {
    /// From keys and values in any order. A value is one line: of several the first counts.
    #[must_use]
    pub fn new<K: Into<String>, V: Into<String>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut conditions = Self::default();
        entries.into_iter().for_each(|(key, value)| conditions.set(key, value));
        conditions
    }

    /// Sets one more, or one anew.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let key = key.into();
        let value = value.into().lines().next().unwrap_or_default().trim().to_owned();
        self.entries.retain(|(known, _)| *known != key);
        self.entries.push((key, value));
        let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
        self.entries.sort_by(|(one, _), (other, _)| (place(one), one).cmp(&(place(other), other)));
    }

    /// The keys and their values, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Reads the lines that a text begins with, up to the first that is empty.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().take_while(|line| !line.is_empty());
        Self::new(lines.filter_map(|line| line.split_once(':')))
    }

    /// What is not as it was, one line for each key: `memory: was 512 MiB, is 256 MiB`.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> Vec<String> {
        let gone = before.entries().filter(|(key, _)| self.get(key).is_none());
        let mut changed: Vec<String> =
            gone.map(|(key, value)| format!("{key}: was {value}, is unknown")).collect();
        for (key, value) in self.entries() {
            match before.get(key) {
                Some(old) if old == value => {}
                Some(old) => changed.push(format!("{key}: was {old}, is {value}")),
                None => changed.push(format!("{key}: was unknown, is {value}")),
            }
        }
        changed
    }
}

impl fmt::Display for Conditions {
    /// A line `key: value` for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value that is empty leaves no blank at the end of its line.
        self.entries().try_for_each(|(key, value)| writeln!(f, "{}", format!("{key}: {value}").trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_back() {
        let check = |entries: &[(&str, &str)], expect: &str| {
            let conditions = Conditions::new(entries.iter().copied());
            assert_eq!(conditions.to_string(), expect);
            assert_eq!(Conditions::parse(&format!("{expect}\nnot: one\n")), conditions, "{expect}");
        };
        check(&[], "");
        check(&[("memory", "512 MiB"), ("qemu", "10.0.13")], "qemu: 10.0.13\nmemory: 512 MiB\n");
        check(&[("zoo", "z"), ("rules", "a"), ("b", "x")], "rules: a\nb: x\nzoo: z\n");
        check(&[("cmdline", "console=ttyS0 a:b"), ("cmdline", "quiet")], "cmdline: quiet\n");
        check(&[("cmdline", "a: b")], "cmdline: a: b\n");
        check(&[("cmdline", "")], "cmdline:\n");
        check(&[("cmdline", "one\ntwo")], "cmdline: one\n");
    }

    #[test]
    fn what_has_changed() {
        let check = |before: &str, after: &str, expect: &[&str]| {
            let got = Conditions::parse(after).changed_since(&Conditions::parse(before));
            assert_eq!(got, expect, "{before:?} {after:?}");
        };
        check("", "", &[]);
        check("qemu: 1\nmemory: 2", "memory: 2\nqemu: 1", &[]);
        check("qemu: 1\nmemory: 2", "qemu: 1\nmemory: 3", &["memory: was 2, is 3"]);
        check("qemu: 1", "cpus: 4", &["qemu: was 1, is unknown", "cpus: was unknown, is 4"]);
    }
}
