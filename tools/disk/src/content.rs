// SPDX-License-Identifier: MIT OR Apache-2.0
//! A tree of files in the forms that mkfs programs accept: a tar archive, or a directory of the host.

use crate::error::Error;
use qos_tree::path::show;
use qos_tree::{Kind, Node, Tree};
use std::fs::{self, File, FileTimes};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The bytes that a file system needs for `tree`: the contents of the files in blocks, and a block for each file.
#[must_use]
pub fn bytes(tree: &Tree) -> u64 {
    const BLOCK: u64 = 4096;
    tree.iter()
        .map(|(_, node)| match &node.kind {
            Kind::File(content) => BLOCK + content.len().div_ceil(BLOCK) * BLOCK,
            _ => BLOCK,
        })
        .sum()
}

/// Writes `tree` as a tar archive with owners, modes, nodes and extended attributes. Files without a time of their own have `mtime`.
///
/// # Errors
/// A file of the host cannot be read, or `out` cannot be written.
pub fn write_tar(tree: &Tree, mtime: u32, out: &Path) -> Result<(), Error> {
    let failed = |error: &io::Error| Error::io("write", out, error);
    let file = File::create(out).map_err(|error| failed(&error))?;
    let mut archive = tar::Builder::new(BufWriter::new(file));
    for (path, node) in tree.iter() {
        append(&mut archive, path, node, mtime)
            .map_err(|error| failed(&error).of(format!("/{}", show(path))))?;
    }
    let mut file = archive.into_inner().map_err(|error| failed(&error))?;
    file.flush().map_err(|error| failed(&error))
}

fn append<W: Write>(archive: &mut tar::Builder<W>, path: &[u8], node: &Node, mtime: u32) -> io::Result<()> {
    let xattrs: Vec<(String, &[u8])> = node
        .xattrs
        .iter()
        .map(|(name, value)| (format!("SCHILY.xattr.{}", show(name)), value.as_slice()))
        .collect();
    if !xattrs.is_empty() {
        archive.append_pax_extensions(xattrs.iter().map(|(name, value)| (name.as_str(), *value)))?;
    }
    let mut header = tar::Header::new_gnu();
    header.set_mode(node.mode);
    header.set_uid(node.uid.into());
    header.set_gid(node.gid.into());
    header.set_mtime(node.mtime.and_then(|time| u64::try_from(time).ok()).unwrap_or(mtime.into()));
    header.set_size(0);
    let name = Path::new(std::ffi::OsStr::from_bytes(if path.is_empty() { b"." } else { path }));
    let os = |bytes: &[u8]| std::ffi::OsStr::from_bytes(bytes).to_owned();
    let device = |header: &mut tar::Header, major, minor| {
        header.set_device_major(major)?;
        header.set_device_minor(minor)
    };
    match &node.kind {
        Kind::File(content) => {
            header.set_size(content.len());
            header.set_entry_type(tar::EntryType::Regular);
            return archive.append_data(&mut header, name, content.open()?);
        }
        Kind::Symlink(target) => {
            header.set_entry_type(tar::EntryType::Symlink);
            return archive.append_link(&mut header, name, os(target));
        }
        Kind::Hardlink(first) => {
            header.set_entry_type(tar::EntryType::Link);
            return archive.append_link(&mut header, name, os(first));
        }
        Kind::Dir => header.set_entry_type(tar::EntryType::Directory),
        Kind::Char { major, minor } => {
            header.set_entry_type(tar::EntryType::Char);
            device(&mut header, *major, *minor)?;
        }
        Kind::Block { major, minor } => {
            header.set_entry_type(tar::EntryType::Block);
            device(&mut header, *major, *minor)?;
        }
        Kind::Fifo => header.set_entry_type(tar::EntryType::Fifo),
        // tar(5) has no sockets; a program makes its own.
        Kind::Socket => return Ok(()),
    }
    archive.append_data(&mut header, name, io::empty())
}

/// Writes `tree` below the directory `out`, for a mkfs that reads no archive. Everything belongs to root then, as the user who runs the
/// mkfs is root in its namespace; device nodes below `/dev` are left out, since devtmpfs is mounted there.
///
/// # Errors
/// A file that is not root's, or a node elsewhere: a directory cannot have them without root on the host.
pub fn write_directory(tree: &Tree, mtime: u32, out: &Path) -> Result<(), Error> {
    let at = |path: &[u8]| out.join(std::ffi::OsStr::from_bytes(path));
    for (path, node) in tree.iter() {
        let here = at(path);
        let failed = |error: &io::Error| Error::io("write", &here, error);
        if (node.uid, node.gid) != (0, 0) && !matches!(node.kind, Kind::Hardlink(_)) {
            let message =
                "is not root's: btrfs is made of a directory, which cannot have other owners without root";
            return Err(Error::new(format!("/{} {message}", show(path))));
        }
        let done = match &node.kind {
            Kind::Dir => fs::create_dir_all(&here),
            Kind::File(content) => File::create(&here).and_then(|mut file| content.copy_to(&mut file)),
            Kind::Symlink(target) => symlink(std::ffi::OsStr::from_bytes(target), &here),
            Kind::Hardlink(first) => fs::hard_link(at(first), &here),
            _ if path.starts_with(b"dev/") => continue,
            _ => {
                let message = "is a node: btrfs is made of a directory, which has none without root";
                return Err(Error::new(format!("/{} {message}", show(path))));
            }
        };
        done.map_err(|error| failed(&error))?;
    }
    let meta = fs::metadata(out).map_err(|error| Error::io("read", out, &error))?;
    if (meta.uid(), meta.gid()) != (0, 0) {
        let message = "is not root's, and so would the files of btrfs not be: run this in a user namespace, as `nix build` does (unshare -r)";
        return Err(Error::new(format!("{} {message}", out.display())));
    }
    // Modes and times from the bottom up: adding an entry changes the time of the directory.
    let all: Vec<_> = tree.iter().collect();
    for (path, node) in all.into_iter().rev() {
        let here = at(path);
        if !matches!(node.kind, Kind::Dir | Kind::File(_)) {
            continue;
        }
        let time = node.mtime.and_then(|time| u64::try_from(time).ok()).unwrap_or(mtime.into());
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
        File::open(&here)
            .and_then(|file| file.set_times(FileTimes::new().set_accessed(time).set_modified(time)))
            .and_then(|()| fs::set_permissions(&here, fs::Permissions::from_mode(node.mode)))
            .map_err(|error| Error::io("set the mode of", &here, &error))?;
    }
    Ok(())
}
