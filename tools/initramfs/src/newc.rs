// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees as cpio archives of the `newc` kind, and back.
//!
//! An entry is a header of hexadecimal numbers, a name that ends with a NUL, and data, the latter two padded to a multiple of 4.
//! The `cpio` crate writes and reads headers. It takes names for UTF-8, but they are bytes: it gets a name of the same
//! length, in whose place the bytes are put.

mod write;

pub(crate) use write::too_large;
pub use write::{write, write_to};

use crate::error::Error;
use cpio::newc;
use qos_tree::Kind;
use qos_tree::path::{normal, show};

const HEADER: usize = 110;
/// The file type bits of a mode (`S_IFMT`, inode(7)).
const S_IFMT: u32 = 0o170000;
const S_IFSOCK: u32 = 0o140000;
const S_IFLNK: u32 = 0o120000;
const S_IFREG: u32 = 0o100000;
const S_IFBLK: u32 = 0o060000;
const S_IFDIR: u32 = 0o040000;
const S_IFCHR: u32 = 0o020000;
const S_IFIFO: u32 = 0o010000;
/// The kernel skips an entry with a longer name or link target, silently (PATH_MAX).
const PATH_MAX: usize = 4096;
/// The name of the entry that ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";

/// An archive that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// The entries as they are in the archive, without the trailer.
    pub entries: Vec<Entry>,
    /// Whether the trailer was there. Without it the kernel takes hard links of the next archive for ones of this.
    pub trailer: bool,
    /// How many bytes the archive is long, trailer included.
    pub len: usize,
}

/// One entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as it is written, which may start with `/` or `./`.
    pub name: Vec<u8>,
    /// Inode number.
    pub ino: u32,
    /// File type and permission bits.
    pub mode: u32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// How many names the file has.
    pub nlink: u32,
    /// Modification time, seconds since 1970.
    pub mtime: u32,
    /// Number of the device that a node stands for.
    pub rdev: (u32, u32),
    /// Number of the device that the file was on: with `ino` it tells files with several names apart.
    pub dev: (u32, u32),
    /// Content, or target of a symbolic link.
    pub data: Vec<u8>,
}

/// Reads the archive at the start of `bytes`, up to its trailer; without one, up to the end or to something that is
/// no entry.
///
/// # Errors
///
/// The offset of what is damaged or cut off, and what it is.
pub fn read(bytes: &[u8]) -> Result<Archive, Error> {
    let mut archive = Archive::default();
    let mut at = 0;
    while at < bytes.len() && matches!(bytes[at], b'0') {
        let (entry, len) = read_entry(&bytes[at..]).map_err(|what| {
            let before =
                archive.entries.last().map(|e| format!(", behind {}", show(&e.name))).unwrap_or_default();
            Error::new(format!("at byte {at} of the archive{before}: {what}"))
        })?;
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
    Ok(archive)
}

/// The entry at the start of `bytes`, `None` for the trailer, and how long it is with its padding.
fn read_entry(bytes: &[u8]) -> Result<(Option<Entry>, usize), String> {
    let Some(header) = bytes.get(..HEADER) else {
        return Err(format!("a header of {HEADER} bytes is cut off after {}", bytes.len()));
    };
    match &header[..6] {
        b"070701" | b"070702" => {}
        b"070707" => {
            return Err("an old portable (odc) entry; the kernel reads newc only (cpio -H newc)".to_owned());
        }
        other => return Err(format!("no cpio header: it starts with \"{}\"", other.escape_ascii())),
    }
    if let Some(bad) = header[6..].iter().position(|b| !b.is_ascii_hexdigit()) {
        return Err(format!(
            "byte {} of the header is \"{}\", no hexadecimal digit",
            6 + bad,
            header[6 + bad].escape_ascii()
        ));
    }
    let field = |n: usize| header[6 + 8 * n..14 + 8 * n].iter().fold(0_u32, |v, b| (v << 4) | hex(*b));
    let (size, name_len) = (field(6) as usize, field(11) as usize);
    if name_len == 0 || name_len > PATH_MAX {
        return Err(format!("a name of {name_len} bytes; 1 to {PATH_MAX} with its NUL are allowed"));
    }
    let data_at = (HEADER + name_len).next_multiple_of(4);
    if bytes.len() < data_at {
        return Err(format!("the entry's name of {name_len} bytes is cut off"));
    }
    if bytes.len() - data_at < size {
        let name = bytes[HEADER..HEADER + name_len - 1].escape_ascii();
        return Err(format!("{name} is cut off: {} of its {size} bytes are there", bytes.len() - data_at));
    }
    // A name may be padded with NULs, as dracut-cpio does to align data.
    let Some((0, name)) = bytes[HEADER..HEADER + name_len].split_last() else {
        return Err(format!("the entry's name of {name_len} bytes does not end with a NUL"));
    };
    let name = &name[..name.iter().position(|b| *b == 0).unwrap_or(name.len())];
    let data = &bytes[data_at..data_at + size];
    // A last entry whose padding is missing is whole all the same.
    let len = (data_at + size).next_multiple_of(4).min(bytes.len());
    if name == TRAILER {
        return Ok((None, len));
    }
    let mut start = bytes[..data_at].to_vec();
    start[HEADER..HEADER + name_len - 1].copy_from_slice(placeholder(name_len - 1).as_bytes());
    let reader = newc::Reader::new(start.as_slice()).map_err(|e| e.to_string())?;
    let entry = reader.entry();
    if let Some(sum) = entry.checksum() {
        let found = data.iter().fold(0_u32, |sum, b| sum.wrapping_add(u32::from(*b)));
        if found != sum {
            return Err(format!("{}: its data add up to {found:08x}, not {sum:08x}", show(name)));
        }
    }
    let entry = Entry {
        name: name.to_vec(),
        ino: entry.ino(),
        mode: entry.mode(),
        uid: entry.uid(),
        gid: entry.gid(),
        nlink: entry.nlink(),
        mtime: entry.mtime(),
        dev: (entry.dev_major(), entry.dev_minor()),
        rdev: (entry.rdev_major(), entry.rdev_minor()),
        data: data.to_vec(),
    };
    Ok((Some(entry), len))
}

/// A name for the `cpio` crate in the place of one with as many bytes.
fn placeholder(len: usize) -> String {
    "_".repeat(len)
}

fn hex(digit: u8) -> u32 {
    char::from(digit).to_digit(16).unwrap_or(0)
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
