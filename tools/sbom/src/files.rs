// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of an image and of its initramfs, with hashes and licences.

use crate::licence;
use qos_inspect::codec::{self, Codec};
use qos_inspect::module::module_name;
use qos_inspect::{elf, segments};
use qos_tree::{Content, Tree};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the image (`/bin/sh`), or its name in the image's directory (`bzImage`).
    pub path: String,
    /// Its hashes.
    pub sums: Sums,
    /// Its licence expression, if known.
    pub licence: Option<String>,
}

/// Hashes of a content, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sums {
    /// SHA-1, which SPDX 2.3 requires (clause 8.4).
    pub sha1: String,
    /// SHA-256.
    pub sha256: String,
}

/// The hashes of a content.
#[must_use]
pub fn sums(content: &[u8]) -> Sums {
    Sums { sha1: hex(&Sha1::digest(content)), sha256: hex(&Sha256::digest(content)) }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The files in the directory of an image, sorted by name.
///
/// # Errors
///
/// The directory or a file cannot be read, or a name is not UTF-8.
pub fn of_directory(directory: &Path) -> Result<Vec<File>, String> {
    let cannot = |error| format!("cannot read the directory {}: {error}", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| format!("{}: names in an image are UTF-8", path.display()))?;
        let content = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        files.push(File { path: name.to_owned(), sums: sums(&content), licence: None });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The regular files in an initramfs, sorted by path. A hard link is a file of its own.
///
/// The licence is that of a module's `MODULE_LICENSE`, or the one that a text states in its first lines.
///
/// # Errors
///
/// The initramfs or a module in it is damaged, or a path is not UTF-8.
pub fn of_initramfs(bytes: &[u8]) -> Result<Vec<File>, String> {
    let segments = segments::read(bytes).map_err(|error| error.to_string())?;
    let tree: Tree = segments::unpack(&segments).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for (path, _) in tree.iter() {
        let Some(content) = tree.content(path) else { continue };
        let path = std::str::from_utf8(path)
            .map_err(|_| format!("/{}: the path is not UTF-8", String::from_utf8_lossy(path)))?;
        files.push(file(&format!("/{path}"), content)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn file(path: &str, content: &Content) -> Result<File, String> {
    let bytes = content.read().map_err(|error| format!("{path}: cannot be read: {error}"))?;
    let licence = match is_module(path) {
        true => module_licence(&bytes).map_err(|why| format!("{path}: {why}"))?,
        false => licence::stated(&bytes),
    };
    Ok(File { path: path.to_owned(), sums: sums(&bytes), licence })
}

/// Whether a path is that of a kernel module.
#[must_use]
pub fn is_module(path: &str) -> bool {
    module_name(path.rsplit('/').next().unwrap_or(path)).is_some()
}

/// The licence in a module's `.modinfo`.
fn module_licence(bytes: &[u8]) -> Result<Option<String>, String> {
    let elf = match Codec::detect(bytes) {
        None => elf::read(bytes)?,
        Some(codec) => elf::read(&codec::decompress(bytes, codec).map_err(|error| error.to_string())?.0)?,
    };
    let values = elf.modinfo.get("license").map(Vec::as_slice).unwrap_or_default();
    let value = values.first().ok_or("has no MODULE_LICENSE, so it is no kernel module")?;
    Ok(licence::of_module(value).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes() {
        let sums = sums(b"abc");
        assert_eq!(sums.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sums.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn modules_by_their_names() {
        for (path, expect) in [
            ("/lib/modules/7.3.4/extra/qos_exit.ko", true),
            ("/lib/modules/7.3.4/extra/edu.ko.zst", true),
            ("/lib/modules/7.3.4/modules.dep", false),
            ("/etc/fake.ko.d/x", false),
        ] {
            assert_eq!(is_module(path), expect, "{path}");
        }
    }
}
