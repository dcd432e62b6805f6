// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finishes the directory of an image, which has a kernel and an initramfs: adds `cmdline`, and `manifest.json` with the versions of
//! its inputs and the size and SHA-256 of each file.
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
    /// The other files of the image, by name.
    pub files: BTreeMap<String, File>,
    /// The image's name.
    pub name: String,
    /// Versions of its inputs: `qos`, `kernel` (its release) and those given, by name.
    pub versions: BTreeMap<String, String>,
}

/// A file of the image.
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
    let manifest = Manifest {
        name: config.name.clone(),
        cmdline: config.cmdline.clone(),
        versions,
        files: files(folder)?,
    };
    let json =
        serde_json::to_string_pretty(&manifest).map_err(|e| format!("cannot write {MANIFEST}: {e}"))?;
    write(&folder.join(MANIFEST), &format!("{json}\n"))?;
    Ok(manifest)
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
        files.insert(
            name.to_owned(),
            hash(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?,
        );
    }
    Ok(files)
}

fn hash(path: &Path) -> io::Result<File> {
    let mut hasher = Sha256::new();
    let size = io::copy(&mut fs::File::open(path)?, &mut hasher)?;
    Ok(File { size, sha256: format!("{:x}", hasher.finalize()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// An empty image directory and a manifest beside it.
    fn folder(name: &str, manifest: &str) -> (PathBuf, Config) {
        let base = std::env::temp_dir().join(format!("qos-image-{}-{name}", std::process::id()));
        let image = base.join("image");
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(&image).unwrap();
        fs::write(base.join("m.toml"), manifest).unwrap();
        let config = qos_manifest::load(&base.join("m.toml")).unwrap();
        (image, config)
    }

    const PLAIN: &str = "[image]\nname = \"t\"\ncmdline = \"console=ttyS0\"\n[max-sizes]\nbzImage = 3\n";

    #[test]
    fn the_manifest_has_versions_sizes_and_hashes() {
        let (image, config) = folder("good", PLAIN);
        fs::write(image.join("bzImage"), "abc").unwrap();
        fs::write(image.join("initramfs.cpio"), "").unwrap();
        let versions =
            BTreeMap::from([("qos".to_owned(), "1".to_owned()), ("kernel".to_owned(), "7.3.4".to_owned())]);
        for _ in 0..2 {
            finish(&image, &config, versions.clone()).unwrap();
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
        fs::remove_dir_all(image.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_is_missing_or_too_large_is_said() {
        let (image, config) = folder("bad", PLAIN);
        let error = finish(&image, &config, BTreeMap::new()).unwrap_err();
        assert!(error.starts_with("the image has no bzImage"), "{error}");
        fs::write(image.join("bzImage"), "abcd").unwrap();
        let error = finish(&image, &config, BTreeMap::new()).unwrap_err();
        assert!(error.starts_with("bzImage is 4 bytes, 1 more than the 3 that "), "{error}");
        assert!(error.contains("m.toml:5 allows"), "{error}");
        fs::remove_dir_all(image.parent().unwrap()).unwrap();
    }
}
