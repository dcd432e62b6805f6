// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference of two trees, and of two kernel configurations.

use crate::error::Error;
use crate::list::printable;
use qos_tree::{Kind, Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// A line for each path that is only in one tree (`-` in `a`, `+` in `b`) or differs (`!`), with what differs.
///
/// # Errors
///
/// A content cannot be read.
pub fn trees(a: &Tree, b: &Tree) -> Result<String, Error> {
    let mut out = String::new();
    let paths: BTreeSet<&[u8]> = a.iter().chain(b.iter()).map(|(path, _)| path).collect();
    for path in paths {
        let shown = printable(path);
        match (a.inode(path), b.inode(path)) {
            (Some(node), None) => out.push_str(&format!("- /{shown} ({})\n", describe(node))),
            (None, Some(node)) => out.push_str(&format!("+ /{shown} ({})\n", describe(node))),
            (Some(old), Some(new)) => {
                let changes = changes(path, old, new)?;
                if !changes.is_empty() {
                    out.push_str(&format!("! /{shown}: {}\n", changes.join(", ")));
                }
            }
            (None, None) => {}
        }
    }
    Ok(out)
}

fn describe(node: &Node) -> String {
    match &node.kind {
        Kind::Dir => "directory".to_owned(),
        Kind::File(content) => format!("file, {} bytes", content.len()),
        Kind::Hardlink(first) => format!("hard link to /{}", printable(first)),
        Kind::Symlink(target) => format!("symbolic link to {}", printable(target)),
        Kind::Char { major, minor } => format!("character device {major}, {minor}"),
        Kind::Block { major, minor } => format!("block device {major}, {minor}"),
        Kind::Fifo => "pipe".to_owned(),
        Kind::Socket => "socket".to_owned(),
    }
}

fn changes(path: &[u8], old: &Node, new: &Node) -> Result<Vec<String>, Error> {
    let mut changes = Vec::new();
    if old.mode != new.mode {
        changes.push(format!("mode {:04o} -> {:04o}", old.mode, new.mode));
    }
    if (old.uid, old.gid) != (new.uid, new.gid) {
        changes.push(format!("owner {}:{} -> {}:{}", old.uid, old.gid, new.uid, new.gid));
    }
    match (&old.kind, &new.kind) {
        (Kind::File(old), Kind::File(new)) if old.len() == new.len() => {
            let cannot = |e| Error::new(format!("cannot read /{}: {e}", printable(path)));
            let (old, new) = (old.read().map_err(cannot)?, new.read().map_err(cannot)?);
            if let Some(at) = old.iter().zip(new.iter()).position(|(old, new)| old != new) {
                changes.push(format!("content differs from byte {at} on"));
            }
        }
        (Kind::File(old), Kind::File(new)) => changes.push(format!("{} -> {} bytes", old.len(), new.len())),
        (old_kind, new_kind) if old_kind != new_kind => {
            changes.push(format!("{} -> {}", describe(old), describe(new)));
        }
        _ => {}
    }
    Ok(changes)
}

/// A line for each option that is set in one configuration only or to another value.
#[must_use]
pub fn configs(a: &str, b: &str) -> String {
    let (a, b) = (options(a), options(b));
    let mut out = String::new();
    for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
        match (a.get(name), b.get(name)) {
            (Some(old), None) => out.push_str(&format!("- {name}={old}\n")),
            (None, Some(new)) => out.push_str(&format!("+ {name}={new}\n")),
            (Some(old), Some(new)) if old != new => out.push_str(&format!("! {name}: {old} -> {new}\n")),
            _ => {}
        }
    }
    out
}

/// The options of a configuration that are set, with their values.
#[must_use]
pub fn options(config: &str) -> BTreeMap<&str, &str> {
    let set = config.lines().filter(|line| line.starts_with("CONFIG_"));
    set.filter_map(|line| line.split_once('=')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_trees() {
        let file = |mode, text: &str| Node::new(mode, Kind::File(text.into()));
        let tree = |nodes: &[(&str, Node)]| {
            let mut tree = Tree::default();
            nodes.iter().for_each(|(path, node)| tree.insert(path, node.clone()));
            tree
        };
        let link = |target: &str| Node::new(0o777, Kind::Symlink(target.into()));
        let a = tree(&[
            ("a", file(0o644, "one")),
            ("b", file(0o644, "x")),
            ("l", link("a")),
            ("same", file(0o600, "s")),
        ]);
        let b = tree(&[
            ("a", file(0o755, "two").of(1, 2)),
            ("c", link("a")),
            ("l", link("b")),
            ("same", file(0o600, "s")),
        ]);
        assert_eq!(
            trees(&a, &b).unwrap(),
            "! /a: mode 0644 -> 0755, owner 0:0 -> 1:2, content differs from byte 0 on\n\
             - /b (file, 1 bytes)\n\
             + /c (symbolic link to a)\n\
             ! /l: symbolic link to a -> symbolic link to b\n"
        );
        assert_eq!(trees(&a, &a).unwrap(), "");
    }

    #[test]
    fn of_configurations() {
        let text = "# CONFIG_X is not set\nCONFIG_A=y\nCONFIG_B=\"a=b\"\n";
        assert_eq!(
            configs(text, "CONFIG_A=m\nCONFIG_C=1\n"),
            "! CONFIG_A: y -> m\n- CONFIG_B=\"a=b\"\n+ CONFIG_C=1\n"
        );
    }
}
