// SPDX-License-Identifier: MIT OR Apache-2.0
//! Copies of trees of files, as they are: owners, modes, times, symbolic and hard links.

use qos_sys::node::{self, Node};
use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown, symlink,
};
use std::path::{Path, PathBuf};

/// `O_NONBLOCK`: what has become a pipe meanwhile is opened without waiting for a writer.
const NONBLOCK: i32 = 0o4000;

/// Copies `from` to `to`, which does not exist, with all that is in it. Sockets are left out: no program has them open.
/// Extended attributes are not copied.
///
/// # Errors
/// The first one, with its path; what was copied until then stays. A tree in which another file system is mounted is
/// not copied.
pub fn copy(from: &Path, to: &Path) -> Result<(), (PathBuf, io::Error)> {
    let device = fs::symlink_metadata(from).map_err(|error| (from.to_owned(), error))?.dev();
    Copy { device, links: HashMap::new() }.entry(from, to)
}

struct Copy {
    /// The file system that is copied.
    device: u64,
    /// Copies of files that have several names, by the numbers of their inodes.
    links: HashMap<u64, PathBuf>,
}

impl Copy {
    fn entry(&mut self, from: &Path, to: &Path) -> Result<(), (PathBuf, io::Error)> {
        let at_from = |error| (from.to_owned(), error);
        let metadata = fs::symlink_metadata(from).map_err(at_from)?;
        if metadata.dev() != self.device {
            return Err(at_from(io::Error::other("another file system is mounted there")));
        }
        if metadata.is_dir() {
            DirBuilder::new().mode(0o700).create(to).map_err(|error| (to.to_owned(), error))?;
            for entry in fs::read_dir(from).map_err(at_from)? {
                let name = entry.map_err(at_from)?.file_name();
                self.entry(&from.join(&name), &to.join(&name))?;
            }
        } else if let Some(first) = self.links.get(&metadata.ino()) {
            return fs::hard_link(first, to).map_err(|error| (to.to_owned(), error));
        } else if metadata.file_type().is_socket() {
            return Ok(());
        } else {
            one(from, to, &metadata)?;
            if metadata.nlink() > 1 {
                self.links.insert(metadata.ino(), to.to_owned());
            }
        }
        give(to, &metadata).map_err(|error| (to.to_owned(), error))
    }
}

/// Copies a file that is no directory.
fn one(from: &Path, to: &Path, metadata: &Metadata) -> Result<(), (PathBuf, io::Error)> {
    let (at_from, at_to) = (|error| (from.to_owned(), error), |error| (to.to_owned(), error));
    let kind = metadata.file_type();
    if kind.is_symlink() {
        return symlink(fs::read_link(from).map_err(at_from)?, to).map_err(at_to);
    }
    if !kind.is_file() {
        let (major, minor) = node::numbers(metadata.rdev());
        let special = match kind {
            kind if kind.is_fifo() => Node::Fifo,
            kind if kind.is_char_device() => Node::Character(major, minor),
            _ => Node::Block(major, minor),
        };
        return node::make(to, special, 0o600).map_err(at_to);
    }
    let mut source = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(from).map_err(at_from)?;
    let opened = source.metadata().map_err(at_from)?;
    if (opened.dev(), opened.ino()) != (metadata.dev(), metadata.ino()) {
        // By a link in its place, a file of another user would be copied.
        return Err(at_from(io::Error::other("it was replaced while it was copied")));
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(at_to)?;
    io::copy(&mut source, &mut file).map(drop).map_err(at_to)
}

/// Gives the copy at `to` the owner, the mode and the times of `metadata`. The owner first: its change clears bits of the
/// mode.
fn give(to: &Path, metadata: &Metadata) -> io::Result<()> {
    lchown(to, Some(metadata.uid()), Some(metadata.gid()))?;
    if metadata.is_symlink() {
        return Ok(());
    }
    if metadata.is_dir() || metadata.is_file() {
        let times = FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?);
        File::open(to)?.set_times(times)?;
    }
    fs::set_permissions(to, fs::Permissions::from_mode(metadata.mode() & 0o7777))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn all_of_it() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("from"), root.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        for (name, mode) in [("plain", 0o640), ("program", 0o755), ("a/b/closed", 0o000), ("a/two", 0o600)] {
            fs::write(from.join(name), name).unwrap();
            fs::set_permissions(from.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        if !qos_sys::process::is_root() {
            // What its owner cannot read, only root copies.
            fs::remove_file(from.join("a/b/closed")).unwrap();
        }
        symlink("/nowhere", from.join("link")).unwrap();
        fs::hard_link(from.join("a/two"), from.join("names")).unwrap();
        fs::hard_link(from.join("link"), from.join("a/link")).unwrap();
        node::make(&from.join("pipe"), Node::Fifo, 0o600).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(from.join("socket")).unwrap();
        if qos_sys::process::is_root() {
            lchown(from.join("link"), Some(77), Some(88)).unwrap();
            lchown(from.join("program"), Some(77), Some(88)).unwrap();
            fs::set_permissions(from.join("program"), fs::Permissions::from_mode(0o4755)).unwrap();
        }
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        File::open(from.join("plain")).unwrap().set_modified(old).unwrap();
        fs::set_permissions(from.join("a"), fs::Permissions::from_mode(0o1750)).unwrap();
        File::open(from.join("a")).unwrap().set_modified(old).unwrap();

        copy(&from, &to).unwrap();
        let mut count = 0;
        let mut directories = vec![PathBuf::new()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(from.join(&directory)).unwrap() {
                let path = directory.join(entry.unwrap().file_name());
                if path == Path::new("socket") {
                    assert!(!to.join(path).exists());
                    continue;
                }
                let facts = |root: &Path| {
                    let path = root.join(&path);
                    let m = fs::symlink_metadata(&path).unwrap();
                    let modified = if m.is_file() || m.is_dir() { m.modified().ok() } else { None };
                    let text = if m.is_file() { fs::read(&path).ok() } else { None };
                    let links = if m.is_dir() { 0 } else { m.nlink() };
                    (m.mode(), m.uid(), m.gid(), links, modified, text, fs::read_link(&path).ok())
                };
                assert_eq!(facts(&to), facts(&from), "{path:?}");
                if from.join(&path).is_dir() {
                    directories.push(path);
                }
                count += 1;
            }
        }
        assert!(count >= 9, "{count}");
        let inode = |name| fs::symlink_metadata(to.join(name)).unwrap().ino();
        assert_eq!((inode("names"), inode("link")), (inode("a/two"), inode("a/link")));
    }

    #[test]
    fn not_over_another_one() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), "new").unwrap();
        fs::write(root.path().join("there"), "old").unwrap();
        let (path, error) = copy(&root.path().join("file"), &root.path().join("there")).unwrap_err();
        assert_eq!((path, error.kind()), (root.path().join("there"), io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(root.path().join("there")).unwrap(), "old");
        assert!(copy(&root.path().join("none"), &root.path().join("to")).is_err());
        // A file system in another one: /proc is mounted below /.
        if fs::metadata("/proc").unwrap().dev() != fs::metadata("/").unwrap().dev() {
            let mut copy = Copy { device: fs::metadata("/").unwrap().dev(), links: HashMap::new() };
            assert!(copy.entry(Path::new("/proc"), &root.path().join("proc")).is_err());
            assert!(!root.path().join("proc").exists());
        }
    }
}
