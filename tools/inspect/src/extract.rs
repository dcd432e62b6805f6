// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the files of an image into a directory of the host.

use crate::error::Error;
use filetime::FileTime;
use qos_tree::path::{join, normal, show, split};
use qos_tree::{Content, Kind, Node, Tree};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

/// The parts of a tree at `paths`, with everything below them and the directories above them. Symbolic links in the directories are
/// followed; one at the end is kept. Of a file with several names, the requested name becomes the file.
///
/// # Errors
///
/// Nothing is at one of the paths.
pub fn only(tree: &Tree, paths: &[&[u8]]) -> Result<Tree, Error> {
    let mut part = Tree::default();
    for path in paths {
        let missing = |why: qos_tree::Unresolved| Error::new(why.to_string());
        let wanted =
            normal(path).ok_or_else(|| Error::new(format!("{} leads out of the image", show(path))))?;
        let at = match split(&wanted) {
            Some((parent, name)) => join(&tree.resolve(parent).map_err(missing)?, name),
            None => Vec::new(),
        };
        let below = if at.is_empty() { Vec::new() } else { [&at[..], b"/"].concat() };
        let mut found = false;
        for (path, node) in tree.iter().filter(|(path, _)| *path == at || path.starts_with(&below)) {
            found = true;
            for (end, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
                if let Some(parent) = tree.get(&path[..end]).filter(|_| part.get(&path[..end]).is_none()) {
                    part.insert(&path[..end], parent.clone());
                }
            }
            let node = match &node.kind {
                Kind::Hardlink(first) if part.content(first).is_none() => tree.inode(path).unwrap_or(node),
                _ => node,
            };
            part.insert(path, node.clone());
        }
        if !found {
            return Err(missing(tree.resolve(&at).err().unwrap_or(qos_tree::Unresolved::Missing(at))));
        }
    }
    Ok(part)
}

/// Writes directories, files and links with their modes and times into `folder`, which has to be new or empty. After an error
/// it is as it was before.
///
/// It works without root: everything belongs to the caller, set-id bits are left out, and device nodes, pipes and
/// sockets are skipped; their paths are returned. Nothing is written outside of `folder`, whatever the archive holds.
///
/// # Errors
///
/// What cannot be written; an entry below something that is no directory.
pub fn extract(tree: &Tree, folder: &Path) -> Result<Vec<String>, Error> {
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(|e| Error::io("create the directory", folder, &e))?;
    if fs::read_dir(folder).map_err(|e| Error::io("read the directory", folder, &e))?.next().is_some() {
        return Err(Error::new(format!("{} is not empty: name a new directory", folder.display())));
    }
    write_tree(tree, folder).inspect_err(|_| drop(remove(folder, is_new)))
}

/// Removes what is in `folder`, and itself if `with_folder`. Symbolic links are removed, not followed.
fn remove(folder: &Path, with_folder: bool) -> std::io::Result<()> {
    if with_folder {
        return fs::remove_dir_all(folder);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn write_tree(tree: &Tree, folder: &Path) -> Result<Vec<String>, Error> {
    let host = |path: &[u8]| folder.join(OsStr::from_bytes(path));
    let mut skipped = Vec::new();
    for (path, node) in tree.iter() {
        // Symbolic links come out of the archive: writing through one could lead anywhere.
        let parent = split(path).map_or(&[][..], |(parent, _)| parent);
        if !parent.is_empty() && !tree.is_dir(parent) {
            let (path, parent) = (show(path), show(parent));
            return Err(Error::new(format!("/{path} is below /{parent}, which is no directory")));
        }
        let to = host(path);
        let written = match &node.kind {
            // The root is there: it is `folder`.
            Kind::Dir if path.is_empty() => Ok(()),
            Kind::Dir => fs::create_dir(&to),
            Kind::File(data) => write(&to, data, node.mode),
            // The file that has the content may come later.
            Kind::Hardlink(_) => Ok(()),
            Kind::Symlink(target) => symlink(OsStr::from_bytes(target), &to),
            Kind::Char { .. } | Kind::Block { .. } | Kind::Fifo | Kind::Socket => {
                skipped.push(show(path).into_owned());
                Ok(())
            }
        };
        written.map_err(|e| Error::io("write", &to, &e))?;
    }
    for (path, node) in tree.iter() {
        let Kind::Hardlink(first) = &node.kind else { continue };
        let Some(data) = tree.content(path) else {
            return Err(Error::new(format!("/{} is a link to nothing", show(path))));
        };
        let to = host(path);
        // A file system without hard links gets copies.
        fs::hard_link(host(first), &to)
            .or_else(|_| write(&to, data, tree.inode(path).map_or(0o644, |node| node.mode)))
            .map_err(|e| Error::io("write", &to, &e))?;
    }
    // A directory that its owner may not write is closed only when everything is in it, and has its time then.
    for (path, node) in tree.iter().collect::<Vec<_>>().into_iter().rev() {
        finish(&host(path), node)?;
    }
    Ok(skipped)
}

fn write(path: &Path, content: &Content, mode: u32) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    content.copy_to(&mut file)?;
    file.set_permissions(fs::Permissions::from_mode(mode & 0o777))
}

/// Sets the mode of a directory, and the time of anything that is written.
fn finish(path: &Path, node: &Node) -> Result<(), Error> {
    if node.kind == Kind::Dir {
        fs::set_permissions(path, fs::Permissions::from_mode(node.mode & 0o777))
            .map_err(|e| Error::io("set the mode of", path, &e))?;
    }
    let is_written = matches!(node.kind, Kind::Dir | Kind::File(_) | Kind::Symlink(_));
    let Some(time) = node.mtime.filter(|_| is_written) else { return Ok(()) };
    let time = FileTime::from_unix_time(time, 0);
    filetime::set_symlink_file_times(path, time, time).map_err(|e| Error::io("set the time of", path, &e))
}
