// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees of files: unlinkat(2), statfs(2).

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::io;
use std::os::fd::AsFd;

/// Whether `directory` is on a file system in memory (ramfs, tmpfs), as an initramfs is.
///
/// # Errors
/// As in statfs(2).
pub fn is_in_memory(directory: impl AsFd) -> io::Result<bool> {
    const RAMFS: i64 = 0x8584_58f6;
    const TMPFS: i64 = 0x0102_1994;
    let kind = rustix::fs::fstatfs(directory)?.f_type;
    Ok(kind == RAMFS || kind == TMPFS)
}

/// Deletes everything in `directory` that is on its file system: what is mounted below it stays. Goes on after a
/// failure, and gives how many files and directories it deleted.
///
/// # Errors
/// The first failure.
pub fn remove_contents(directory: impl AsFd) -> io::Result<u64> {
    let device = rustix::fs::fstat(&directory)?.st_dev;
    let (mut removed, mut failure) = (0, None);
    remove(directory.as_fd(), device, &mut removed, &mut failure);
    failure.map_or(Ok(removed), Err)
}

fn remove(directory: impl AsFd, device: u64, removed: &mut u64, failure: &mut Option<io::Error>) {
    let mut keep = |error: rustix::io::Errno| {
        failure.get_or_insert(error.into());
    };
    let entries = match Dir::read_from(&directory) {
        Ok(entries) => entries,
        Err(error) => return keep(error),
    };
    // Read to the end first: an entry that goes while the directory is read may hide another one.
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_owned()).collect();
    for name in names.iter().filter(|name| !matches!(name.to_bytes(), b"." | b"..")) {
        let name = name.as_c_str();
        let stat = match rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(error) => {
                failure.get_or_insert(error.into());
                continue;
            }
        };
        if stat.st_dev != device {
            continue;
        }
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if is_directory {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match rustix::fs::openat(&directory, name, flags, Mode::empty()) {
                Ok(inner) => remove(inner, device, removed, failure),
                Err(error) => {
                    failure.get_or_insert(error.into());
                }
            }
        }
        let flags = if is_directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        match rustix::fs::unlinkat(&directory, name, flags) {
            Ok(()) => *removed += 1,
            // A directory in which something is mounted.
            Err(rustix::io::Errno::NOTEMPTY | rustix::io::Errno::BUSY) => {}
            Err(error) => {
                failure.get_or_insert(error.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;

    #[test]
    fn all_but_the_directory_itself() {
        let root = std::env::temp_dir().join(format!("qos-sys-tree-{}", std::process::id()));
        fs::create_dir_all(root.join("in/a/b")).unwrap();
        fs::write(root.join("kept"), "").unwrap();
        fs::write(root.join("in/a/b/c"), "").unwrap();
        symlink("../../kept", root.join("in/a/link")).unwrap();
        symlink(&root, root.join("in/out")).unwrap();
        let directory = File::open(root.join("in")).unwrap();
        assert_eq!(remove_contents(&directory).unwrap(), 5);
        assert_eq!(fs::read_dir(root.join("in")).unwrap().count(), 0);
        assert!(root.join("kept").exists());
        fs::remove_dir_all(&root).unwrap();
        assert!(!is_in_memory(File::open("/proc").unwrap()).unwrap());
    }
}
