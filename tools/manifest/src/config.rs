// SPDX-License-Identifier: MIT OR Apache-2.0
//! A manifest after checking and merging: the input of the image builder.

use crate::budget::Budgets;
use crate::place::{Place, Placed};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The contents of a manifest and those that it inherits, checked and merged.
///
/// Paths in the image are absolute (`/bin/qos`) and normal: no `.`, `..`, `//` or trailing `/`. Host paths are
/// relative to [`Config::base`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the image.
    pub name: String,
    /// The kernel command line that the image is booted with by default.
    pub cmdline: String,
    /// Modification time of every file in the image, in seconds since 1970. Neither the clock nor
    /// `SOURCE_DATE_EPOCH` is looked at: the same manifest is the same image.
    pub mtime: u32,
    /// How the main segment is compressed.
    pub compression: Compression,
    /// Trees of the toolchain by name, below the overlays, in the order in which they are laid over each other.
    pub trees: Vec<Placed<String>>,
    /// Directories of literal files, in the order in which they are laid over each other.
    pub overlays: Vec<Placed<PathBuf>>,
    /// Programs, by their path in the image.
    pub programs: BTreeMap<String, Placed<Program>>,
    /// Directories, links, nodes and files, by path.
    pub entries: BTreeMap<String, Placed<Entry>>,
    /// Kernel modules, by name (with `_`, as the kernel writes it).
    pub modules: BTreeMap<String, Placed<Module>>,
    /// Modules of the kernel's own tree, if any are requested.
    pub drivers: Option<Placed<Drivers>>,
    /// Uncompressed segments in front of the main one, by name; they are put in that order.
    pub early: BTreeMap<String, Placed<Early>>,
    /// The budgets of the image.
    pub budgets: Budgets,
    /// The directory of the requested manifest.
    pub base: PathBuf,
}

/// Who owns an entry and what its permission bits are (`0o7777`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Permission bits, with set-user-id (`0o4000`), set-group-id and sticky.
    pub mode: u32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// One thing in the image's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Owner and mode. A symbolic link's is always 0777, root's.
    pub owner: Owner,
}

/// What an entry of the tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A symbolic link to this target.
    Symlink(String),
    /// Another name of the file at this path of the image.
    Hardlink(String),
    /// A device node or named pipe.
    Node {
        /// Which kind.
        kind: NodeKind,
        /// Major device number.
        major: u32,
        /// Minor device number.
        minor: u32,
    },
    /// A file with this text.
    Text(String),
    /// A file with the content of this host file.
    Source(PathBuf),
    /// A file of an overlay, for which only owner and mode are given here. `None` keeps the overlay's mode.
    Overlay {
        /// The mode, if it is given.
        mode: Option<u32>,
    },
}

/// Kinds of special files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Character device.
    Char,
    /// Block device.
    Block,
    /// Named pipe.
    Fifo,
}

/// A program out of the directory of built programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its path in the directory of programs (not relative to [`Config::base`]).
    pub source: PathBuf,
    /// Owner and mode in the image.
    pub owner: Owner,
    /// For a multi-call binary: the file in the directory of programs that lists its applets, one a line.
    pub applets: Option<PathBuf>,
    /// The directory of the image in which each applet gets a symbolic link to the program.
    pub links_in: Option<String>,
    /// Applets that get no link.
    pub exclude: Vec<String>,
}

/// A kernel module to include.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Whether init loads it: whether it is listed in `/etc/modules`.
    pub load: bool,
}

/// Modules of the kernel's own tree; their dependencies are included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drivers {
    /// All modules of the tree.
    pub all: bool,
    /// By name (with `_`), with the line that requests the module.
    pub names: BTreeMap<String, Place>,
}

/// A segment before the main one, never compressed: the kernel reads it before it can decompress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// The directory whose content it holds.
    pub source: PathBuf,
}

/// How the main segment is compressed. Levels go up to the method's own best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all: unpacks quickest.
    None,
    /// gzip, level 1 to 9.
    Gzip(u32),
    /// LZ4 in its legacy frame, the only one the kernel reads; level 1 to 12.
    Lz4(u32),
    /// Zstandard, level 1 to 22.
    Zstd(u32),
}

impl Compression {
    /// The names of all methods, as manifests write them.
    pub const METHODS: [&'static str; 4] = ["none", "gzip", "lz4", "zstd"];

    /// The method of this name at `level`, or at its default level (the smallest result that costs no extra
    /// memory in the guest). The error names the allowed values.
    pub fn new(method: &str, level: Option<i64>) -> Result<Self, String> {
        let in_range = |default: u32, max: u32| match level {
            None => Ok(default),
            Some(level) => match u32::try_from(level) {
                Ok(n) if (1..=max).contains(&n) => Ok(n),
                _ => Err(format!("{method} has no level {level}; it has 1 to {max}")),
            },
        };
        match method {
            "none" if level.is_some() => Err("compression `none` has no level; leave `level` out".to_owned()),
            "none" => Ok(Compression::None),
            "gzip" => in_range(9, 9).map(Compression::Gzip),
            "lz4" => in_range(12, 12).map(Compression::Lz4),
            "zstd" => in_range(19, 22).map(Compression::Zstd),
            _ => Err(format!(
                "unknown compression `{method}`; there are {}{}",
                Self::METHODS.join(", "),
                crate::did_you_mean(method, Self::METHODS)
            )),
        }
    }

    /// The method's name, as manifests write it.
    pub fn method(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip(_) => "gzip",
            Compression::Lz4(_) => "lz4",
            Compression::Zstd(_) => "zstd",
        }
    }

    /// The level, if the method has levels.
    pub fn level(self) -> Option<u32> {
        match self {
            Compression::None => None,
            Compression::Gzip(level) | Compression::Lz4(level) | Compression::Zstd(level) => Some(level),
        }
    }

    /// The usual name of an initramfs that is compressed so: `initramfs.cpio.zst`.
    pub fn file_name(self) -> &'static str {
        match self {
            Compression::None => "initramfs.cpio",
            Compression::Gzip(_) => "initramfs.cpio.gz",
            Compression::Lz4(_) => "initramfs.cpio.lz4",
            Compression::Zstd(_) => "initramfs.cpio.zst",
        }
    }
}

impl NodeKind {
    /// All kinds with the names that manifests give them.
    pub const ALL: [(&'static str, NodeKind); 3] =
        [("block", NodeKind::Block), ("char", NodeKind::Char), ("fifo", NodeKind::Fifo)];

    /// The name that manifests give it.
    pub fn name(self) -> &'static str {
        match self {
            NodeKind::Char => "char",
            NodeKind::Block => "block",
            NodeKind::Fifo => "fifo",
        }
    }
}

impl Config {
    /// A host path that the manifest names, as this process can open it.
    pub fn host_path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}
