// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a whole FAT file system: the same bytes on every run.
//!
//! Source: Microsoft's FAT specification (fatgen103). Files are contiguous, times are the earliest that FAT can store, and names
//! that are not 8.3 names in capitals have long entries.

use crate::error::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

const SECTOR: u64 = 512;
const ENTRY: usize = 32;
/// Entries of FAT16's root directory.
const ROOT_ENTRIES: u64 = 512;
/// With fewer clusters it is FAT12, with more FAT32.
const FAT16: std::ops::RangeInclusive<u64> = 4085..=65524;
/// From this size on a file system is FAT32.
const FAT32_SIZE: u64 = 260 << 20;
const DIRECTORY: u8 = 0x10;
const LABEL: u8 = 0x08;
/// 1 January 1980.
const DATE: u16 = (1 << 5) | 1;

/// Files by their names.
#[derive(Default)]
struct Directory(BTreeMap<String, Node>);

enum Node {
    File(Vec<u8>),
    Directory(Directory),
}

/// The numbers of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    fat32: bool,
    sectors: u64,
    per_cluster: u64,
    reserved: u64,
    fat_sectors: u64,
    root_sectors: u64,
    clusters: u64,
}

impl Shape {
    /// The shape of a file system of `size` bytes, unless it is too small or too large.
    fn of(size: u64) -> Option<Self> {
        let fat32 = size >= FAT32_SIZE;
        let sectors = size / SECTOR;
        u32::try_from(sectors).ok()?;
        let (reserved, root_sectors, width) =
            if fat32 { (32, 0, 4) } else { (4, ROOT_ENTRIES * ENTRY as u64 / SECTOR, 2) };
        let smallest = if fat32 { 8 } else { 1 };
        (0..8).map(|shift| 1 << shift).filter(|per_cluster| *per_cluster >= smallest).find_map(
            |per_cluster| {
                let mut fat_sectors = 1;
                loop {
                    let clusters =
                        sectors.checked_sub(reserved + root_sectors + 2 * fat_sectors)? / per_cluster;
                    let needed = ((clusters + 2) * width).div_ceil(SECTOR);
                    if needed <= fat_sectors {
                        let fits = if fat32 {
                            clusters > *FAT16.end() && clusters < 0x0fff_fff5
                        } else {
                            FAT16.contains(&clusters)
                        };
                        let shape = Self {
                            fat32,
                            sectors,
                            per_cluster,
                            reserved,
                            fat_sectors,
                            root_sectors,
                            clusters,
                        };
                        return fits.then_some(shape);
                    }
                    fat_sectors = needed;
                }
            },
        )
    }

    fn cluster_bytes(self) -> usize {
        (self.per_cluster * SECTOR) as usize
    }

    /// The byte at which a cluster starts. The first has the number 2.
    fn offset(self, cluster: u32) -> u64 {
        let first = self.reserved + 2 * self.fat_sectors + self.root_sectors;
        (first + (u64::from(cluster) - 2) * self.per_cluster) * SECTOR
    }
}

/// Makes a file system of `size` bytes in the file `out`, with `files` by their paths.
///
/// # Errors
/// `out` cannot be written, the size is not one of FAT16 or FAT32, the files do not fit, or a name or label is too long.
pub fn make(
    size: u64,
    id: u32,
    label: Option<&str>,
    files: &[(String, Vec<u8>)],
    out: &Path,
) -> Result<(), Error> {
    let shape =
        Shape::of(size).ok_or_else(|| Error::new(format!("FAT cannot have {size} bytes: 4 MiB to 2 TiB")))?;
    let mut root = Directory::default();
    for (path, content) in files {
        insert(&mut root, path, content)?;
    }
    let label = label.map(padded).transpose()?;
    let mut volume = Volume { shape, chains: Vec::new(), data: Vec::new() };
    let first = if shape.fat32 {
        volume.allocate((entries(&root, true, label.is_some()) * ENTRY).max(1))?
    } else {
        0
    };
    let bytes = volume.directory(&root, None, first, label)?;
    let write = || -> io::Result<()> {
        let mut file = File::create(out)?;
        file.set_len(size)?;
        volume.write(&mut file, id, label, first, &bytes)
    };
    write().map_err(|error| Error::io("write", out, &error))
}

