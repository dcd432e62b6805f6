// SPDX-License-Identifier: MIT OR Apache-2.0
//! The listing of an initramfs: stable text for comparisons.

use crate::archive::Entry;
use crate::segments::Segment;
use qos_tree::path::show;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

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
                out.push_str(&line(entry, first));
            }
        }
    }
    out
}

fn line(entry: &Entry, first: &[u8]) -> String {
    let size = match entry.is_device() {
        true => format!("{},{}", entry.rdev.0, entry.rdev.1),
        false => entry.data.len().to_string(),
    };
    let link = match (entry.is_symlink(), first == entry.name) {
        (true, _) => format!(" -> {}", printable(entry.target())),
        (false, false) => format!(" link to {}", printable(first)),
        (false, true) => String::new(),
    };
    let (uid, gid, name) = (entry.uid, entry.gid, printable(&entry.name));
    format!("{} {uid:>4} {gid:>4} {size:>9} {name}{link}\n", mode_text(entry.type_letter(), entry.mode))
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
