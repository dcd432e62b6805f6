// SPDX-License-Identifier: MIT OR Apache-2.0
//! `manifest.json` of an image, as `qos-image` writes it (tools/image/src/lib.rs).

use serde::Deserialize;
use std::collections::BTreeMap;

/// The fields of the manifest. Additional fields of another revision's manifest are not an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// The default kernel command line.
    pub cmdline: String,
    /// The image's files by name.
    pub files: BTreeMap<String, File>,
    /// The image's name.
    pub name: String,
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
