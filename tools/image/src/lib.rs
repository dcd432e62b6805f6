// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finishes the directory of an image, which has a kernel and an initramfs: adds `cmdline`, and `manifest.json` with the versions of
//! its inputs and the size and SHA-256 of each file. [`record`] adds the latter alone, to the directory of a disk too.
//!
//! The same files and versions give the same bytes: keys are sorted, and neither times nor host names are written.

use qos_manifest::{Config, SizeLimit};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Name of the file with the kernel command line: one line.
pub const CMDLINE: &str = "cmdline";
/// Name of the file with versions, sizes and hashes.
pub const MANIFEST: &str = "manifest.json";

/// The contents of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The default kernel command line.
    pub cmdline: String,
    /// The other files of the image or disk, by name.
    pub files: BTreeMap<String, File>,
    /// Its name.
    pub name: String,
    /// The partitions of a disk, in the order of its table. An image has none, and not this key either.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<Partition>,
    /// Versions of its inputs: `qos`, `kernel` (its release) and those given, by name.
    pub versions: BTreeMap<String, String>,
}

/// A partition of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// The kind of its content in words: `ext4`, `btrfs in LUKS2`, `hash tree of root`, `zeros`.
    pub content: String,
    /// Label of its file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its name: PARTLABEL.
    pub name: String,
    /// SHA-256 of its content in hexadecimal, without the zeros behind it.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
    /// Its first byte on the disk.
    pub start: u64,
    /// GUID of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its own GUID: PARTUUID.
    pub uuid: String,
}

/// A file of the image or disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
}

/// Writes `cmdline` and `manifest.json` into `folder`.
///
/// # Errors
///
/// One line: what cannot be read or written, what is missing (`bzImage`, the initramfs under the name that goes with
/// its compression), or by how much a file is over its budget in the manifest.
pub fn finish(
    folder: &Path,
    config: &Config,
    versions: BTreeMap<String, String>,
) -> Result<Manifest, String> {
    let initramfs = config.compression.file_name();
    for (name, limit) in [("bzImage", SizeLimit::BzImage), (initramfs, SizeLimit::Initramfs)] {
        let path = folder.join(name);
        let meta =
            fs::metadata(&path).map_err(|e| format!("the image has no {name}: {}: {e}", path.display()))?;
        config.budgets.check_size(limit, meta.len())?;
    }
    write(&folder.join(CMDLINE), &format!("{}\n", config.cmdline))?;
    let (name, cmdline) = (config.name.clone(), config.cmdline.clone());
    record(folder, Manifest { name, cmdline, versions, partitions: Vec::new(), files: BTreeMap::new() })
}

/// Writes `manifest.json` into `folder`: `about`, with the sizes and hashes of the files that are there.
///
/// # Errors
///
/// One line: what cannot be read or written, or is not a file.
pub fn record(folder: &Path, about: Manifest) -> Result<Manifest, String> {
    let manifest = Manifest { files: files(folder)?, ..about };
    let json =
        serde_json::to_string_pretty(&manifest).map_err(|e| format!("cannot write {MANIFEST}: {e}"))?;
    write(&folder.join(MANIFEST), &format!("{json}\n"))?;
    Ok(manifest)
}

/// The versions of an image or disk: those given, of what it is made with or from, with qos's own and the kernel's release.
#[must_use]
pub fn versions(given: Vec<(String, String)>, kernel_release: String) -> BTreeMap<String, String> {
    let own = [("qos", env!("CARGO_PKG_VERSION").to_owned()), ("kernel", kernel_release)];
    given.into_iter().chain(own.map(|(name, version)| (name.to_owned(), version))).collect()
}

/// Parses an argument `NAME=VERSION` of a command line.
///
/// # Errors
///
/// It has another form.
pub fn version_argument(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, version)) if !name.is_empty() && !version.is_empty() => {
            Ok((name.to_owned(), version.to_owned()))
        }
        _ => Err("write NAME=VERSION".to_owned()),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// The files in `folder`, but `manifest.json`.
fn files(folder: &Path) -> Result<BTreeMap<String, File>, String> {
    let cannot = |e| format!("cannot read the directory {}: {e}", folder.display());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            return Err(format!("{}: names in an image are UTF-8", path.display()));
        };
        if name == MANIFEST {
            continue;
        }
        if !path.is_file() {
            return Err(format!("{} is not a file: an image is a directory of files", path.display()));
        }
        files.insert(name.to_owned(), hash(&path)?);
    }
    Ok(files)
}

