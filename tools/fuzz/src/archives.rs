// SPDX-License-Identifier: MIT OR Apache-2.0
//! Archives, programs, and the manifest of an image.

use crate::lossy;
use qos_inspect::check::{check, lost};
use qos_inspect::{Tree, elf, list, module, newc, segments};
use qos_manifest::load_with;
use std::path::Path;

/// An initramfs. What the kernel would make of it can be written, and is the same when it is read again.
pub fn cpio(data: &[u8]) {
    let Ok(segments) = segments::read(data) else { return };
    let _ = list::list(&segments, true);
    let Ok(rootfs) = segments::rootfs(&segments) else { return };
    let _ = (lost(&rootfs), check(&rootfs.tree, Some("7.3.4")));
    let Ok(bytes) = newc::write(&rootfs.tree, 0) else { return };
    let again = read(&bytes);
    assert_eq!(again.len(), rootfs.tree.len());
    let twice = newc::write(&again, 0);
    assert!(twice.is_ok_and(|twice| twice == bytes));
}

fn read(bytes: &[u8]) -> Tree {
    if bytes.is_empty() {
        return Tree::default();
    }
    segments::read(bytes)
        .and_then(|segments| segments::unpack(&segments))
        .unwrap_or_else(|error| panic!("what was written cannot be read: {error}"))
}

/// A program or a kernel module.
pub fn elf(data: &[u8]) {
    let _ = elf::read(data);
    if let Ok(info) = module::modinfo("a-b.ko", data) {
        assert!(!info.name.contains('-'), "{info:?}");
    }
}

/// A manifest that inherits itself from another directory. Printed whole, it is the same manifest.
pub fn manifest(data: &[u8]) {
    let text = lossy(data);
    let read = |file: &Path| match file.file_name().is_some_and(|name| name == "base.toml") {
        true => Ok("[image]\nname = \"base\"\n".to_owned()),
        false => Ok(text.clone()),
    };
    let Ok(config) = load_with(Path::new("rootfs/a.toml"), &read) else { return };
    let printed = config.to_toml();
    let again = load_with(Path::new("rootfs/a.toml"), &|_| Ok(printed.clone()));
    let again = again.unwrap_or_else(|error| panic!("what was printed cannot be read: {error}\n{printed}"));
    assert_eq!(again.to_toml(), printed);
}

pub use qos_tar::fuzz::{codecs, list as tar};
