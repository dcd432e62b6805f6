// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boots of the kernel variant `rust-drivers` with the image's programs, for tests of in-tree drivers.

use crate::boot::{Boot, boot};
use crate::built::{files_below, folder_of};
use crate::initramfs::Initramfs;
use std::path::Path;

/// `QOS_KERNEL_RUST_DRIVERS`: the variant's `vmlinux` and `lib/modules`.
const KERNEL: &str = "QOS_KERNEL_RUST_DRIVERS";
/// `QOS_MODULES_RUST_DRIVERS`: qos's modules, built against it.
const OWN_MODULES: &str = "QOS_MODULES_RUST_DRIVERS";
/// `QOS_IMAGE`: where the image's initramfs is.
const IMAGE: &str = "QOS_IMAGE";

/// The image's guest on the variant, with all of the variant's modules for modprobe. KUnit does not run its tests.
///
/// # Panics
/// When the variables are not set.
#[must_use]
#[track_caller]
pub fn drivers() -> Boot {
    drivers_with(Initramfs::new())
}

/// The same with `first` before everything else in the initramfs, where the kernel looks for tables of ACPI
/// (Documentation/admin-guide/acpi/initrd_table_override.rst).
///
/// # Panics
/// When the variables are not set, or the image has no initramfs.
#[must_use]
#[track_caller]
pub fn drivers_with(first: Initramfs) -> Boot {
    let image = folder_of(IMAGE).join("initramfs.cpio.zst");
    let image = std::fs::read(&image).unwrap_or_else(|error| panic!("{}: {error}", image.display()));
    boot()
        .kernel(folder_of(KERNEL).join("vmlinux"))
        .append("kunit.autorun=0")
        .initramfs(first)
        .initramfs(Initramfs::of_bytes(&image))
        .initramfs(modules())
}

/// The variant's modules and qos's, with one list of dependencies.
#[track_caller]
fn modules() -> Initramfs {
    let mut all = Initramfs::new();
    let mut dependencies = String::new();
    for folder in [folder_of(KERNEL), folder_of(OWN_MODULES)] {
        let folder = folder.join("lib");
        for file in files_below(&folder, ".ko") {
            all = all.program(&format!("/lib/{}", inside(&folder, &file)), &file);
        }
        for file in files_below(&folder, "/modules.dep") {
            dependencies.push_str(&std::fs::read_to_string(&file).unwrap_or_default());
        }
    }
    let own = folder_of(OWN_MODULES).join("lib");
    for file in files_below(&own, ".ko") {
        // modules/RELEASE/extra/NAME.ko
        let path = inside(&own, &file);
        let path = path.splitn(3, '/').nth(2).unwrap_or_default();
        dependencies.push_str(&format!("{path}:\n"));
    }
    let release = crate::built::text_of(KERNEL, "kernel.release");
    all.file(&format!("/lib/modules/{}/modules.dep", release.trim()), 0o644, dependencies)
}

fn inside(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).display().to_string()
}
