// SPDX-License-Identifier: MIT OR Apache-2.0
//! Links, symbolic and hard, as the kernel treats them.

use crate::path;
use crate::tree::{Kind, Node, Tree};
use std::fmt;

/// How many symbolic links are followed, as in the kernel (MAXSYMLINKS in linux/namei.h).
const MAX_SYMLINKS: usize = 40;

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing is there.
    Missing(Vec<u8>),
    /// Something other than a directory is on the way.
    NotDir(Vec<u8>),
    /// Symbolic links lead on for ever.
    Circle(Vec<u8>),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unresolved::Missing(path) => write!(f, "/{} is not in the image", path::show(path)),
            Unresolved::NotDir(path) => write!(f, "/{} is not a directory", path::show(path)),
            Unresolved::Circle(path) => write!(f, "symbolic links go in a circle at /{}", path::show(path)),
        }
    }
}

impl Tree {
    /// Follows symbolic links, with the tree as the root: the path at which `path` (absolute, or relative to the root)
    /// ends.
    ///
    /// # Errors
    ///
    /// The path at which the resolution ends: a missing entry, or the start of a cycle.
    pub fn resolve(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Unresolved> {
        self.follow(path.as_ref(), false)
    }

    /// As [`Tree::resolve`], for a file that is to be made: what is missing on the way are directories that are made with it.
    ///
    /// # Errors
    ///
    /// Something other than a directory is on the way, or a cycle.
    pub fn place(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Unresolved> {
        self.follow(path.as_ref(), true)
    }

    fn follow(&self, path: &[u8], may_miss: bool) -> Result<Vec<u8>, Unresolved> {
        let parts = |path: &[u8]| -> Vec<Vec<u8>> {
            path.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec).collect()
        };
        let mut rest = parts(path);
        let mut at: Vec<u8> = Vec::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    up(&mut at);
                    continue;
                }
                _ => at = path::join(&at, &part),
            }
            match self.get(&at) {
                None if may_miss => {}
                None => return Err(Unresolved::Missing(at)),
                Some(Node { kind: Kind::Symlink(target), .. }) => {
                    links += 1;
                    if links > MAX_SYMLINKS {
                        return Err(Unresolved::Circle(at));
                    }
                    match target.starts_with(b"/") {
                        true => at.clear(),
                        false => up(&mut at),
                    }
                    rest.extend(parts(target));
                }
                Some(Node { kind: Kind::Dir, .. }) => {}
                Some(_) if rest.iter().all(Vec::is_empty) => {}
                Some(_) => return Err(Unresolved::NotDir(at)),
            }
        }
        Ok(at)
    }

    /// The path under which the tree has the file with the name `path`.
    #[must_use]
    pub fn file_of(&self, path: &[u8]) -> Vec<u8> {
        match self.get(path).map(|node| &node.kind) {
            Some(Kind::Hardlink(first)) => first.clone(),
            _ => path.to_vec(),
        }
    }

    /// Removes the entry at `path`, if any. A directory has to be empty; the other names of a file stay.
    ///
    /// # Errors
    ///
    /// The directory is not empty.
    pub fn unlink(&mut self, path: &[u8]) -> Result<(), String> {
        if self.get(path).is_none() {
            return Ok(());
        }
        if self.has_below(path) {
            return Err(format!("/{} is a directory that is not empty", path::show(path)));
        }
        let Some(removed) = self.remove(path) else { return Ok(()) };
        if !matches!(removed.kind, Kind::File(_)) {
            return Ok(());
        }
        let names: Vec<Vec<u8>> = self
            .iter()
            .filter(|(_, node)| matches!(&node.kind, Kind::Hardlink(first) if first == path))
            .map(|(name, _)| name.to_vec())
            .collect();
        // The file goes to the name in the middle: names that are removed in their order then cause few such searches.
        if let Some(heir) = names.get(names.len().saturating_sub(1) / 2) {
            for other in names.iter().filter(|name| *name != heir) {
                if let Some(node) = self.get_mut(other) {
                    node.kind = Kind::Hardlink(heir.clone());
                }
            }
            self.insert(heir, removed);
        }
        Ok(())
    }
}

/// Leaves out the last part of a path.
fn up(path: &mut Vec<u8>) {
    let parent = path::split(path).map_or(0, |(parent, _)| parent.len());
    path.truncate(parent);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        tree.insert("bin/qos", Node::new(0o755, Kind::File("".into())));
        for (path, target) in [
            ("bin/init", "qos"),
            ("init", "bin/init"),
            ("sbin", "/bin"),
            ("usr/bin", "../bin"),
            ("up", "../../bin"),
            ("loop", "loop"),
            ("gone", "bin/gone"),
        ] {
            tree.insert(path, Node::new(0o777, Kind::Symlink(target.into())));
        }
        tree
    }

    #[test]
    fn paths_resolve_inside_the_tree() {
        let check = |path: &str, expect: Result<&str, Unresolved>| {
            assert_eq!(tree().resolve(path), expect.map(Into::into), "{path}");
        };
        check("/init", Ok("bin/qos"));
        check("sbin/init", Ok("bin/qos"));
        check("/usr/bin/./init", Ok("bin/qos"));
        check("/up/qos", Ok("bin/qos"));
        check("/", Ok(""));
        check("/../bin/", Ok("bin"));
        check("/gone", Err(Unresolved::Missing("bin/gone".into())));
        check("/nothing/at/all", Err(Unresolved::Missing("nothing".into())));
        check("/bin/qos/x", Err(Unresolved::NotDir("bin/qos".into())));
        check("/loop", Err(Unresolved::Circle("loop".into())));
    }

    #[test]
    fn files_are_made_where_links_lead() {
        let check = |path: &str, expect: Result<&str, Unresolved>| {
            assert_eq!(tree().place(path), expect.map(Into::into), "{path}");
        };
        check("sbin/new", Ok("bin/new"));
        check("/usr/bin/a/b", Ok("bin/a/b"));
        check("gone/x", Ok("bin/gone/x"));
        check("new/a/../b", Ok("new/b"));
        check("init", Ok("bin/qos"));
        check("init/x", Err(Unresolved::NotDir("bin/qos".into())));
        check("loop/x", Err(Unresolved::Circle("loop".into())));
    }

    #[test]
    fn one_of_several_names_goes() {
        let mut tree = Tree::default();
        tree.insert("d/a", Node::new(0o600, Kind::File("x".into())));
        for name in ["b", "c"] {
            tree.insert(name, Node::new(0, Kind::Hardlink("d/a".into())));
        }
        assert_eq!(tree.unlink(b"d").unwrap_err(), "/d is a directory that is not empty");
        tree.unlink(b"d/a").unwrap();
        assert_eq!((tree.file_of(b"c"), tree.file_of(b"b")), (b"b".to_vec(), b"b".to_vec()));
        assert_eq!(tree.get("b"), Some(&Node::new(0o600, Kind::File("x".into()))));
        tree.unlink(b"d").unwrap();
        assert!(tree.get("d").is_none());
    }
}
