// SPDX-License-Identifier: MIT OR Apache-2.0
//! Special files: mknod(2).

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use std::io;
use std::path::Path;

/// A kind of special file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A pipe with a name.
    Fifo,
    /// A device of characters: its major and minor number.
    Character(u32, u32),
    /// A device of blocks: its major and minor number.
    Block(u32, u32),
}

/// Makes a special file at `path` with the permissions `mode`, less those of the umask.
///
/// # Errors
/// As in mknod(2): EEXIST when there is a file already, EPERM when a device is not allowed.
pub fn make(path: &Path, node: Node, mode: u32) -> io::Result<()> {
    let (kind, device) = match node {
        Node::Fifo => (FileType::Fifo, 0),
        Node::Character(major, minor) => (FileType::CharacterDevice, makedev(major, minor)),
        Node::Block(major, minor) => (FileType::BlockDevice, makedev(major, minor)),
    };
    Ok(mknodat(CWD, path, kind, Mode::from_raw_mode(mode & 0o7777), device)?)
}

/// Major and minor number of a device number, as `stat` has it.
#[must_use]
pub fn numbers(device: u64) -> (u32, u32) {
    (rustix::fs::major(device), rustix::fs::minor(device))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileTypeExt;

    #[test]
    fn a_fifo() {
        let path = std::env::temp_dir().join(format!("qos-sys-fifo-{}", std::process::id()));
        make(&path, Node::Fifo, 0o600).unwrap();
        assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
        assert_eq!(make(&path, Node::Fifo, 0o600).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(numbers(makedev(4, 64)), (4, 64));
    }
}
