// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads cpio archives of every format, entry by entry.

mod header;

use crate::error::Error;
pub use header::Format;
use header::Header;
use qos_tree::Kind;
use qos_tree::path::{normal, show};

/// The file type bits of a mode (`S_IFMT`, inode(7)).
pub(crate) const S_IFMT: u32 = 0o170000;
pub(crate) const S_IFSOCK: u32 = 0o140000;
pub(crate) const S_IFLNK: u32 = 0o120000;
pub(crate) const S_IFREG: u32 = 0o100000;
pub(crate) const S_IFBLK: u32 = 0o060000;
pub(crate) const S_IFDIR: u32 = 0o040000;
pub(crate) const S_IFCHR: u32 = 0o020000;
pub(crate) const S_IFIFO: u32 = 0o010000;
/// The kernel skips an entry with a longer name or link target, silently (PATH_MAX).
pub(crate) const PATH_MAX: usize = 4096;
/// The name of the entry that ends an archive.
pub(crate) const TRAILER: &[u8] = b"TRAILER!!!";

/// An archive that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// The format of its first entry.
    pub format: Format,
    /// The entries as they are in the archive, without the trailer.
    pub entries: Vec<Entry>,
    /// Whether the trailer was there. Without it the kernel takes hard links of the next archive for ones of this.
    pub trailer: bool,
    /// Length in bytes, trailer included.
    pub len: usize,
}

/// One entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as it is written, which may start with `/` or `./`.
    pub name: Vec<u8>,
    /// Inode number.
    pub ino: u64,
    /// File type and permission bits.
    pub mode: u32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Number of names that the file has.
    pub nlink: u32,
    /// Modification time, seconds since 1970.
    pub mtime: u64,
    /// Number of the device that a node stands for.
    pub rdev: (u32, u32),
    /// Number of the device that the file was on: together with `ino` it identifies a file with several names.
    pub dev: (u32, u32),
    /// Content, or target of a symbolic link.
    pub data: Vec<u8>,
}

/// Reads the archive at the start of `bytes`, up to its trailer; without one, up to the end or to bytes that are not an
/// entry.
///
/// # Errors
///
/// The offset and the kind of the damage.
pub fn read(bytes: &[u8]) -> Result<Archive, Error> {
    match read_part(bytes) {
        (archive, None) => Ok(archive),
        (_, Some(error)) => Err(error),
    }
}

/// As [`read`], with the entries before the damage.
#[must_use]
pub fn read_part(bytes: &[u8]) -> (Archive, Option<Error>) {
    let mut archive = Archive::default();
    let mut at = 0;
    while is_entry(&bytes[at..]) {
        let (format, entry, len) = match read_entry(&bytes[at..]) {
            Ok(read) => read,
            Err(why) => {
                let last = archive.entries.last();
                let after = last.map(|e| format!(", after {}", show(&e.name))).unwrap_or_default();
                let error = Error::new(format!("at byte {at} of the archive{after}: {why}"));
                return (archive, Some(error));
            }
        };
        if at == 0 {
            archive.format = format;
        }
        at += len;
        archive.len = at;
        match entry {
            Some(entry) => archive.entries.push(entry),
            None => {
                archive.trailer = true;
                break;
            }
        }
        // Between entries a few archivers put zeros.
        let zeros = bytes[at..].iter().take_while(|b| **b == 0).count();
        if bytes.get(at + zeros) == Some(&b'0') && (at + zeros) % 4 == 0 {
            at += zeros;
        }
    }
    (archive, None)
}

/// Whether an archive starts with `bytes`.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    Format::detect(bytes).is_some()
}

/// Whether an archive starts with `bytes`. A `0` is enough, so that a damaged header is reported as such.
pub(crate) fn is_entry(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'0') || Format::detect(bytes).is_some()
}

