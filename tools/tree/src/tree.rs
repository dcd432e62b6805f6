// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files by path.

use crate::content::Content;
use std::collections::BTreeMap;

/// Files by their [path](crate::path), sorted by bytes, so that a directory comes before its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<Vec<u8>, Node>,
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
    /// Modification time in seconds since 1970, if it has one of its own.
    pub mtime: Option<i64>,
    /// Extended attributes by name, such as `security.capability`.
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What it is.
    pub kind: Kind,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file with this content.
    File(Content),
    /// Another name of the regular file at this path. Owner, mode and content are that file's.
    Hardlink(Vec<u8>),
    /// A symbolic link to this target.
    Symlink(Vec<u8>),
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

impl Node {
    /// A node of root's.
    #[must_use]
    pub fn new(mode: u32, kind: Kind) -> Self {
        Node { mode, uid: 0, gid: 0, mtime: None, xattrs: BTreeMap::new(), kind }
    }

    /// The same node of this owner's.
    #[must_use]
    pub fn of(self, uid: u32, gid: u32) -> Self {
        Node { uid, gid, ..self }
    }
}

impl Tree {
    /// Puts `node` at `path` and replaces the previous entry. Missing directories above it are made, mode 0755.
    pub fn insert(&mut self, path: impl AsRef<[u8]>, node: Node) {
        let path = path.as_ref();
        for at in (0..path.len()).filter(|at| path[*at] == b'/') {
            self.nodes.entry(path[..at].to_vec()).or_insert_with(|| Node::new(0o755, Kind::Dir));
        }
        self.nodes.insert(path.to_vec(), node);
    }

    /// What is at exactly this path.
    #[must_use]
    pub fn get(&self, path: impl AsRef<[u8]>) -> Option<&Node> {
        self.nodes.get(path.as_ref())
    }

    /// What is at exactly this path, to change it.
    pub fn get_mut(&mut self, path: impl AsRef<[u8]>) -> Option<&mut Node> {
        self.nodes.get_mut(path.as_ref())
    }

    /// Removes the entry at exactly this path.
    pub fn remove(&mut self, path: impl AsRef<[u8]>) -> Option<Node> {
        self.nodes.remove(path.as_ref())
    }

    /// All paths with their nodes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_slice(), node))
    }

    /// Whether anything is below this path, which is not the root.
    pub(crate) fn has_below(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        self.nodes.range(below.clone()..).next().is_some_and(|(first, _)| first.starts_with(&below))
    }

    /// The number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether there is a directory at exactly this path.
    #[must_use]
    pub fn is_dir(&self, path: impl AsRef<[u8]>) -> bool {
        matches!(self.get(path), Some(Node { kind: Kind::Dir, .. }))
    }

    /// The content of a regular file, through whichever of its names.
    #[must_use]
    pub fn content(&self, path: impl AsRef<[u8]>) -> Option<&Content> {
        match &self.inode(path)?.kind {
            Kind::File(content) => Some(content),
            _ => None,
        }
    }

    /// The node with owner and mode of `path`: for a further name of a file, that file's node.
    #[must_use]
    pub fn inode(&self, path: impl AsRef<[u8]>) -> Option<&Node> {
        match self.get(path)? {
            Node { kind: Kind::Hardlink(first), .. } => self.get(first),
            node => Some(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_made() {
        let mut tree = Tree::default();
        tree.insert(b"a/\xff/c", Node::new(0o600, Kind::Fifo).of(1, 2));
        let paths: Vec<&[u8]> = tree.iter().map(|(path, _)| path).collect();
        assert_eq!(paths, [&b"a"[..], b"a/\xff", b"a/\xff/c"]);
        assert!(tree.is_dir("a") && !tree.is_dir(b"a/\xff/c"));
        assert_eq!(tree.get("a"), Some(&Node::new(0o755, Kind::Dir)));
    }

    #[test]
    fn a_further_name_is_the_file() {
        let mut tree = Tree::default();
        tree.insert("a", Node::new(0o640, Kind::File("text".into())));
        tree.insert("b", Node::new(0, Kind::Hardlink("a".into())));
        assert_eq!(tree.inode("b"), tree.get("a"));
        assert_eq!(tree.content("b"), Some(&Content::from("text")));
        assert_eq!(tree.content("c"), None);
    }
}
