// SPDX-License-Identifier: MIT OR Apache-2.0
//! `manifest.json` of an image or a disk (tools/image/src/lib.rs).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fields of the manifest. Additional fields of another revision's manifest are not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// The default kernel command line.
    pub cmdline: String,
    /// The files of the image or disk by name.
    pub files: BTreeMap<String, File>,
    /// Its name.
    pub name: String,
    /// The partitions of a disk, in the order of its table.
    #[serde(default)]
    pub partitions: Vec<Partition>,
    /// Versions by the names of the components.
    pub versions: BTreeMap<String, String>,
}

/// A file of the image.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct File {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
}

/// A partition of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Partition {
    /// The kind of its content in words, such as `ext4`.
    pub content: String,
    /// Label of its file system.
    #[serde(default)]
    pub label: Option<String>,
    /// Its name.
    pub name: String,
    /// SHA-256 of its content in hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
    /// Its first byte on the disk.
    pub start: u64,
    /// GUID of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its own GUID.
    pub uuid: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_known_is_no_error_and_less_is() {
        let text = r#"{"cmdline": "x", "files": {"a": {"sha256": "00", "size": 3, "kind": "new"}},
            "name": "t", "versions": {"kernel": "7"}, "later": 1}"#;
        let manifest = Manifest::parse(text).expect("a manifest");
        assert_eq!((manifest.files["a"].size, manifest.versions["kernel"].as_str()), (3, "7"));
        assert_eq!(manifest.partitions, []);
        let disk = text.replacen(
            '{',
            r#"{"partitions": [{"content": "ext4", "name": "root", "sha256": "00", "size": 2,
            "start": 1, "type": "t", "uuid": "u"}], "#,
            1,
        );
        let disk = Manifest::parse(&disk).expect("a manifest");
        assert_eq!((disk.partitions[0].kind.as_str(), &disk.partitions[0].label), ("t", &None));
        for (text, error) in [
            (&text[..60], "EOF while parsing"),
            ("", "EOF while parsing"),
            ("{}", "missing field `cmdline`"),
            ("[1]", "invalid"),
        ] {
            let got = Manifest::parse(text).expect_err(text);
            assert!(got.starts_with(error), "{got}");
        }
    }
}
