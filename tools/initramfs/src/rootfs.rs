// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unpacks archives as the kernel does (`init/initramfs.c`): entry by entry, through the symbolic links that are there by
//! then, with the image as the root.

use crate::error::Error;
use crate::newc::{self, Archive, Entry};
use crate::tree::{Kind, Node, Tree, Unresolved};
use std::collections::HashMap;

/// Directories that the kernel's own initramfs has made before (`usr/default_cpio_list`), with their modes.
const MADE_BY_KERNEL: [(&str, u32); 2] = [("dev", 0o755), ("root", 0o700)];

/// A root file system in the making.
#[derive(Debug, Default)]
pub struct Rootfs {
    /// What is in it.
    pub tree: Tree,
    /// Entries that the kernel drops without a word: the path of each, and why.
    pub lost: Vec<(String, String)>,
}

impl Rootfs {
    /// Unpacks an archive: what comes later replaces what was there.
    ///
    /// # Errors
    ///
    /// An entry with a file type that does not exist, or with a name that leads out of the image.
    pub fn unpack(&mut self, archive: &Archive) -> Result<(), Error> {
        // The first name of each file that has several.
        let mut first_names = HashMap::new();
        for entry in &archive.entries {
            let path = newc::normal(&entry.name)?;
            let kind = newc::kind(entry)?;
            if path.is_empty() {
                // The root can be given another owner and mode, and is a directory.
                if kind == Kind::Dir {
                    self.tree.insert("", node(entry, kind));
                }
                continue;
            }
            let placed = self.parent(&path).and_then(|at| self.place(&at, entry, kind, &mut first_names));
            if let Err(why) = placed {
                self.lost.push((path, why));
            }
        }
        Ok(())
    }

    /// `path` with the links in its directories followed. The directory has to be there: the kernel makes none.
    fn parent(&mut self, path: &str) -> Result<String, String> {
        let Some((parent, name)) = path.rsplit_once('/') else { return Ok(path.to_owned()) };
        loop {
            match self.tree.resolve(parent) {
                Ok(parent) if parent.is_empty() => return Ok(name.to_owned()),
                Ok(parent) if matches!(self.tree.get(&parent), Some(Node { kind: Kind::Dir, .. })) => {
                    return Ok(format!("{parent}/{name}"));
                }
                Ok(parent) => return Err(format!("/{parent} is not a directory")),
                Err(Unresolved::Missing(missing)) => {
                    let Some((_, mode)) = MADE_BY_KERNEL.iter().find(|(dir, _)| *dir == missing) else {
                        return Err(format!("/{missing} is not there when it is unpacked"));
                    };
                    self.tree.insert(&missing, Node::new(*mode, Kind::Dir));
                }
                Err(why) => return Err(why.to_string()),
            }
        }
    }

    /// Puts an entry at `at`, whose directory is there (`do_name()` and `do_symlink()`).
    fn place(
        &mut self,
        at: &str,
        entry: &Entry,
        kind: Kind,
        first_names: &mut HashMap<(u32, (u32, u32)), String>,
    ) -> Result<(), String> {
        let mut node = node(entry, kind);
        let is_file = matches!(node.kind, Kind::File(_));
        let first = match is_file && entry.nlink > 1 {
            true => first_names.get(&(entry.ino, entry.dev)).filter(|first| *first != at).cloned(),
            false => None,
        };
        let keeps = first.is_none() && self.same_type(at, &node.kind);
        if !keeps {
            self.unlink(at)?;
        }
        if let Some(first) = first.filter(|first| self.tree.content(first).is_some()) {
            let first = self.file_of(&first);
            if let (Some(file), Kind::File(data)) = (self.tree.get_mut(&first), &mut node.kind) {
                if !data.is_empty() {
                    file.kind = Kind::File(std::mem::take(data));
                }
                (file.mode, file.uid, file.gid) = (node.mode, node.uid, node.gid);
            }
            node.kind = Kind::Hardlink(first);
            self.tree.insert(at, node);
            return Ok(());
        }
        if is_file && entry.nlink > 1 {
            first_names.insert((entry.ino, entry.dev), at.to_owned());
        }
        // A file that is there is written over, whatever other names it has.
        let target = if is_file { self.file_of(at) } else { at.to_owned() };
        self.tree.insert(&target, node);
        Ok(())
    }

    /// Whether something of this type is at `at`, which the kernel then keeps (`clean_path()`). Symbolic links are always
    /// made anew.
    fn same_type(&self, at: &str, kind: &Kind) -> bool {
        let there = self.tree.inode(at).map(|node| &node.kind);
        !matches!(kind, Kind::Symlink(_))
            && there.is_some_and(|there| std::mem::discriminant(there) == std::mem::discriminant(kind))
    }

    /// The name under which the tree has the file with the name `at`.
    fn file_of(&self, at: &str) -> String {
        match self.tree.get(at).map(|node| &node.kind) {
            Some(Kind::Hardlink(first)) => first.clone(),
            _ => at.to_owned(),
        }
    }

    /// Takes away what is at `at`. A directory has to be empty; of a file, the other names stay.
    fn unlink(&mut self, at: &str) -> Result<(), String> {
        if self.tree.get(at).is_none() {
            return Ok(());
        }
        let below = format!("{at}/");
        if self.tree.iter().any(|(path, _)| path.starts_with(&below)) {
            return Err(format!("/{at} is a directory that is not empty"));
        }
        let Some(removed) = self.tree.remove(at) else { return Ok(()) };
        let names: Vec<String> = self
            .tree
            .iter()
            .filter(|(_, node)| matches!(&node.kind, Kind::Hardlink(first) if first == at))
            .map(|(path, _)| path.to_owned())
            .collect();
        if let Some((heir, others)) = names.split_first() {
            for other in others {
                if let Some(node) = self.tree.get_mut(other) {
                    node.kind = Kind::Hardlink(heir.clone());
                }
            }
            self.tree.insert(heir, removed);
        }
        Ok(())
    }
}

fn node(entry: &Entry, kind: Kind) -> Node {
    Node { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, kind }
}
