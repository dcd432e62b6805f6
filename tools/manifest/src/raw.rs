// SPDX-License-Identifier: MIT OR Apache-2.0
//! A manifest as written in the file, as serde reads it, before the checks. An unknown key is an error.
//!
//! The comments of the keys are the text of `tools/new/REFERENCE.md`. Their last lines are read by its generator, and proved by a test
//! there: `Default` (a key without an `Option` or serde's default is required, and has no such line), `With` (keys with which the default
//! is this one and the example is accepted), `Needs` (keys that have to be there too), `Example` (the value, or a line of the table).

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
    /// Manifests to inherit, as paths from this one. They are merged in this order, then this file; a later entry for
    /// a path wins.
    ///
    /// Default: `[]`
    /// Example: `["default.toml"]`
    pub inherit: Vec<Spanned<String>>,
    /// Trees of the toolchain (`tools/toolchain/toolchain.toml`) below the overlays.
    ///
    /// Default: `[]`
    /// Example: `["debian"]`
    pub trees: Vec<Spanned<String>>,
    /// Directories of literal files, as paths from this file. Executable files get mode 0755, others 0644.
    ///
    /// Default: `[]`
    /// Example: `["overlay"]`
    pub overlays: Vec<Spanned<String>>,
    /// Removes entries of inherited manifests, but not files of overlays.
    ///
    /// Default: `[]`
    /// Needs: `inherit`
    /// Example: `["/etc/motd"]`
    pub remove: Vec<Spanned<String>>,
    /// The image.
    pub image: RawImage,
    /// How the initramfs is compressed. Default of the whole table: `method = "none"`.
    pub compression: Option<RawCompression>,
    /// Programs, by their paths in the image.
    ///
    /// Example: `"/bin/hello" = { source = "bin/hello" }`
    pub programs: ByName<RawProgram>,
    /// Directories. Missing parent directories, and `/` itself, are created with mode 0755 and owner root.
    ///
    /// Example: `"/srv" = { mode = "0750", uid = 33, gid = 33 }`
    pub dirs: ByName<RawDir>,
    /// Symbolic links and their targets.
    ///
    /// Example: `"/usr/bin" = "../bin"`
    pub symlinks: ByName<Spanned<String>>,
    /// Further names of files of the image.
    ///
    /// Example: `"/etc/issue.net" = "/etc/issue"`
    pub hardlinks: ByName<Spanned<String>>,
    /// Device nodes and named pipes.
    ///
    /// Example: `"/dev/console" = { type = "char", major = 5, minor = 1 }`
    pub nodes: ByName<RawNode>,
    /// Files. One without `source` and `text` is a file of an overlay, whose owner and mode are given here.
    ///
    /// Example: `"/etc/motd" = { text = "hello\n" }`
    pub files: ByName<RawFile>,
    /// Modules of `kernel/modules`. They are installed in `/lib/modules`, with `modules.dep` and `modules.alias`.
    ///
    /// Example: `hello = { load = true }`
    pub modules: ByName<RawModule>,
    /// Modules of the kernel's own tree, with their dependencies; in `/lib/modules/RELEASE/kernel`.
    pub drivers: Option<Spanned<RawDrivers>>,
    /// Uncompressed segments before the main one, in the order of their names.
    ///
    /// Example: `microcode = { source = "early/microcode" }`
    pub early: ByName<RawEarly>,
    /// Limits of sizes: `bzImage`, `initramfs`, `unpacked` (the initramfs without compression), or the path of a
    /// regular file of the image. A build over a limit fails.
    ///
    /// Example: `initramfs = "12 MiB"`
    pub max_sizes: ByName<Spanned<RawSize>>,
    /// Limits of the golden boot: the instructions `to-init`, `to-session` and `to-power-off`, and the `memory` with
    /// which it boots, in whole MiB.
    ///
    /// Example: `to-init = "83.5 M"`
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
    /// The image's name: letters, digits, `-`, `_` and `.`. This manifest or one that it inherits has to have it.
    ///
    /// Default: none
    /// Example: `"my"`
    pub name: Option<Spanned<String>>,
    /// The kernel's command line, at most 2047 bytes.
    ///
    /// Default: `""`
    /// Example: `"console=ttyS0"`
    pub cmdline: Option<Spanned<String>>,
    /// Modification time of every file, in seconds since 1970.
    ///
    /// Default: `0`
    /// Example: `1700000000`
    pub mtime: Option<u32>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { method = \"zstd\", level = 19 }"
)]
pub(crate) struct RawCompression {
    /// `none`, `gzip`, `lz4` or `zstd`.
    ///
    /// Example: `"zstd"`
    pub method: Spanned<String>,
    /// 1 to 9 of gzip, 1 to 12 of lz4, 1 to 22 of zstd. The default is 9 of gzip, 12 of lz4, 19 of zstd.
    ///
    /// Default: `19`
    /// Example: `3`
    pub level: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { source = \"bin/qos\" }"
)]
pub(crate) struct RawProgram {
    /// The program, as a path in the image's programs (`programs` of `qos.toml`).
    ///
    /// Example: `"bin/hello"`
    pub source: Spanned<String>,
    /// Permission bits in octal.
    ///
    /// Default: `"0755"`
    /// Example: `"4755"`
    pub mode: Option<Spanned<String>>,
    /// Owner.
    ///
    /// Default: `0`
    /// Example: `33`
    pub uid: Option<u32>,
    /// Group.
    ///
    /// Default: `0`
    /// Example: `33`
    pub gid: Option<u32>,
    /// Of a multi-call binary: the file beside the programs with the names of its applets, one a line.
    ///
    /// Default: none
    /// Needs: `links-in`
    /// Example: `"applets"`
    pub applets: Option<Spanned<String>>,
    /// The directory of the image in which each applet gets a symbolic link. An entry of `[symlinks]` wins over such a link.
    ///
    /// Default: none
    /// Needs: `applets`
    /// Example: `"/bin"`
    pub links_in: Option<Spanned<String>>,
    /// Applets that get no link.
    ///
    /// Default: `[]`
    /// Needs: `applets`, `links-in`
    /// Example: `["yes"]`
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
    /// Permission bits in octal.
    ///
    /// Default: `"0755"`
    /// Example: `"0750"`
    pub mode: Option<Spanned<String>>,
    /// Owner.
    ///
    /// Default: `0`
    /// Example: `33`
    pub uid: Option<u32>,
    /// Group.
    ///
    /// Default: `0`
    /// Example: `33`
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { type = \"char\", major = 1, minor = 3 }"
)]
pub(crate) struct RawNode {
    /// `block`, `char` or `fifo`.
    ///
    /// Example: `"char"`
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
    /// Major number of the device, 0 to 4095; 0 for a fifo.
    ///
    /// Example: `5`
    pub major: Spanned<i64>,
    /// Minor number of the device, 0 to 1048575; 0 for a fifo.
    ///
    /// Example: `1`
    pub minor: Spanned<i64>,
    /// Permission bits in octal.
    ///
    /// Default: `"0600"`
    /// Example: `"0620"`
    pub mode: Option<Spanned<String>>,
    /// Owner.
    ///
    /// Default: `0`
    /// Example: `33`
    pub uid: Option<u32>,
    /// Group.
    ///
    /// Default: `0`
    /// Example: `33`
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table such as { text = \"hello\" }")]
pub(crate) struct RawFile {
    /// A file of the repository, as a path from this manifest.
    ///
    /// Default: none
    /// Example: `"files/logo"`
    pub source: Option<Spanned<String>>,
    /// The contents of the file. Not together with `source`.
    ///
    /// Default: none
    /// Example: `"hello\n"`
    pub text: Option<String>,
    /// Permission bits in octal. The default is that of `source` and `text`; a file of an overlay keeps its mode.
    ///
    /// Default: `"0644"`
    /// With: `text`
    /// Example: `"0444"`
    pub mode: Option<Spanned<String>>,
    /// Owner.
    ///
    /// Default: `0`
    /// Example: `33`
    pub uid: Option<u32>,
    /// Group.
    ///
    /// Default: `0`
    /// Example: `33`
    pub gid: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table such as { load = true }")]
pub(crate) struct RawModule {
    /// Whether init loads it: whether it is listed in `/etc/modules`.
    ///
    /// Default: `false`
    /// Example: `true`
    #[serde(default)]
    pub load: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, expecting = "a table: [drivers]", default)]
pub(crate) struct RawDrivers {
    /// All modules of the tree.
    ///
    /// Default: `false`
    /// Example: `true`
    pub all: bool,
    /// Modules by name; a built-in one is allowed too.
    ///
    /// Default: `[]`
    /// Example: `["btrfs", "dm_crypt"]`
    pub names: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table such as { source = \"early/microcode\" }"
)]
pub(crate) struct RawEarly {
    /// The directory with the contents of the segment, as a path from this manifest; for example
    /// `kernel/x86/microcode/GenuineIntel.bin` is in it.
    ///
    /// Example: `"early/microcode"`
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