fn insert(root: &mut Directory, path: &str, content: &[u8]) -> Result<(), Error> {
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = root;
    for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
        let node = at.0.entry(parent.to_owned()).or_insert_with(|| Node::Directory(Directory::default()));
        at = match node {
            Node::Directory(directory) => directory,
            Node::File(_) => return Err(Error::new(format!("{path} is below a file"))),
        };
    }
    at.0.insert(name.to_owned(), Node::File(content.to_vec()));
    Ok(())
}

fn padded(text: &str) -> Result<[u8; 11], Error> {
    let mut name = [b' '; 11];
    let room = name.get_mut(..text.len()).filter(|_| text.is_ascii());
    let room =
        room.ok_or_else(|| Error::new(format!("the label \"{text}\" is longer than 11 bytes of ASCII")))?;
    room.copy_from_slice(text.to_ascii_uppercase().as_bytes());
    Ok(name)
}

/// How many entries a directory takes.
fn entries(directory: &Directory, root: bool, label: bool) -> usize {
    let own = if root { usize::from(label) } else { 2 };
    own + directory.0.keys().map(|name| 1 + long_entries(name)).sum::<usize>()
}

fn long_entries(name: &str) -> usize {
    if short(name).is_some() { 0 } else { name.encode_utf16().count().div_ceil(13) }
}

/// The name as 8.3, if it is one in capitals.
fn short(name: &str) -> Option<[u8; 11]> {
    let (base, ending) = name.split_once('.').unwrap_or((name, ""));
    let good = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || b"_-".contains(&c);
    if base.is_empty() || base.len() > 8 || ending.len() > 3 || !base.bytes().chain(ending.bytes()).all(good)
    {
        return None;
    }
    let mut out = [b' '; 11];
    out[..base.len()].copy_from_slice(base.as_bytes());
    out[8..8 + ending.len()].copy_from_slice(ending.as_bytes());
    Some(out)
}