/// The entry at the start of `bytes`, `None` for the trailer, and its length with padding.
fn read_entry(bytes: &[u8]) -> Result<(Format, Option<Entry>, usize), String> {
    let Header { format, mut entry, name_at, name_len, size, sum } = Header::read(bytes)?;
    if name_len == 0 || name_len > PATH_MAX {
        return Err(format!("a name of {name_len} bytes; 1 to {PATH_MAX} with its NUL are allowed"));
    }
    let data_at = format.align(name_at + name_len);
    if bytes.len() < data_at {
        return Err(format!("the entry's name of {name_len} bytes is cut off"));
    }
    let left = bytes.len() - data_at;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size <= left) else {
        let name = bytes[name_at..name_at + name_len - 1].escape_ascii();
        return Err(format!("{name} is cut off: {left} of its {size} bytes are there"));
    };
    // A name may be padded with NULs, as dracut-cpio does to align data.
    let Some((0, name)) = bytes[name_at..name_at + name_len].split_last() else {
        return Err(format!("the entry's name of {name_len} bytes does not end with a NUL"));
    };
    entry.name = name[..name.iter().position(|b| *b == 0).unwrap_or(name.len())].to_vec();
    let data = &bytes[data_at..data_at + size];
    // A last entry whose padding is missing is whole all the same.
    let len = format.align(data_at + size).min(bytes.len());
    if entry.name == TRAILER && !entry.is_symlink() {
        return Ok((format, None, len));
    }
    // The kernel looks at regular files only; GNU cpio leaves 0 in symbolic links.
    if let Some(sum) = sum.filter(|_| entry.is_file()) {
        let found = data.iter().fold(0_u32, |sum, b| sum.wrapping_add(u32::from(*b)));
        if found != sum {
            return Err(format!("{}: its data add up to {found:08x}, not {sum:08x}", show(&entry.name)));
        }
    }
    entry
        .data
        .try_reserve_exact(size)
        .map_err(|_| format!("{}: no memory for its {size} bytes", show(&entry.name)))?;
    entry.data.extend_from_slice(data);
    Ok((format, Some(entry), len))
}

/// What an entry is; an error for a file type that does not exist.
pub(crate) fn kind(entry: &Entry) -> Result<Kind, Error> {
    let (major, minor) = entry.rdev;
    Ok(match entry.mode & S_IFMT {
        S_IFDIR => Kind::Dir,
        S_IFREG => Kind::File(entry.data.as_slice().into()),
        S_IFLNK => Kind::Symlink(entry.target().to_vec()),
        S_IFCHR => Kind::Char { major, minor },
        S_IFBLK => Kind::Block { major, minor },
        S_IFIFO => Kind::Fifo,
        S_IFSOCK => Kind::Socket,
        _ => {
            return Err(Error::new(format!(
                "{} has mode {:o}, which is no kind of file",
                show(&entry.name),
                entry.mode
            )));
        }
    })
}

/// The path of an entry in the image.
pub(crate) fn path(entry: &Entry) -> Result<Vec<u8>, Error> {
    normal(&entry.name).ok_or_else(|| Error::new(format!("{} leads out of the image", show(&entry.name))))
}

impl Entry {
    /// The target of a symbolic link. (The kernel takes it up to the first NUL.)
    pub fn target(&self) -> &[u8] {
        let end = self.data.iter().position(|b| *b == 0).unwrap_or(self.data.len());
        &self.data[..end]
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.mode & S_IFMT == S_IFLNK
    }

    /// Whether it is a device node.
    pub fn is_device(&self) -> bool {
        matches!(self.mode & S_IFMT, S_IFCHR | S_IFBLK)
    }

    /// Whether it is a device node, a pipe or a socket.
    fn is_node(&self) -> bool {
        matches!(self.mode & S_IFMT, S_IFCHR | S_IFBLK | S_IFIFO | S_IFSOCK)
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.mode & S_IFMT == S_IFREG
    }

    /// The letter that `ls -l` shows for the file type; `?` for none that exists.
    pub fn type_letter(&self) -> char {
        match self.mode & S_IFMT {
            S_IFDIR => 'd',
            S_IFREG => '-',
            S_IFLNK => 'l',
            S_IFCHR => 'c',
            S_IFBLK => 'b',
            S_IFIFO => 'p',
            S_IFSOCK => 's',
            _ => '?',
        }
    }
}
