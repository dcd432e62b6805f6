// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kconfig's information about symbols: the output of `kernel/kconfig-why.c`, which documents the format.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::Value;

/// One symbol, as Kconfig sees it in the present configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbol {
    /// `bool`, `tristate`, `integer`, `hex`, `string`; `None` if the tree defines no such symbol.
    pub kind: Option<String>,
    /// Where it is defined, as `drivers/net/Kconfig:443`; several if it is defined again.
    pub places: Vec<String>,
    /// The maximum that the conditions of its prompt allow; `None` if it has no prompt, so that it cannot be requested.
    pub limit: Option<Value>,
    /// The conditions of its prompt with present values, as `NETDEVICES [=y] && NET_CORE [=n]`.
    pub depends: Option<String>,
    /// The terms of these conditions that are not `y`.
    pub unmet: Vec<String>,
    /// What selects it now.
    pub selected_by: Vec<String>,
    /// What would select it, were it on.
    pub selectable_by: Vec<String>,
    /// For a member of a choice: which member is chosen.
    pub chosen: Option<String>,
    /// For numbers: the smallest and the largest, as written.
    pub range: Option<(String, String)>,
}

/// The explanation of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    known: BTreeSet<String>,
    symbols: BTreeMap<String, Symbol>,
}

impl Why {
    /// Reads the output of `kconfig-why`. `file` is its name for messages.
    ///
    /// # Errors
    /// A line that is not of the format, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let mut why = Self::default();
        let mut current: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let bad = || format!("{file}:{}: `{line}` is not a line of kconfig-why's output", index + 1);
            let (key, rest) = line.split_once('\t').ok_or_else(bad)?;
            match (key, &current) {
                ("known", _) => {
                    why.known.insert(rest.to_owned());
                }
                ("symbol", _) => {
                    why.symbols.entry(rest.to_owned()).or_default();
                    current = Some(rest.to_owned());
                }
                (_, Some(name)) => {
                    let symbol = why.symbols.get_mut(name).ok_or_else(bad)?;
                    symbol.add(key, rest).ok_or_else(bad)?;
                }
                (_, None) => return Err(bad()),
            }
        }
        Ok(why)
    }

    /// The information about a symbol (without `CONFIG_`); `None` if the output of `kconfig-why` does not have it.
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.symbols.get(name)
    }

    /// The known symbol whose name is nearest to `name`, if one is near enough for a slip of the fingers.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let furthest = (name.len() / 4).clamp(1, 4);
        self.known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(name, known), known.as_str()))
            .filter(|(distance, _)| *distance <= furthest)
            .min()
            .map(|(_, known)| known)
            .or_else(|| self.only_longer(name))
    }

    /// The one known symbol that `name` is a part of, as SERIAL_8250 is of SERIAL_8250_CONSOLE; `None` if several are.
    fn only_longer(&self, name: &str) -> Option<&str> {
        let mut longer = self.known.iter().filter(|known| name.len() > 3 && known.contains(name));
        match (longer.next(), longer.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

impl Symbol {
    /// Takes one `KEY<TAB>TEXT` line; `None` if the key is not known.
    fn add(&mut self, key: &str, text: &str) -> Option<()> {
        let text = text.to_owned();
        match key {
            "type" => self.kind = Some(text),
            "value" => {}
            "place" => self.places.push(text),
            "limit" => self.limit = Some(Value::parse(&text)?),
            "depends" => self.depends = Some(text),
            "unmet" => self.unmet.push(text),
            "selected" => self.selected_by.push(text),
            "select" => self.selectable_by.push(text),
            "choice" => self.chosen = Some(text),
            "range" => {
                let (least, most) = text.split_once(' ')?;
                self.range = Some((least.to_owned(), most.to_owned()));
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
known\tVIRTIO_NET\nknown\tVIRTIO_BLK\nknown\tNET\nknown\tSERIAL_8250_CONSOLE\nknown\tHZ_1000\n\
symbol\tVIRTIO_NET\ntype\ttristate\nvalue\tn\nplace\tdrivers/net/Kconfig:443\nlimit\tn\n\
depends\tNETDEVICES [=y] && NET_CORE [=n]\nunmet\tNET_CORE [=n]\n\
symbol\tNOPE\n\
symbol\tNR_CPUS\ntype\tinteger\nvalue\t64\nrange\t2 512\n";

    #[test]
    fn blocks_are_read() {
        let why = Why::parse("why", SAMPLE).expect("valid");
        let net = why.get("VIRTIO_NET").expect("asked");
        assert_eq!(net.kind.as_deref(), Some("tristate"));
        assert_eq!(net.limit, Some(Value::No));
        assert_eq!(net.unmet, ["NET_CORE [=n]"]);
        assert_eq!(why.get("NOPE"), Some(&Symbol::default()));
        assert_eq!(why.get("NR_CPUS").and_then(|s| s.range.clone()), Some(("2".into(), "512".into())));
        assert_eq!(why.get("NET"), None);
    }

    #[test]
    fn other_lines_are_refused() {
        for text in ["x", "type\tbool", "symbol\tA\nfoo\tbar", "symbol\tA\nrange\t2", "symbol\tA\nlimit\t"] {
            assert!(Why::parse("why", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn nearest_names() {
        let why = Why::parse("why", SAMPLE).expect("valid");
        for (name, expect) in [
            ("VIRTIO_NETT", Some("VIRTIO_NET")),
            ("VRITIO_NET", Some("VIRTIO_NET")),
            ("VIRTIO_BLOCK", Some("VIRTIO_BLK")),
            ("NTE", Some("NET")),
            ("8250_CONSOLE", Some("SERIAL_8250_CONSOLE")),
            ("VIRTIO", None),
            ("BTRFS_FS", None),
        ] {
            assert_eq!(why.nearest(name), expect, "{name}");
        }
    }
}
