// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask dev` boots what Nix builds: the same modules, and the same tree except for the programs, which have another
//! profile.
//!
//! `QOS_DEV` is the directory in which the loop has built and packed the default image, and `QOS_MINIMAL_DEV` and `QOS_SERVER_DEV`
//! those of other images; `cargo xtask test dev` runs the loop for each.

use qos_boot_tests::built::{files_below, folder_of};
use qos_inspect::module::modinfo;
use qos_inspect::{Kind, Node, Tree, segments};
use qos_tree::path::show;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn bytes_of(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn tree_of(variable: &str) -> Tree {
    let bytes = bytes_of(&folder_of(variable).join("initramfs.cpio"));
    segments::read(&bytes).and_then(|all| segments::unpack(&all)).expect("an initramfs")
}

/// The programs of an image, without the first slash. They are compiled with another profile: `guest` here, `release` there.
fn programs_of(manifest: &str) -> BTreeSet<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let config = qos_manifest::load(&root.join(manifest)).unwrap_or_else(|error| panic!("{error}"));
    config.programs.keys().map(|path| path.trim_start_matches('/').as_bytes().to_vec()).collect()
}

/// A line for each entry: path, mode, owner, and type; for a file also its length, unless it is a program.
fn lines(tree: &Tree, programs: &BTreeSet<Vec<u8>>) -> Vec<String> {
    let what = |path: &[u8], node: &Node| match &node.kind {
        Kind::File(_) if programs.contains(path) => "a file".to_owned(),
        Kind::File(content) => format!("a file of {} bytes", content.len()),
        other => format!("{other:?}"),
    };
    let line = |(path, node): (&[u8], &Node)| {
        format!("/{} {:04o} {}:{} {}", show(path), node.mode, node.uid, node.gid, what(path, node))
    };
    tree.iter().map(line).collect()
}

/// The initramfs that the loop packed, in the directory that the variable `dev` names, has the tree of Nix's.
#[track_caller]
fn check(manifest: &str, dev: &str, nix: &str) {
    let programs = programs_of(manifest);
    assert!(!programs.is_empty(), "{manifest} has no programs");
    let (dev, nix) = (tree_of(dev), tree_of(nix));
    let (of_dev, of_nix) = (lines(&dev, &programs), lines(&nix, &programs));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    let (more, less) = (only(&of_dev, &of_nix), only(&of_nix, &of_dev));
    assert!(more.is_empty() && less.is_empty(), "only in the loop's: {more:#?}\nonly in Nix's: {less:#?}");
    for (path, _) in dev.iter().filter(|(path, _)| !programs.contains(*path)) {
        assert!(dev.content(path) == nix.content(path), "/{} has another content", show(path));
    }
    for program in &programs {
        assert!(dev.content(program).is_some_and(|content| !content.is_empty()), "/{}", show(program));
    }
}

#[test]
fn the_tree_is_the_same() {
    check("rootfs/default.toml", "QOS_DEV", "QOS_INITRAMFS");
}

#[test]
fn the_tree_of_the_minimal_image_is_the_same() {
    check("rootfs/minimal.toml", "QOS_MINIMAL_DEV", "QOS_MINIMAL_INITRAMFS");
}

#[test]
fn the_tree_of_the_server_is_the_same() {
    check("rootfs/server.toml", "QOS_SERVER_DEV", "QOS_SERVER_INITRAMFS");
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
