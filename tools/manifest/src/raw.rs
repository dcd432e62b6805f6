// SPDX-License-Identifier: MIT OR Apache-2.0
//! A manifest as written in the file, as serde reads it, before the checks. An unknown key is an error.

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// Entries by their path or name; the key keeps its position, for messages.
pub(crate) type ByName<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawConfig {
    pub inherit: Vec<Spanned<String>>,
    pub trees: Vec<Spanned<String>>,
    pub overlays: Vec<Spanned<String>>,
    pub remove: Vec<Spanned<String>>,
    pub image: RawImage,
    pub compression: Option<RawCompression>,
    pub programs: ByName<RawProgram>,
    pub dirs: ByName<RawDir>,
    pub symlinks: ByName<Spanned<String>>,
    pub hardlinks: ByName<Spanned<String>>,
    pub nodes: ByName<RawNode>,
    pub files: ByName<RawFile>,
    pub modules: ByName<RawModule>,
    pub drivers: Option<Spanned<RawDrivers>>,
    pub early: ByName<RawEarly>,
    pub max_sizes: ByName<Spanned<RawSize>>,
    pub max_cost: ByName<Spanned<RawCost>>,
}

/// The tables with budgets, of a manifest whose other tables are read elsewhere.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct RawLimits {
    pub max_sizes: ByName<Spanned<RawSize>>,
    pub max_cost: ByName<Spanned<RawCost>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table: [image]", default)]
pub(crate) struct RawImage {
    pub name: Option<Spanned<String>>,
    pub cmdline: Option<Spanned<String>>,
    pub mtime: Option<u32>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { method = \"zstd\", level = 19 }"
)]
pub(crate) struct RawCompression {
    pub method: Spanned<String>,
    pub level: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { source = \"bin/qos\" }"
)]
pub(crate) struct RawProgram {
    pub source: Spanned<String>,
    pub mode: Option<Spanned<String>>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub applets: Option<Spanned<String>>,
    pub links_in: Option<Spanned<String>>,
    #[serde(default)]
    pub exclude: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { mode = \"0755\" }, or {}"
)]
pub(crate) struct RawDir {
    pub mode: Option<Spanned<String>>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { type = \"char\", major = 1, minor = 3 }"
)]
pub(crate) struct RawNode {
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
    pub major: Spanned<i64>,
    pub minor: Spanned<i64>,
    pub mode: Option<Spanned<String>>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table such as { text = \"hello\" }")]
pub(crate) struct RawFile {
    pub source: Option<Spanned<String>>,
    pub text: Option<String>,
    pub mode: Option<Spanned<String>>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table such as { load = true }")]
pub(crate) struct RawModule {
    #[serde(default)]
    pub load: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, expecting = "a table: [drivers]", default)]
pub(crate) struct RawDrivers {
    pub all: bool,
    pub names: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { source = \"early/microcode\" }"
)]
pub(crate) struct RawEarly {
    pub source: Spanned<String>,
}

/// An amount as it is written: a number, or text with a unit.
pub(crate) enum Amount {
    Number(i64),
    Text(String),
}

/// A size: a number of bytes, or text with a unit.
pub(crate) struct RawSize(pub Amount);

/// A cost: a number of instructions, or text with a unit.
pub(crate) struct RawCost(pub Amount);

impl<'de> Deserialize<'de> for RawSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        amount(deserializer, "a size: a number of bytes, or text such as \"12 MiB\"").map(RawSize)
    }
}

impl<'de> Deserialize<'de> for RawCost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        amount(
            deserializer,
            "a cost: a number of instructions, or text such as \"90 M\" or \"83.5 M\" (M: million), for memory \"80 MiB\"",
        )
        .map(RawCost)
    }
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D, expecting: &'static str) -> Result<Amount, D::Error> {
    struct AmountVisitor(&'static str);
    impl Visitor<'_> for AmountVisitor {
        type Value = Amount;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_i64<E>(self, value: i64) -> Result<Amount, E> {
            Ok(Amount::Number(value))
        }

        fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Amount, E> {
            i64::try_from(value).map(Amount::Number).map_err(|_| E::custom("number does not fit in 63 bits"))
        }

        fn visit_str<E>(self, value: &str) -> Result<Amount, E> {
            Ok(Amount::Text(value.to_owned()))
        }
    }
    deserializer.deserialize_any(AmountVisitor(expecting)).map_err(D::Error::custom)
}