/// The short name of a file with a long one, the `number`th of its directory: `VMLIN~1`.
fn alias(name: &str, number: usize) -> [u8; 11] {
    let good = name.bytes().filter(u8::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    let tail = format!("~{number}");
    let mut text: Vec<u8> = good.take(8 - tail.len()).collect();
    text.extend(tail.bytes());
    let mut out = [b' '; 11];
    out[..text.len()].copy_from_slice(&text);
    out
}

/// The FAT and the contents of clusters while they are made.
struct Volume {
    shape: Shape,
    /// First cluster and number of clusters of each file.
    chains: Vec<(u32, u32)>,
    data: Vec<(u32, Vec<u8>)>,
}

impl Volume {
    /// The first of the clusters for so many bytes; 0 for none.
    fn allocate(&mut self, bytes: usize) -> Result<u32, Error> {
        let count = bytes.div_ceil(self.shape.cluster_bytes()) as u64;
        let next = self.chains.last().map_or(2, |(first, count)| first + count);
        if count == 0 {
            return Ok(0);
        }
        if u64::from(next) - 2 + count > self.shape.clusters {
            let have = self.shape.clusters * self.shape.per_cluster * SECTOR;
            return Err(Error::new(format!(
                "the files do not fit into the {have} bytes of the FAT file system"
            )));
        }
        // At most `clusters`, which has 28 bits.
        self.chains.push((next, count as u32));
        Ok(next)
    }

    /// The entries of a directory that starts at `own`, in the one that starts at `parent`, after its files were put into clusters.
    fn directory(
        &mut self,
        directory: &Directory,
        parent: Option<u32>,
        own: u32,
        label: Option<[u8; 11]>,
    ) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        match parent {
            Some(parent) => {
                bytes.extend(entry(*b".          ", DIRECTORY, own, 0));
                bytes.extend(entry(*b"..         ", DIRECTORY, parent, 0));
            }
            None => bytes.extend(label.map(|label| entry(label, LABEL, 0, 0)).into_iter().flatten()),
        }
        for (number, (name, node)) in (1..).zip(&directory.0) {
            let short = match short(name) {
                Some(short) => short,
                None => {
                    let alias = alias(name, number);
                    bytes.extend(long(name, &alias)?);
                    alias
                }
            };
            match node {
                Node::File(content) => {
                    let size = u32::try_from(content.len())
                        .map_err(|_| Error::new(format!("{name} is over 4 GiB, which FAT does not have")))?;
                    let first = self.allocate(content.len())?;
                    bytes.extend(entry(short, 0, first, size));
                    self.data.push((first, content.clone()));
                }
                Node::Directory(below) => {
                    let first = self.allocate(entries(below, false, false) * ENTRY)?;
                    bytes.extend(entry(short, DIRECTORY, first, 0));
                    // `..` of a directory in the root is 0, whatever the root's cluster.
                    let content =
                        self.directory(below, Some(if parent.is_none() { 0 } else { own }), first, None)?;
                    self.data.push((first, content));
                }
            }
        }
        Ok(bytes)
    }

    fn write(
        &self,
        file: &mut File,
        id: u32,
        label: Option<[u8; 11]>,
        root: u32,
        entries: &[u8],
    ) -> io::Result<()> {
        let shape = self.shape;
        let mut put = |offset: u64, bytes: &[u8]| -> io::Result<()> {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        };
        let boot = boot_sector(shape, id, label, root);
        put(0, &boot)?;
        if shape.fat32 {
            let info = info_sector(shape, self.chains.last().map_or(2, |(first, count)| first + count));
            put(SECTOR, &info)?;
            put(6 * SECTOR, &boot)?;
            put(7 * SECTOR, &info)?;
        }
        let table = self.table();
        for copy in 0..2 {
            put((shape.reserved + copy * shape.fat_sectors) * SECTOR, &table)?;
        }
        let root_at =
            if shape.fat32 { shape.offset(root) } else { (shape.reserved + 2 * shape.fat_sectors) * SECTOR };
        put(root_at, entries)?;
        for (first, content) in self.data.iter().filter(|(first, _)| *first != 0) {
            put(shape.offset(*first), content)?;
        }
        Ok(())
    }

    fn table(&self) -> Vec<u8> {
        let mut values: Vec<u32> = vec![0x0fff_fff8, 0x0fff_ffff];
        for (first, count) in &self.chains {
            values.extend(first + 1..first + count);
            values.push(0x0fff_ffff);
        }
        let width = if self.shape.fat32 { 4 } else { 2 };
        values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(width)).collect()
    }
}

fn entry(name: [u8; 11], attributes: u8, cluster: u32, size: u32) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    entry[..11].copy_from_slice(&name);
    entry[11] = attributes;
    // Dates: of creation, of access, of the last change. Times are 0.
    for at in [16, 18, 24] {
        entry[at..at + 2].copy_from_slice(&DATE.to_le_bytes());
    }
    let cluster = cluster.to_le_bytes();
    entry[20..22].copy_from_slice(&cluster[2..]);
    entry[26..28].copy_from_slice(&cluster[..2]);
    entry[28..].copy_from_slice(&size.to_le_bytes());
    entry
}

/// The entries of a long name, the last part first.
fn long(name: &str, alias: &[u8; 11]) -> Result<Vec<u8>, Error> {
    let mut units: Vec<u16> = name.encode_utf16().collect();
    if units.len() > 255 || name.chars().any(|c| c.is_control() || "\"*/:<>?\\|".contains(c)) {
        return Err(Error::new(format!("\"{name}\" is not a name that FAT can have")));
    }
    let sum = alias.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
    let count = units.len().div_ceil(13);
    if units.len() % 13 != 0 {
        units.push(0);
        units.resize(count * 13, 0xffff);
    }
    let mut bytes = Vec::new();
    for (index, part) in units.chunks(13).enumerate().rev() {
        let mut entry = [0; ENTRY];
        entry[0] = (index as u8 + 1) | (if index + 1 == count { 0x40 } else { 0 });
        entry[11] = 0x0f;
        entry[13] = sum;
        let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain([28, 30]);
        for (place, unit) in places.zip(part) {
            entry[place..place + 2].copy_from_slice(&unit.to_le_bytes());
        }
        bytes.extend(entry);
    }
    Ok(bytes)
}

