// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask dev` boots what Nix builds: the same modules, and the same tree except for the program, which has another
//! profile.
//!
//! `QOS_DEV` is the directory in which the loop has built and packed; `cargo xtask test dev` runs the loop.

use qos_boot_tests::built::{files_below, folder_of};
use qos_inspect::module::modinfo;
use qos_inspect::{Kind, Node, Tree, segments};
use qos_tree::path::show;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The program that is compiled with another profile: `guest` here, `release` there.
const OF_THE_PROFILE: &str = "bin/qos";

fn bytes_of(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn tree_of(file: &Path) -> Tree {
    segments::read(&bytes_of(file)).and_then(|all| segments::unpack(&all)).expect("an initramfs")
}

/// A line for each entry: path, mode, owner, and type; for a file also its length, unless its content may differ.
fn lines(tree: &Tree) -> Vec<String> {
    let what = |path: &[u8], node: &Node| match &node.kind {
        Kind::File(_) if path == OF_THE_PROFILE.as_bytes() => "a file".to_owned(),
        Kind::File(content) => format!("a file of {} bytes", content.len()),
        other => format!("{other:?}"),
    };
    let line = |(path, node): (&[u8], &Node)| {
        format!("/{} {:04o} {}:{} {}", show(path), node.mode, node.uid, node.gid, what(path, node))
    };
    tree.iter().map(line).collect()
}

#[test]
fn the_tree_is_the_same() {
    let dev = tree_of(&folder_of("QOS_DEV").join("initramfs.cpio"));
    let nix = tree_of(&folder_of("QOS_INITRAMFS").join("initramfs.cpio"));
    let (of_dev, of_nix) = (lines(&dev), lines(&nix));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    let (more, less) = (only(&of_dev, &of_nix), only(&of_nix, &of_dev));
    assert!(more.is_empty() && less.is_empty(), "only in the loop's: {more:#?}\nonly in Nix's: {less:#?}");
    for (path, _) in dev.iter().filter(|(path, _)| *path != OF_THE_PROFILE.as_bytes()) {
        assert!(dev.content(path) == nix.content(path), "/{} has another content", show(path));
    }
    assert!(dev.content(OF_THE_PROFILE).is_some_and(|content| !content.is_empty()));
}

/// Our modules in a directory, by their path in it.
fn modules_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(folder, ".ko").into_iter().filter(|file| !file.is_symlink());
    files
        .map(|file| {
            let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
            (name, bytes_of(&file))
        })
        .collect()
}

#[test]
fn the_modules_are_the_same() {
    let (dev, nix) =
        (modules_in(&folder_of("QOS_DEV").join("modules")), modules_in(&folder_of("QOS_MODULES")));
    assert!(!nix.is_empty());
    assert_eq!(dev.keys().collect::<Vec<_>>(), nix.keys().collect::<Vec<_>>());
    for (name, bytes) in &dev {
        // First the differences that a person can read.
        assert_eq!(modinfo(name, bytes), modinfo(name, &nix[name]), "{name}");
        assert!(*bytes == nix[name], "{name} has the same name and needs, and other bytes");
    }
}
