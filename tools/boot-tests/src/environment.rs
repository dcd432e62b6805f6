// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files that the tests boot, from variables that `cargo xtask test` sets.

use crate::built::folder_of;
use std::ffi::OsString;
use std::path::PathBuf;

/// What the tests boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `QOS_IMAGE`: directory with bzImage, initramfs.cpio.zst and cmdline.
    pub image: PathBuf,
    /// `QOS_VMLINUX`: the same kernel as ELF, for golden boots. Without it they boot the bzImage.
    pub vmlinux: Option<PathBuf>,
    /// `QOS_CPIO`: the same initramfs before it is compressed, for golden boots. Without it they boot the compressed one.
    pub cpio: Option<PathBuf>,
    /// `QOS_QEMU_ROOT`: the sysroot with QEMU. Without it QEMU is the one on `PATH`.
    pub qemu_root: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    ///
    /// # Errors
    /// When there is no image to boot. A test that cannot run fails; it does not pass.
    pub fn from_process() -> Result<Self, String> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// The same with the minimal image: `QOS_MINIMAL_IMAGE` and, with its initramfs before it is compressed,
    /// `QOS_MINIMAL_INITRAMFS`.
    ///
    /// # Panics
    /// When something is not set.
    #[must_use]
    #[track_caller]
    pub fn minimal() -> Self {
        Self::of_image("QOS_MINIMAL")
    }

    /// The same with the server image: `QOS_SERVER_IMAGE` and `QOS_SERVER_INITRAMFS`, and `QOS_SERVER_VMLINUX` if it is on another
    /// kernel.
    ///
    /// # Panics
    /// When something is not set.
    #[must_use]
    #[track_caller]
    pub fn server() -> Self {
        let environment = Self::of_image("QOS_SERVER");
        let vmlinux = std::env::var_os("QOS_SERVER_VMLINUX").map(PathBuf::from);
        Self { vmlinux: vmlinux.or(environment.vmlinux), ..environment }
    }

    #[track_caller]
    fn of_image(prefix: &str) -> Self {
        let environment = Self::from_process().unwrap_or_else(|error| panic!("{error}"));
        let cpio = folder_of(&format!("{prefix}_INITRAMFS")).join("initramfs.cpio");
        Self { image: folder_of(&format!("{prefix}_IMAGE")), cpio: Some(cpio), ..environment }
    }

    /// The same with the image on an LTS kernel: `QOS_LTS_IMAGE` and `QOS_LTS_INITRAMFS` as above, and `QOS_LTS_VMLINUX`.
    ///
    /// # Panics
    /// When something is not set.
    #[must_use]
    #[track_caller]
    pub fn lts() -> Self {
        let environment = Self::from_process().unwrap_or_else(|error| panic!("{error}"));
        let folder = |part: &str| folder_of(&format!("QOS_LTS_{part}"));
        Self {
            image: folder("IMAGE"),
            vmlinux: Some(folder("VMLINUX")),
            cpio: Some(folder("INITRAMFS").join("initramfs.cpio")),
            ..environment
        }
    }

    /// The same with a disk of qos.toml: `variable` is its directory, with `disk.raw` and the kernel that boots it.
    ///
    /// # Panics
    /// When something is not set.
    #[must_use]
    #[track_caller]
    pub fn of_disk(variable: &str) -> Self {
        let environment = Self::from_process().unwrap_or_else(|error| panic!("{error}"));
        Self { image: folder_of(variable), vmlinux: None, cpio: None, ..environment }
    }

    /// The environment that `get` gives.
    ///
    /// # Errors
    /// As [`Self::from_process`].
    pub fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let path = |name: &str| get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let image = path("QOS_IMAGE").ok_or(
            "QOS_IMAGE is not set: it names the directory with bzImage, initramfs.cpio.zst and cmdline. `cargo xtask test` builds it and sets it",
        )?;
        Ok(Self {
            image,
            vmlinux: path("QOS_VMLINUX"),
            cpio: path("QOS_CPIO"),
            qemu_root: path("QOS_QEMU_ROOT"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_needed_and_the_rest_is_not() {
        let from = |set: &'static [(&str, &str)]| {
            Environment::from_variables(move |name| {
                set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
        };
        assert!(
            from(&[]).is_err_and(|error| error.contains("QOS_IMAGE") && error.contains("cargo xtask test"))
        );
        assert!(from(&[("QOS_IMAGE", "")]).is_err());
        let image = Environment { image: "/i".into(), vmlinux: None, cpio: None, qemu_root: None };
        assert_eq!(from(&[("QOS_IMAGE", "/i")]), Ok(image.clone()));
        let all = Environment {
            vmlinux: Some("/v".into()),
            cpio: Some("/c".into()),
            qemu_root: Some("/q".into()),
            ..image
        };
        let set = &[("QOS_IMAGE", "/i"), ("QOS_VMLINUX", "/v"), ("QOS_CPIO", "/c"), ("QOS_QEMU_ROOT", "/q")];
        assert_eq!(from(set), Ok(all));
    }
}
