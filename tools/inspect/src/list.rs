// SPDX-License-Identifier: MIT OR Apache-2.0
//! The listing of an initramfs: stable text for comparisons.

use crate::archive::Entry;
use crate::segments::Segment;
use qos_tree::path::show;
use qos_tree::{Kind, Tree};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::io;

/// A line for each segment, then one for each entry: mode, owner, size (of a device: its number), path, link target.
/// With `hash`, each entry starts with the SHA-256 of its content (files and symbolic links; else dashes).
pub fn list(segments: &[Segment], hash: bool) -> String {
    let mut out = String::new();
    for (n, segment) in segments.iter().enumerate() {
        let entries: usize = segment.archives.iter().map(|a| a.entries.len()).sum();
        let _ = writeln!(
            out,
            "# segment {}: at byte {}, {} bytes, compression {}, {} bytes unpacked, {entries} entries",
            n + 1,
            segment.offset,
            segment.len,
            segment.codec.name(),
            segment.unpacked
        );
        for archive in &segment.archives {
            let mut first_names: HashMap<(u64, (u32, u32)), &[u8]> = HashMap::new();
            for entry in &archive.entries {
                let first = match entry.is_file() && entry.nlink > 1 {
                    true => *first_names.entry((entry.ino, entry.dev)).or_insert(&entry.name),
                    false => entry.name.as_slice(),
                };
                if hash {
                    let _ = write!(out, "{} ", hash_of(entry));
                }
                out.push_str(&entry_line(entry, first));
            }
        }
    }
    out
}

/// The listing of a tree that is in no archive, such as the root file system of a disk: a line for each entry, as [`list`] with `hash` has
/// it. The first name of a file with several names has the size and the content.
///
/// # Errors
///
/// A file of the host cannot be read.
pub fn list_tree(tree: &Tree) -> io::Result<String> {
    let mut out = String::new();
    for (path, node) in tree.iter() {
        let owner = tree.inode(path).unwrap_or(node);
        let device = |major: &u32, minor: &u32| format!("{major},{minor}");
        let plain = || (String::from("0"), "-".repeat(64), String::new());
        let (kind, (size, hash, link)) = match &node.kind {
            Kind::Dir => ('d', plain()),
            Kind::File(content) => {
                let mut hasher = Sha256::new();
                content.copy_to(&mut hasher)?;
                ('-', (content.len().to_string(), format!("{:x}", hasher.finalize()), String::new()))
            }
            Kind::Hardlink(first) => {
                let hash = format!("{:x}", Sha256::digest(b""));
                ('-', ("0".to_owned(), hash, format!(" link to {}", printable(first))))
            }
            Kind::Symlink(target) => {
                let hash = format!("{:x}", Sha256::digest(target));
                ('l', (target.len().to_string(), hash, format!(" -> {}", printable(target))))
            }
            Kind::Char { major, minor } => ('c', (device(major, minor), plain().1, String::new())),
            Kind::Block { major, minor } => ('b', (device(major, minor), plain().1, String::new())),
            Kind::Fifo => ('p', plain()),
            Kind::Socket => ('s', plain()),
        };
        let name = if path.is_empty() { b"." } else { path };
        let mode = mode_text(kind, owner.mode);
        out.push_str(&format!("{hash} {}", line(&mode, owner.uid, owner.gid, &size, name, &link)));
    }
    Ok(out)
}

fn entry_line(entry: &Entry, first: &[u8]) -> String {
    let size = match entry.is_device() {
        true => format!("{},{}", entry.rdev.0, entry.rdev.1),
        false => entry.data.len().to_string(),
    };
    let link = match (entry.is_symlink(), first == entry.name) {
        (true, _) => format!(" -> {}", printable(entry.target())),
        (false, false) => format!(" link to {}", printable(first)),
        (false, true) => String::new(),
    };
    let mode = mode_text(entry.type_letter(), entry.mode);
    line(&mode, entry.uid, entry.gid, &size, &entry.name, &link)
}

fn line(mode: &str, uid: u32, gid: u32, size: &str, path: &[u8], link: &str) -> String {
    format!("{mode} {uid:>4} {gid:>4} {size:>9} {}{link}\n", printable(path))
}

/// A name in one line, whatever it holds.
pub(crate) fn printable(name: &[u8]) -> String {
    show(name)
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect()
}

/// `-rwxr-xr-x`, with s, S, t and T as `ls -l` has them.
pub(crate) fn mode_text(kind: char, mode: u32) -> String {
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn hash_of(entry: &Entry) -> String {
    match entry.is_file() || entry.is_symlink() {
        true => format!("{:x}", Sha256::digest(&entry.data)),
        false => "-".repeat(64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree has the lines of the archive that is made of it.
    #[test]
    fn a_tree_is_listed_as_its_archive() {
        let mut tree = Tree::default();
        let kinds = [
            ("", 0o700, Kind::Dir),
            ("bin/sh", 0o4755, Kind::File(b"#!".into())),
            ("dev/console", 0o600, Kind::Char { major: 5, minor: 1 }),
            ("dev/vda", 0o660, Kind::Block { major: 254, minor: 0 }),
            ("etc/mtab", 0o777, Kind::Symlink(b"../proc/self/mounts".into())),
            ("run/p", 0o600, Kind::Fifo),
            ("run/s", 0o600, Kind::Socket),
            ("tmp/\n", 0o644, Kind::File(b"".into())),
        ];
        for (path, mode, kind) in kinds {
            tree.insert(path, qos_tree::Node::new(mode, kind).of(1, 20000));
        }
        let archive = crate::segments::read(&crate::newc::write(&tree, 0).unwrap()).unwrap();
        let listed: String =
            list(&archive, true).lines().skip(1).map(|line| line.to_owned() + "\n").collect();
        assert_eq!(list_tree(&tree).unwrap(), listed);
        tree.insert("bin/ash", qos_tree::Node::new(0, Kind::Hardlink(b"bin/sh".into())));
        let listed = list_tree(&tree).unwrap();
        assert!(listed.contains(" -rwsr-xr-x    1 20000         0 bin/ash link to bin/sh\n"), "{listed}");
    }

    #[test]
    fn modes_as_ls_shows_them() {
        for (mode, text) in [
            (0o755, "-rwxr-xr-x"),
            (0o644, "-rw-r--r--"),
            (0o4755, "-rwsr-xr-x"),
            (0o4644, "-rwSr--r--"),
            (0o2755, "-rwxr-sr-x"),
            (0o1777, "-rwxrwxrwt"),
            (0o1776, "-rwxrwxrwT"),
            (0, "----------"),
        ] {
            assert_eq!(mode_text('-', mode), text, "{mode:o}");
        }
    }
}