fn boot_sector(shape: Shape, id: u32, label: Option<[u8; 11]>, root: u32) -> [u8; SECTOR as usize] {
    let mut sector = [0; SECTOR as usize];
    let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, if shape.fat32 { b"\xeb\x58\x90" } else { b"\xeb\x3c\x90" });
    put(3, b"qos     ");
    put(11, &(SECTOR as u16).to_le_bytes());
    put(13, &[shape.per_cluster as u8]);
    put(14, &(shape.reserved as u16).to_le_bytes());
    put(16, &[2]);
    let small = u16::try_from(shape.sectors).unwrap_or(0);
    put(19, &(if shape.fat32 { 0 } else { small }).to_le_bytes());
    put(21, &[0xf8]);
    put(24, &32_u16.to_le_bytes());
    put(26, &64_u16.to_le_bytes());
    if shape.fat32 || small == 0 {
        put(32, &(shape.sectors as u32).to_le_bytes());
    }
    let extended = if shape.fat32 {
        put(36, &(shape.fat_sectors as u32).to_le_bytes());
        put(44, &root.to_le_bytes());
        put(48, &1_u16.to_le_bytes());
        put(50, &6_u16.to_le_bytes());
        64
    } else {
        put(17, &(ROOT_ENTRIES as u16).to_le_bytes());
        put(22, &(shape.fat_sectors as u16).to_le_bytes());
        36
    };
    put(extended, &[0x80, 0, 0x29]);
    put(extended + 3, &id.to_le_bytes());
    put(extended + 7, &label.unwrap_or(*b"NO NAME    "));
    put(extended + 18, if shape.fat32 { b"FAT32   " } else { b"FAT16   " });
    put(510, b"\x55\xaa");
    sector
}

/// FAT32's count of free clusters, and the first of them.
fn info_sector(shape: Shape, next: u32) -> [u8; SECTOR as usize] {
    let mut sector = [0; SECTOR as usize];
    sector[..4].copy_from_slice(b"RRaA");
    sector[484..488].copy_from_slice(b"rrAa");
    let free = shape.clusters as u32 - (next - 2);
    sector[488..492].copy_from_slice(&free.to_le_bytes());
    sector[492..496].copy_from_slice(&next.to_le_bytes());
    sector[510..].copy_from_slice(b"\x55\xaa");
    sector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_kinds() {
        for (mib, expect) in [
            (1, None),
            (4, Some((false, 1))),
            (48, Some((false, 2))),
            (259, Some((false, 16))),
            (260, Some((true, 8))),
            (4096, Some((true, 8))),
        ] {
            let shape = Shape::of(mib << 20);
            assert_eq!(shape.map(|shape| (shape.fat32, shape.per_cluster)), expect, "{mib} MiB");
        }
    }

    #[test]
    fn names() {
        for (name, expect) in [
            ("BOOTX64.EFI", Some(b"BOOTX64 EFI")),
            ("EFI", Some(b"EFI        ")),
            ("vmlinuz", None),
            ("A.B.C", None),
            ("LONGNAME9", None),
            (".A", None),
        ] {
            assert_eq!(short(name).as_ref(), expect, "{name}");
        }
        assert_eq!(&alias("vmlinuz-7.3.4", 12), b"VMLIN~12   ");
        assert_eq!(
            (long_entries("EFI"), long_entries("thirteen-long"), long_entries("fourteen-longs")),
            (0, 1, 2)
        );
    }
}
