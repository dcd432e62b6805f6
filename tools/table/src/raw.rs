// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table as written in the file, and its conversion into entries; an unknown key is an error.
//!
//! The comments of the keys are the text of `tools/new/REFERENCE.md`, as those of manifests (`tools/manifest/src/raw.rs`).

use crate::{Check, DEFAULT, Disk, Error, Image, Kernel, Kind, Lts, error};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTable {
    /// Kernels. Those of a system's own repository are variants: qos's kernel with other options.
    pub kernels: Vec<RawKernel>,
    /// Images. A system's own repository has at least one; the first is the one that verbs take if none is named.
    pub images: Vec<RawImage>,
    /// Disks. The programs that make one are in the tree `disk` of the toolchain, which is downloaded on demand only.
    #[serde(default)]
    pub disks: Vec<RawDisk>,
    /// Checks of `cargo xtask test`, in the order in which they run. They are those of qos's work tree: the checks of
    /// a system's own repository are
    /// those of its flake. A check with one of the keys `kernel`, `image` and `tree`, or one that needs `disks`, is
    /// the flake's package
    /// `check-NAME` instead of one of its `checks`.
    pub checks: Vec<RawCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawKernel {
    /// Suffix of the build results: `linux-NAME`, `kernel-NAME`, `modules-NAME`; those of `default` have no suffix.
    ///
    /// With: `variant-of`
    /// Example: `"my"`
    pub name: String,
    /// The kernel of which this is a variant: `default`. `kernel/NAME.config` (in qos itself:
    /// `kernel/variants/NAME.config`) is an additional fragment.
    ///
    /// Default: none
    /// Example: `"default"`
    pub variant_of: Option<String>,
    /// Marks an LTS kernel, with its files in `kernel/lts/SERIES`. It is downloaded and built on demand only.
    ///
    /// Default: none
    /// Needs: `tree`, `tarball`, `patches`, `kunit`
    /// Example: `"6.18"`
    pub series: Option<String>,
    /// The tree of the toolchain (`tools/toolchain/toolchain.toml`) that has the source.
    ///
    /// Default: none
    /// Needs: `series`, `tarball`, `patches`, `kunit`
    /// Example: `"linux-lts"`
    pub tree: Option<String>,
    /// The source in this tree, as a shell pattern.
    ///
    /// Default: none
    /// Needs: `series`, `tree`, `patches`, `kunit`
    /// Example: `"usr/src/linux_*.orig.tar.*"`
    pub tarball: Option<String>,
    /// Of an LTS kernel: the patches of `kernel/patches` that are applied before its own.
    ///
    /// Default: none
    /// Needs: `series`, `tree`, `tarball`, `kunit`
    /// Example: `["0001-x86-alternative-do-not-decode-what-is-known.patch"]`
    pub patches: Option<Vec<String>>,
    /// Of an LTS kernel: whether its modules have KUnit tests.
    ///
    /// Default: none
    /// Needs: `series`, `tree`, `tarball`, `patches`
    /// Example: `true`
    pub kunit: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawImage {
    /// Suffix of `image-NAME`, `initramfs-NAME`, `qemu-NAME` and `boot-log-NAME`; its manifest is `rootfs/NAME.toml`.
    ///
    /// Example: `"my"`
    pub name: String,
    /// The kernel that it boots, by name.
    ///
    /// Example: `"default"`
    pub kernel: String,
    /// The guest's programs: an attribute of `packages/default.nix` or, in a system's own repository, of `packages/system.nix`.
    ///
    /// Example: `"userland"`
    pub programs: String,
    /// What its golden boot runs: a file in `rootfs/`.
    ///
    /// Example: `"golden.sh"`
    pub script: String,
    /// Whether its console has a login prompt. The runner then makes a password of root for the run, and prints it. Nix reads it.
    ///
    /// Default: `false`
    /// Example: `true`
    #[serde(default)]
    pub login: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDisk {
    /// The flake's attributes are NAME, `qemu-NAME`, `initramfs-NAME` and `boot-log-NAME`, and no image has the name;
    /// its manifest is `rootfs/disks/NAME.toml`.
    ///
    /// Example: `"my-disk"`
    pub name: String,
    /// The kernel that it boots, by name.
    ///
    /// Example: `"disk"`
    pub kernel: String,
    /// The programs of its root, as for images. Nix reads it.
    ///
    /// Example: `"userland"`
    pub programs: String,
    /// Its initramfs, with the programs of `userland`: the manifest `rootfs/INITRAMFS.toml`. Without an initramfs the
    /// kernel mounts the root itself.
    ///
    /// Default: none
    /// Example: `"disk-initramfs"`
    pub initramfs: Option<String>,
    /// The tree of the toolchain that its root's manifest names. Each check with the same tree boots the disk, and no other.
    ///
    /// Default: none
    /// Example: `"debian"`
    pub tree: Option<String>,
    /// What its golden boot runs: a file in `rootfs/`. A disk without it has no golden boot and no `boot-log-NAME`:
    /// it asks for a passphrase or a login, or has another system in its root.
    ///
    /// Default: none
    /// Example: `"golden.sh"`
    pub script: Option<String>,
    /// As for images: whether its console has a login prompt. The runner then makes a password of root for the run,
    /// and prints it. Nix reads it.
    ///
    /// Default: `false`
    /// Example: `true`
    #[serde(default)]
    pub login: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCheck {
    /// The check's name for `cargo xtask test`.
    ///
    /// Example: `"my-check"`
    pub name: String,
    /// Whether `cargo xtask test` runs it if no check is named.
    ///
    /// Default: `false`
    /// Example: `true`
    #[serde(default)]
    pub usual: bool,
    /// Its case in `tools/nix/check.sh`. The default is the check's name.
    ///
    /// Default: none
    /// Example: `"server"`
    pub run: Option<String>,
    /// The derivation in which Nix runs it, together with all others of the same. The default is the check's name. Nix reads it.
    ///
    /// Default: none
    /// Example: `"workspace"`
    pub derivation: Option<String>,
    /// What is built for it: `images` (those on the default kernel), `headers`, `disks` (those without a tree in their
    /// root, with the tree of the toolchain that makes disks), `debian-boot` (Debian's kernel with initramfs images,
    /// from the tree of that name), `loop` (the results of `cargo xtask dev`; Nix cannot build them, so there is no
    /// derivation).
    ///
    /// Default: `[]`
    /// Example: `["disks"]`
    #[serde(default)]
    pub needs: Vec<Need>,
    /// A variant of the kernel that it boots.
    ///
    /// Default: none
    /// Example: `"debug"`
    pub kernel: Option<String>,
    /// An image on another kernel than the default one that it boots, in `QOS_RUN_IMAGE` and so on, with RUN in capitals.
    ///
    /// Default: none
    /// Example: `"lts"`
    pub image: Option<String>,
    /// A tree of the toolchain that it needs, with the disks that have it in their root.
    ///
    /// Default: none
    /// Example: `"msrv"`
    pub tree: Option<String>,
    /// For a check that is not usual: whether it compares snapshots, which `cargo xtask bless NAME` accepts. Its case
    /// in `check.sh` has a sister `RUN-snapshots`.
    ///
    /// Default: `false`
    /// Example: `true`
    #[serde(default)]
    pub snapshots: bool,
    /// A script that is the check instead of a case of `check.sh`. It runs on the host, because it calls Nix; there
    /// is no derivation.
    ///
    /// Default: none
    /// Example: `"tools/new/tests/review.sh"`
    pub script: Option<String>,
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
    Ok(Kernel { name, kind, own: false })
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
        script: raw.script,
    }
}
