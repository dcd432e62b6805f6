// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk's manifest as written in the file; an unknown key is an error. The keys are documented in `rootfs/disks/README.md`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::PathBuf;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawManifest {
    pub disk: RawDisk,
    pub partitions: Vec<RawPartition>,
    // Budgets, which qos-manifest reads.
    #[serde(default, rename = "max-sizes")]
    pub _max_sizes: IgnoredAny,
    #[serde(default, rename = "max-cost")]
    pub _max_cost: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawDisk {
    pub uuid: String,
    pub root: PathBuf,
    pub cmdline: String,
    #[serde(default)]
    pub uki_cmdline: Option<String>,
    #[serde(default)]
    pub qcow2: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawPartition {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub uuid: String,
    pub size: String,
    pub filesystem: Option<RawFilesystem>,
    pub luks: Option<RawLuks>,
    pub verity: Option<RawVerity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawFilesystem {
    #[serde(rename = "type")]
    pub kind: RawKind,
    #[serde(default)]
    pub holds: RawHolds,
    pub uuid: Option<String>,
    pub device_uuid: Option<String>,
    pub id: Option<String>,
    pub label: Option<String>,
    pub compression: Option<String>,
    #[serde(default)]
    pub subvolumes: Vec<String>,
    pub root_subvolume: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawKind {
    Vfat,
    Ext4,
    Btrfs,
    Erofs,
    Squashfs,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawHolds {
    #[default]
    Nothing,
    Root,
    Boot,
    Uki,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawLuks {
    pub uuid: String,
    pub passphrase: Option<String>,
    pub key_file: Option<PathBuf>,
    pub label: Option<String>,
    pub pbkdf: RawPbkdf,
    pub iterations: Option<u32>,
    pub memory: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawPbkdf {
    Argon2id,
    Pbkdf2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawVerity {
    pub of: String,
    pub uuid: String,
    pub salt: String,
}
