// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table as written in the file, and its conversion into entries; an unknown key is an error.

use crate::{Check, DEFAULT, Disk, Error, Image, Kernel, Kind, Lts, error};
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
    pub script: Option<String>,
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
    DebianBoot,
}

pub(crate) fn kernel(raw: RawKernel) -> Result<Kernel, Error> {
    let name = raw.name;
    let fail = |text: &str| Err(error(format_args!("kernels: {name}: {text}")));
    let only_default = raw.patches.is_none() && raw.kunit.is_none();
    let kind = match (raw.variant_of, raw.series, raw.tree, raw.tarball) {
        (Some(of), None, None, None) if only_default => match of.as_str() {
            DEFAULT => Kind::Variant,
            _ => return fail("only the kernel default has variants; variant-of must be \"default\""),
        },
        (Some(_), ..) => {
            return fail("a variant uses the source of its kernel; the only key besides name is variant-of");
        }
        (None, Some(series), Some(tree), Some(_)) => match (raw.patches, raw.kunit) {
            (Some(patches), Some(kunit)) => Kind::Lts(Lts { series, tree, patches, kunit }),
            _ => return fail("an LTS kernel needs the keys patches and kunit"),
        },
        (None, None, Some(_), Some(_)) if name == DEFAULT && only_default => Kind::Default,
        (None, None, Some(_), Some(_)) => {
            return fail("every kernel except default needs variant-of or series");
        }
        (None, ..) => return fail("the keys tree and tarball are missing; they locate the source"),
    };
    Ok(Kernel { name, kind })
}

pub(crate) fn image(raw: RawImage) -> Image {
    let _login: bool = raw.login;
    Image {
        programs: raw.programs,
        manifest: format!("rootfs/{}.toml", raw.name),
        script: format!("rootfs/{}", raw.script),
        name: raw.name,
        kernel: raw.kernel,
    }
}

pub(crate) fn disk(raw: RawDisk) -> Disk {
    let (_programs, _login): (String, bool) = (raw.programs, raw.login);
    Disk {
        manifest: format!("rootfs/disks/{}.toml", raw.name),
        initramfs: raw.initramfs.map(|name| format!("rootfs/{name}.toml")),
        tree: raw.tree,
        script: raw.script.map(|script| format!("rootfs/{script}")),
        name: raw.name,
        kernel: raw.kernel,
    }
}

pub(crate) fn check(raw: RawCheck) -> Check {
    let _derivation: Option<String> = raw.derivation;
    Check {
        usual: raw.usual,
        run: raw.run.unwrap_or_else(|| raw.name.clone()),
        needs_loop: raw.needs.contains(&Need::Loop),
        needs_disks: raw.needs.contains(&Need::Disks),
        needs_debian_boot: raw.needs.contains(&Need::DebianBoot),
        name: raw.name,
        kernel: raw.kernel,
        image: raw.image,
        tree: raw.tree,
        snapshots: raw.snapshots,
    }
}
