// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees as cpio archives of the `newc` kind, and back.
//!
//! The `cpio` crate writes and reads single entries. What it leaves to its user is here: the order, inode numbers,
//! which name of a file carries its data, and (the crate takes a short archive for a whole one, and reads "+" as a
//! hexadecimal digit) that everything announced is there.

use crate::error::Error;
use crate::tree::{Kind, Tree};
use cpio::newc;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Write};

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

/// The tree as an archive that ends after its trailer, its length a multiple of 4.
///
/// The same tree gives the same bytes: entries are sorted by name, inode numbers count from 1 in that order, every
/// modification time is `mtime` (seconds since 1970). A file with several names has one inode number, and its data
/// comes with the last name, as GNU cpio has it.
///
/// # Errors
///
/// A file of 4 GiB or more, which the format cannot hold; a hard link to nothing.
pub fn write(tree: &Tree, mtime: u32) -> Result<Vec<u8>, Error> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, node) in tree.iter() {
        let first = match &node.kind {
            Kind::Hardlink(first) if tree.content(path).is_some() => first,
            Kind::Hardlink(first) => {
                return Err(Error::new(format!(
                    "hard link /{path} to /{first}, which is not a file of the image"
                )));
            }
            _ => path,
        };
        names.entry(first).or_default().push(path);
    }
    let mut inodes: HashMap<&str, u32> = HashMap::new();
    let mut out = Vec::new();
    for (path, node) in tree.iter() {
        let first = if let Kind::Hardlink(first) = &node.kind { first } else { path };
        let links = names.get(first).map_or(&[][..], Vec::as_slice);
        let next = inodes.len() as u32 + 1;
        let ino = *inodes.entry(first).or_insert(next);
        let node = tree.inode(path).unwrap_or(node);
        let is_last = links.last() == Some(&path);
        let (kind, data, device): (u32, &[u8], (u32, u32)) = match &node.kind {
            Kind::Dir => (S_IFDIR, &[], (0, 0)),
            Kind::File(data) if is_last => (S_IFREG, data, (0, 0)),
            Kind::File(_) | Kind::Hardlink(_) => (S_IFREG, &[], (0, 0)),
            Kind::Symlink(target) => (S_IFLNK, target.as_bytes(), (0, 0)),
            Kind::Char { major, minor } => (S_IFCHR, &[], (*major, *minor)),
            Kind::Block { major, minor } => (S_IFBLK, &[], (*major, *minor)),
            Kind::Fifo => (S_IFIFO, &[], (0, 0)),
            Kind::Socket => (S_IFSOCK, &[], (0, 0)),
        };
        let size = u32::try_from(data.len()).map_err(|_| too_large(path, data.len() as u64))?;
        // A directory's own and its `.`: what GNU cpio writes for one without subdirectories. The kernel ignores it.
        let nlink = if kind == S_IFDIR { 2 } else { links.len().max(1) as u32 };
        let entry = newc::Builder::new(if path.is_empty() { "." } else { path })
            .ino(ino)
            .mode(kind | node.mode)
            .uid(node.uid)
            .gid(node.gid)
            .nlink(nlink)
            .mtime(mtime)
            .rdev_major(device.0)
            .rdev_minor(device.1);
        out = append(entry, out, data, size).map_err(|e| Error::new(format!("cannot write /{path}: {e}")))?;
    }
    newc::trailer(out).map_err(|e| Error::new(format!("cannot write the trailer: {e}")))
}

fn append(entry: newc::Builder, out: Vec<u8>, data: &[u8], size: u32) -> io::Result<Vec<u8>> {
    let mut writer = entry.write(out, size);
    writer.write_all(data)?;
    writer.finish()
}

/// The error for a file that a `newc` header cannot tell the size of.
pub(crate) fn too_large(path: &str, size: u64) -> Error {
    Error::new(format!(
        "/{path} has {size} bytes: a file in an initramfs has at most {} (4 GiB - 1); put it on a disk instead",
        u32::MAX
    ))
}

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
    pub name: String,
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
            let before = archive.entries.last().map(|e| format!(", behind {}", e.name)).unwrap_or_default();
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
    let mut reader = newc::Reader::new(bytes).map_err(|e| e.to_string())?;
    let mut data = Vec::with_capacity(size);
    reader.read_to_end(&mut data).map_err(|e| e.to_string())?;
    let entry = reader.entry().clone();
    // A last entry whose padding is missing is whole all the same.
    let len = (data_at + size).next_multiple_of(4).min(bytes.len());
    if entry.is_trailer() {
        return Ok((None, len));
    }
    if let Some(sum) = entry.checksum() {
        let found = data.iter().fold(0_u32, |sum, b| sum.wrapping_add(u32::from(*b)));
        if found != sum {
            return Err(format!("{}: its data add up to {found:08x}, not {sum:08x}", entry.name()));
        }
    }
    let entry = Entry {
        name: entry.name().to_owned(),
        ino: entry.ino(),
        mode: entry.mode(),
        uid: entry.uid(),
        gid: entry.gid(),
        nlink: entry.nlink(),
        mtime: entry.mtime(),
        rdev: (entry.rdev_major(), entry.rdev_minor()),
        dev: (entry.dev_major(), entry.dev_minor()),
        data,
    };
    Ok((Some(entry), len))
}

fn hex(digit: u8) -> u32 {
    char::from(digit).to_digit(16).unwrap_or(0)
}

/// What an entry is; an error for a file type that does not exist.
pub(crate) fn kind(entry: &Entry) -> Result<Kind, Error> {
    let (major, minor) = entry.rdev;
    Ok(match entry.mode & S_IFMT {
        S_IFDIR => Kind::Dir,
        S_IFREG => Kind::File(entry.data.clone()),
        S_IFLNK => Kind::Symlink(entry.target().into_owned()),
        S_IFCHR => Kind::Char { major, minor },
        S_IFBLK => Kind::Block { major, minor },
        S_IFIFO => Kind::Fifo,
        S_IFSOCK => Kind::Socket,
        _ => {
            return Err(Error::new(format!(
                "{} has mode {:o}, which is no kind of file",
                entry.name, entry.mode
            )));
        }
    })
}

/// The path of an entry in the image: without `/` or `./` in front, and "" for the root itself.
pub(crate) fn normal(name: &str) -> Result<String, Error> {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(Error::new(format!("{name} leads out of the image"))),
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

impl Entry {
    /// The target of a symbolic link. (The kernel takes it up to the first NUL.)
    pub fn target(&self) -> std::borrow::Cow<'_, str> {
        let end = self.data.iter().position(|b| *b == 0).unwrap_or(self.data.len());
        String::from_utf8_lossy(&self.data[..end])
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
