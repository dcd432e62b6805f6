// SPDX-License-Identifier: MIT OR Apache-2.0
//! A `.config` as Kconfig writes it.

use std::collections::BTreeMap;

use crate::fragment::parse_line;
use crate::value::Value;

/// The symbols of a `.config` that have a value other than `n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    values: BTreeMap<String, Value>,
}

impl Resolved {
    /// Reads a `.config`. `file` is its name for messages.
    ///
    /// # Errors
    /// The first invalid line of a `.config`, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            match parse_line(line) {
                Ok(None) | Ok(Some((_, Value::No))) => {}
                Ok(Some((symbol, value))) => {
                    values.insert(symbol.to_owned(), value);
                }
                Err(why) => return Err(format!("{file}:{}: {why}", index + 1)),
            }
        }
        Ok(Self { values })
    }

    /// The value of a symbol (without `CONFIG_`): [`Value::No`] if it is not set or not known.
    pub fn get(&self, symbol: &str) -> &Value {
        self.values.get(symbol).unwrap_or(&Value::No)
    }

    /// The names of all symbols that are not `n`, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_unset_are_no() {
        let text = "#\n# Automatically generated file; DO NOT EDIT.\n#\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"\"\n";
        let resolved = Resolved::parse(".config", text).expect("a .config");
        assert_eq!(resolved.get("A"), &Value::Yes);
        assert_eq!(resolved.get("B"), &Value::No);
        assert_eq!(resolved.get("C"), &Value::No);
        assert_eq!(resolved.get("S"), &Value::Text("\"\"".into()));
        assert_eq!(resolved.names().collect::<Vec<_>>(), ["A", "S"]);
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let error = Resolved::parse("o/.config", "CONFIG_A=y\nCONFIG_B\n").expect_err("a cut line");
        assert!(error.starts_with("o/.config:2: "), "{error}");
    }
}
