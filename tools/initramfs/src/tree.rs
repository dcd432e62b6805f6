// SPDX-License-Identifier: MIT OR Apache-2.0
//! An image's files in memory, by path.

use std::collections::BTreeMap;

/// Files by their path without the leading `/`: `bin/qos`, and `` for the root itself. Sorted by bytes, so that a directory comes before what
/// is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<String, Node>,
}

/// One file, of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Permission bits, `0o7777`.
    pub mode: u32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file with this content.
    File(Vec<u8>),
    /// Another name of the regular file at this path. Owner, mode and content are that file's.
    Hardlink(String),
    /// A symbolic link to this target.
    Symlink(String),
    /// A character device.
    Char {
        /// Major device number.
        major: u32,
        /// Minor device number.
        minor: u32,
    },
    /// A block device.
    Block {
        /// Major device number.
        major: u32,
        /// Minor device number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

/// How many symbolic links are followed, as in the kernel (MAXSYMLINKS in linux/namei.h).
const MAX_SYMLINKS: usize = 40;

impl Node {
    /// A node of root's.
    pub fn new(mode: u32, kind: Kind) -> Self {
        Node { mode, uid: 0, gid: 0, kind }
    }
}

impl Tree {
    /// Puts `node` at `path`, instead of what was there. Directories on the way that are missing are made, mode 0755.
    pub fn insert(&mut self, path: &str, node: Node) {
        for (at, _) in path.match_indices('/') {
            self.nodes.entry(path[..at].to_owned()).or_insert_with(|| Node::new(0o755, Kind::Dir));
        }
        self.nodes.insert(path.to_owned(), node);
    }

    /// What is at exactly this path.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// What is at exactly this path, to change it.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Node> {
        self.nodes.get_mut(path)
    }

    /// Takes out what is at exactly this path.
    pub fn remove(&mut self, path: &str) -> Option<Node> {
        self.nodes.remove(path)
    }

    /// All paths with their nodes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The content of a regular file, through whichever of its names.
    pub fn content(&self, path: &str) -> Option<&[u8]> {
        match &self.get(path)?.kind {
            Kind::File(data) => Some(data),
            Kind::Hardlink(first) => match &self.get(first)?.kind {
                Kind::File(data) => Some(data),
                _ => None,
            },
            _ => None,
        }
    }

    /// The node that says owner and mode of `path`: for a further name of a file, that file's.
    pub fn inode(&self, path: &str) -> Option<&Node> {
        match self.get(path)? {
            Node { kind: Kind::Hardlink(first), .. } => self.get(first),
            node => Some(node),
        }
    }

    /// Follows symbolic links, with the image as the root: the path at which `path` (absolute, or relative to the
    /// root) ends.
    ///
    /// # Errors
    ///
    /// The path at which the way ends: what is missing, or where it goes in a circle.
    pub fn resolve(&self, path: &str) -> Result<String, Unresolved> {
        let mut rest: Vec<&str> = path.split('/').rev().collect();
        let mut at: Vec<&str> = Vec::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    at.pop();
                    continue;
                }
                _ => at.push(part),
            }
            let here = at.join("/");
            match self.get(&here) {
                None => return Err(Unresolved::Missing(here)),
                Some(Node { kind: Kind::Symlink(target), .. }) => {
                    links += 1;
                    if links > MAX_SYMLINKS {
                        return Err(Unresolved::Circle(here));
                    }
                    match target.starts_with('/') {
                        true => at.clear(),
                        false => drop(at.pop()),
                    }
                    rest.extend(target.split('/').rev());
                }
                Some(Node { kind: Kind::Dir, .. }) => {}
                Some(_) if rest.iter().all(|part| part.is_empty()) => {}
                Some(_) => return Err(Unresolved::NotDir(here)),
            }
        }
        Ok(at.join("/"))
    }
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// Nothing is there.
    Missing(String),
    /// Something other than a directory is on the way.
    NotDir(String),
    /// Symbolic links lead on for ever.
    Circle(String),
}

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unresolved::Missing(path) => write!(f, "/{path} is not in the image"),
            Unresolved::NotDir(path) => write!(f, "/{path} is not a directory"),
            Unresolved::Circle(path) => write!(f, "symbolic links go in a circle at /{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        tree.insert("bin/qos", Node::new(0o755, Kind::File(Vec::new())));
        for (path, target) in [
            ("bin/init", "qos"),
            ("init", "bin/init"),
            ("sbin", "/bin"),
            ("usr/bin", "../bin"),
            ("up", "../../bin"),
            ("loop", "loop"),
            ("gone", "bin/gone"),
        ] {
            tree.insert(path, Node::new(0o777, Kind::Symlink(target.to_owned())));
        }
        tree
    }

    #[test]
    fn paths_resolve_inside_the_image() {
        let check = |path: &str, expect: Result<&str, Unresolved>| {
            assert_eq!(tree().resolve(path), expect.map(str::to_owned), "{path}");
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
    fn parents_are_made() {
        let tree = tree();
        assert_eq!(tree.get("usr"), Some(&Node::new(0o755, Kind::Dir)));
        assert_eq!(tree.iter().next().map(|(path, _)| path), Some("bin"));
    }
}
