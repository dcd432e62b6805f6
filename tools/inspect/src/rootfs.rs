// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unpacks archives as the kernel does (`init/initramfs.c`): entry by entry, through the symbolic links that exist at that
//! time, with the image as the root.

use crate::archive::{self, Archive, Entry};
use crate::error::Error;
use qos_tree::path::{join, show, split};
use qos_tree::{Kind, Node, Tree, Unresolved};
use std::collections::{HashMap, HashSet};

/// Directories that the kernel's own initramfs has made before (`usr/default_cpio_list`), with their modes.
const MADE_BY_KERNEL: [(&str, u32); 2] = [("dev", 0o755), ("root", 0o700)];

/// The longest name of a file in a directory, in bytes (linux/limits.h).
const NAME_MAX: usize = 255;

/// A root file system in the making.
#[derive(Debug, Default)]
pub struct Rootfs {
    /// What is in it.
    pub tree: Tree,
    /// Entries that the kernel silently drops: the path of each, and the reason.
    pub lost: Vec<(Vec<u8>, String)>,
    /// The names of files that have several: to remove another one does not need a search for its other names.
    linked: HashSet<Vec<u8>>,
}

impl Rootfs {
    /// Unpacks an archive: later entries replace earlier ones.
    ///
    /// # Errors
    ///
    /// An entry with a file type that does not exist, or with a name that leads out of the image.
    pub fn unpack(&mut self, archive: &Archive) -> Result<(), Error> {
        // The first name of each file that has several.
        let mut first_names = HashMap::new();
        for entry in &archive.entries {
            let path = archive::path(entry)?;
            let kind = archive::kind(entry)?;
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
    fn parent(&mut self, path: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(name) = path.split(|byte| *byte == b'/').find(|name| name.len() > NAME_MAX) {
            return Err(format!("a name of {} bytes; {NAME_MAX} is the most", name.len()));
        }
        let Some((parent, name)) = split(path) else { return Ok(Vec::new()) };
        loop {
            match self.tree.resolve(parent) {
                Ok(parent) if parent.is_empty() || self.tree.is_dir(&parent) => {
                    return Ok(join(&parent, name));
                }
                Ok(parent) => return Err(format!("/{} is not a directory", show(&parent))),
                Err(Unresolved::Missing(missing)) => {
                    let Some((_, mode)) = MADE_BY_KERNEL.iter().find(|(dir, _)| dir.as_bytes() == missing)
                    else {
                        return Err(format!("/{} is not there when it is unpacked", show(&missing)));
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
        at: &[u8],
        entry: &Entry,
        kind: Kind,
        first_names: &mut HashMap<(u64, (u32, u32)), Vec<u8>>,
    ) -> Result<(), String> {
        let mut node = node(entry, kind);
        let is_file = matches!(node.kind, Kind::File(_));
        let first = match is_file && entry.nlink > 1 {
            true => first_names.get(&(entry.ino, entry.dev)).filter(|first| *first != at).cloned(),
            false => None,
        };
        let keeps = first.is_none() && self.same_type(at, &node.kind);
        let is_single_file = || matches!(self.tree.get(at), Some(Node { kind: Kind::File(_), .. }) if !self.linked.contains(at));
        if !keeps && is_single_file() {
            self.tree.remove(at);
        } else if !keeps {
            self.tree.unlink(at)?;
        }
        if let Some(first) = first.filter(|first| self.tree.content(first).is_some()) {
            let first = self.tree.file_of(&first);
            if let (Some(file), Kind::File(data)) = (self.tree.get_mut(&first), &mut node.kind) {
                if !data.is_empty() {
                    file.kind = Kind::File(std::mem::take(data));
                }
                (file.mode, file.uid, file.gid, file.mtime) = (node.mode, node.uid, node.gid, node.mtime);
            }
            self.linked.extend([first.clone(), at.to_vec()]);
            node.kind = Kind::Hardlink(first);
            self.tree.insert(at, node);
            return Ok(());
        }
        if is_file && entry.nlink > 1 {
            first_names.insert((entry.ino, entry.dev), at.to_vec());
        }
        // A file that is there is written over, whatever other names it has.
        let target = if is_file { self.tree.file_of(at) } else { at.to_vec() };
        self.tree.insert(&target, node);
        Ok(())
    }

    /// Whether something of this type is at `at`, which the kernel then keeps (`clean_path()`). Symbolic links are always
    /// made anew.
    fn same_type(&self, at: &[u8], kind: &Kind) -> bool {
        let there = self.tree.inode(at).map(|node| &node.kind);
        !matches!(kind, Kind::Symlink(_))
            && there.is_some_and(|there| std::mem::discriminant(there) == std::mem::discriminant(kind))
    }
}

fn node(entry: &Entry, kind: Kind) -> Node {
    let mtime = i64::try_from(entry.mtime).ok();
    Node { mtime, ..Node::new(entry.mode & 0o7777, kind).of(entry.uid, entry.gid) }
}
