// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table as written in the file; an unknown key is an error.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTable {
    pub kernels: Vec<RawKernel>,
    pub images: Vec<RawImage>,
    #[serde(default)]
    pub disks: Vec<RawDisk>,
    pub checks: Vec<RawCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawKernel {
    pub name: String,
    pub variant_of: Option<String>,
    pub series: Option<String>,
    pub tree: Option<String>,
    pub tarball: Option<String>,
    pub patches: Option<Vec<String>>,
    pub kunit: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawImage {
    pub name: String,
    pub kernel: String,
    /// Used by Nix only.
    pub programs: String,
    pub script: String,
    /// Nix reads it.
    #[serde(default)]
    pub login: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDisk {
    pub name: String,
    pub kernel: String,
    /// Used by Nix only.
    pub programs: String,
    pub initramfs: Option<String>,
    pub tree: Option<String>,
    /// Nix reads it.
    #[serde(default)]
    pub login: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCheck {
    pub name: String,
    #[serde(default)]
    pub usual: bool,
    pub run: Option<String>,
    /// Used by Nix only.
    pub derivation: Option<String>,
    #[serde(default)]
    pub needs: Vec<Need>,
    pub kernel: Option<String>,
    pub image: Option<String>,
    pub tree: Option<String>,
    #[serde(default)]
    pub snapshots: bool,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Need {
    Images,
    Headers,
    Loop,
    Disks,
}