/// Size and hash of a file.
///
/// # Errors
///
/// It cannot be read.
pub fn hash(path: &Path) -> Result<File, String> {
    let mut hasher = Sha256::new();
    let size = fs::File::open(path).and_then(|mut file| io::copy(&mut file, &mut hasher));
    let size = size.map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Ok(File { size, sha256: format!("{:x}", hasher.finalize()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// An empty directory for an image, and its manifest's content.
    fn empty() -> (TempDir, Config) {
        let image = tempfile::tempdir().unwrap();
        let manifest = image.path().join("m.toml");
        fs::write(&manifest, PLAIN).unwrap();
        let config = qos_manifest::load(&manifest).unwrap();
        fs::remove_file(manifest).unwrap();
        (image, config)
    }

    const PLAIN: &str = "[image]\nname = \"t\"\ncmdline = \"console=ttyS0\"\n[max-sizes]\nbzImage = 3\n";

    #[test]
    fn the_manifest_has_versions_sizes_and_hashes() {
        let (folder, config) = empty();
        let image = folder.path();
        fs::write(image.join("bzImage"), "abc").unwrap();
        fs::write(image.join("initramfs.cpio"), "").unwrap();
        let versions =
            BTreeMap::from([("qos".to_owned(), "1".to_owned()), ("kernel".to_owned(), "7.3.4".to_owned())]);
        for _ in 0..2 {
            finish(image, &config, versions.clone()).unwrap();
        }
        assert_eq!(fs::read_to_string(image.join(CMDLINE)).unwrap(), "console=ttyS0\n");
        let expect = r#"{
  "cmdline": "console=ttyS0",
  "files": {
    "bzImage": {
      "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "size": 3
    },
    "cmdline": {
      "sha256": "HASH",
      "size": 14
    },
    "initramfs.cpio": {
      "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "size": 0
    }
  },
  "name": "t",
  "versions": {
    "kernel": "7.3.4",
    "qos": "1"
  }
}
"#;
        let hash = hash(&image.join(CMDLINE)).unwrap().sha256;
        assert_eq!(fs::read_to_string(image.join(MANIFEST)).unwrap(), expect.replace("HASH", &hash));
    }

    #[test]
    fn a_disk_has_partitions_and_an_image_not_even_the_key() {
        let (folder, config) = empty();
        let image = folder.path();
        fs::write(image.join("bzImage"), "abc").unwrap();
        fs::write(image.join("initramfs.cpio"), "").unwrap();
        let about = finish(image, &config, BTreeMap::new()).unwrap();
        let written = || fs::read_to_string(image.join(MANIFEST)).unwrap();
        assert!(!written().contains("partitions"), "{}", written());
        let text = |text: &str| text.to_owned();
        let partition = Partition {
            content: text("ext4"),
            label: None,
            name: text("root"),
            sha256: text("00"),
            size: 2,
            start: 1,
            kind: text("t"),
            uuid: text("u"),
        };
        fs::write(image.join("disk.raw"), "12").unwrap();
        let disk = record(image, Manifest { partitions: vec![partition], ..about }).unwrap();
        assert_eq!(disk.files["disk.raw"].size, 2);
        let expect = "\"partitions\": [\n    {\n      \"content\": \"ext4\",\n      \"name\": \"root\",\n";
        assert!(written().contains(expect) && written().contains("\"type\": \"t\""), "{}", written());
    }

    #[test]
    fn versions_of_arguments() {
        let given = version_argument("gcc=14").unwrap();
        let versions = versions(vec![given], "7.3.4".into());
        let shown: Vec<_> = versions.iter().map(|(name, version)| format!("{name}={version}")).collect();
        assert_eq!(shown, ["gcc=14", "kernel=7.3.4", &format!("qos={}", env!("CARGO_PKG_VERSION"))]);
        for wrong in ["", "=", "gcc=", "=1", "gcc"] {
            assert_eq!(version_argument(wrong), Err("write NAME=VERSION".to_owned()), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_or_too_large_is_said() {
        let (folder, config) = empty();
        let image = folder.path();
        let error = finish(image, &config, BTreeMap::new()).unwrap_err();
        assert!(error.starts_with("the image has no bzImage"), "{error}");
        fs::write(image.join("bzImage"), "abcd").unwrap();
        let error = finish(image, &config, BTreeMap::new()).unwrap_err();
        assert!(error.starts_with("bzImage is 4 bytes, 1 more than the 3 that "), "{error}");
        assert!(error.contains("m.toml:5 allows"), "{error}");
    }
}
