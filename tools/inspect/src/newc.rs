// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes trees as cpio archives in the format `newc`.
//!
//! The `cpio` crate writes headers. It requires UTF-8 names, but names are bytes: it gets a placeholder of the same length,
//! which is then replaced by the bytes.

use crate::archive::Entry;
use crate::archive::{PATH_MAX, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK, TRAILER};
use crate::error::Error;
use cpio::newc::Builder;
use qos_tree::path::show;
use qos_tree::{Content, Kind, Tree};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

const HEADER: usize = 110;

/// The tree as an archive in memory: see [`write_to`].
///
/// # Errors
///
/// As those of [`write_to`].
pub fn write(tree: &Tree, mtime: u32) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_to(tree, mtime, &mut out)?;
    Ok(out)
}

/// Writes the tree as an archive that ends after its trailer, its length a multiple of 4. Contents are read one after
/// the other.
///
/// The same tree gives the same bytes: entries are sorted by name, inode numbers count from 1 in that order, every
/// modification time is `mtime` (seconds since 1970). A file with several names has one inode number, and its data
/// comes with the last name, as GNU cpio has it. Extended attributes are left out: the format has none.
///
/// # Errors
///
/// What the format cannot hold: a file of 4 GiB or more, a name that is too long or that of the trailer. A hard link to
/// nothing. What cannot be read or written.
pub fn write_to(tree: &Tree, mtime: u32, out: &mut dyn Write) -> Result<(), Error> {
    let mut names: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for (path, node) in tree.iter() {
        let first = match &node.kind {
            Kind::Hardlink(first) if tree.content(path).is_some() => first,
            Kind::Hardlink(first) => {
                return Err(Error::new(format!(
                    "hard link /{} to /{}, which is not a file of the image",
                    show(path),
                    show(first)
                )));
            }
            _ => path,
        };
        names.entry(first).or_default().push(path);
    }
    let mut inodes: HashMap<&[u8], u32> = HashMap::new();
    let empty = Content::default();
    for (path, node) in tree.iter() {
        let first = if let Kind::Hardlink(first) = &node.kind { first } else { path };
        let links = names.get(first).map_or(&[][..], Vec::as_slice);
        let next = inodes.len() as u32 + 1;
        let ino = *inodes.entry(first).or_insert(next);
        let node = tree.inode(path).unwrap_or(node);
        let is_last = links.last() == Some(&path);
        let target;
        let (kind, data, rdev) = match &node.kind {
            Kind::Dir => (S_IFDIR, &empty, (0, 0)),
            Kind::File(data) if is_last => (S_IFREG, data, (0, 0)),
            Kind::File(_) | Kind::Hardlink(_) => (S_IFREG, &empty, (0, 0)),
            Kind::Symlink(to) => {
                target = Content::from(to.as_slice());
                (S_IFLNK, &target, (0, 0))
            }
            Kind::Char { major, minor } => (S_IFCHR, &empty, (*major, *minor)),
            Kind::Block { major, minor } => (S_IFBLK, &empty, (*major, *minor)),
            Kind::Fifo => (S_IFIFO, &empty, (0, 0)),
            Kind::Socket => (S_IFSOCK, &empty, (0, 0)),
        };
        let name = if path.is_empty() { b"." } else { path };
        if name == TRAILER || name.len() >= PATH_MAX {
            let shown = show(name);
            return Err(Error::new(format!(
                "/{shown} cannot be the name of a file in an initramfs: rename it"
            )));
        }
        let size = u32::try_from(data.len()).map_err(|_| too_large(&show(path), data.len()))?;
        // A directory's own and its `.`: what GNU cpio writes for one without subdirectories. The kernel ignores it.
        let nlink = if kind == S_IFDIR { 2 } else { links.len().max(1) as u32 };
        let entry = Builder::new(&"_".repeat(name.len()))
            .ino(ino)
            .mode(kind | node.mode)
            .uid(node.uid)
            .gid(node.gid)
            .nlink(nlink)
            .mtime(mtime)
            .rdev_major(rdev.0)
            .rdev_minor(rdev.1);
        let cannot = |e: io::Error| Error::new(format!("cannot write /{}: {e}", show(path)));
        let mut header = entry.write(Vec::new(), size).finish().map_err(cannot)?;
        header[HEADER..HEADER + name.len()].copy_from_slice(name);
        out.write_all(&header).map_err(cannot)?;
        data.copy_to(out).map_err(cannot)?;
        out.write_all(padding(data.len() as usize)).map_err(cannot)?;
    }
    cpio::newc::trailer(out).map(drop).map_err(|e| Error::new(format!("cannot write the trailer: {e}")))
}

/// Writes entries as they are, in their order, and the trailer.
///
/// # Errors
///
/// A number is too large for the format, or a name too long.
pub fn write_entries(entries: &[Entry], out: &mut Vec<u8>) -> Result<(), Error> {
    for entry in entries {
        let shown = show(&entry.name);
        let wide = |what: &str| Error::new(format!("/{shown}: {what} does not fit into 32 bits"));
        let size = u32::try_from(entry.data.len()).map_err(|_| too_large(&shown, entry.data.len() as u64))?;
        if entry.name == TRAILER || entry.name.len() >= PATH_MAX || entry.name.is_empty() {
            return Err(Error::new(format!("/{shown} cannot be the name of a file in an initramfs")));
        }
        let header = Builder::new(&"_".repeat(entry.name.len()))
            .ino(u32::try_from(entry.ino).map_err(|_| wide("the inode number"))?)
            .mode(entry.mode)
            .uid(entry.uid)
            .gid(entry.gid)
            .nlink(entry.nlink)
            .mtime(u32::try_from(entry.mtime).map_err(|_| wide("the time"))?)
            .dev_major(entry.dev.0)
            .dev_minor(entry.dev.1)
            .rdev_major(entry.rdev.0)
            .rdev_minor(entry.rdev.1);
        let cannot = |e: io::Error| Error::new(format!("cannot write /{shown}: {e}"));
        let mut header = header.write(Vec::new(), size).finish().map_err(cannot)?;
        header[HEADER..HEADER + entry.name.len()].copy_from_slice(&entry.name);
        out.extend(header);
        out.extend(&entry.data);
        out.extend(padding(entry.data.len()));
    }
    let trailer =
        cpio::newc::trailer(Vec::new()).map_err(|e| Error::new(format!("cannot write the trailer: {e}")))?;
    out.extend(trailer);
    Ok(())
}

/// The zeros between `len` and the next multiple of 4.
fn padding(len: usize) -> &'static [u8] {
    &[0; 3][..len.next_multiple_of(4) - len]
}

/// The error for a file whose size does not fit into a `newc` header.
#[must_use]
pub fn too_large(path: &str, size: u64) -> Error {
    Error::new(format!(
        "/{path} has {size} bytes: a file in an initramfs has at most {} (4 GiB - 1); put it on a disk instead",
        u32::MAX
    ))
}
