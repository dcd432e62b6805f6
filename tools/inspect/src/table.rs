// SPDX-License-Identifier: MIT OR Apache-2.0
//! Formats segments as a table, and entries like `ls -l`, as a drawn tree and as JSON.

use crate::archive::Entry;
use crate::list::{mode_text, printable};
use crate::segments::Segment;
use crate::time::utc;
use qos_tree::path::split;
use qos_tree::{Kind, Tree};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A line for each segment: where it is, its compression and sizes, the formats and numbers of its archives' entries.
#[must_use]
pub fn segments(segments: &[Segment]) -> String {
    let mut rows = vec![
        ["offset", "hex", "size", "compression", "unpacked", "format", "entries", "trailer"]
            .map(String::from),
    ];
    for segment in segments {
        let mut formats: Vec<&str> = segment.archives.iter().map(|a| a.format.name()).collect();
        formats.dedup();
        let entries: usize = segment.archives.iter().map(|a| a.entries.len()).sum();
        let whole = segment.archives.iter().all(|a| a.trailer);
        rows.push([
            segment.offset.to_string(),
            format!("{:#x}", segment.offset),
            segment.len.to_string(),
            segment.codec.name().to_owned(),
            segment.unpacked.to_string(),
            if formats.is_empty() { "-".to_owned() } else { formats.join(",") },
            entries.to_string(),
            if whole { "yes" } else { "no" }.to_owned(),
        ]);
    }
    columns(&rows)
}

/// Rows as text: columns of numbers to the right, others to the left.
#[must_use]
pub fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut out = String::new();
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let numbers: [bool; N] = std::array::from_fn(|column| {
        rows.len() > 1 && rows.iter().skip(1).all(|row| row[column].starts_with(|c: char| c.is_ascii_digit()))
    });
    for row in rows {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let width = widths[column];
            let _ = match numbers[column] {
                true => write!(line, "{text:>width$}  "),
                false => write!(line, "{text:<width$}  "),
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// All entries of `segments` in their order, as `ls -l` shows files: mode, links, owner, size or device, time in UTC, name.
#[must_use]
pub fn long(segments: &[Segment]) -> String {
    let mut out = String::new();
    for entry in entries(segments) {
        let size = match entry.is_device() {
            true => format!("{}, {}", entry.rdev.0, entry.rdev.1),
            false => entry.data.len().to_string(),
        };
        let target =
            if entry.is_symlink() { format!(" -> {}", printable(entry.target())) } else { String::new() };
        let _ = writeln!(
            out,
            "{} {:>3} {:>5} {:>5} {size:>10} {} {}{target}",
            mode_text(entry.type_letter(), entry.mode),
            entry.nlink,
            entry.uid,
            entry.gid,
            utc(entry.mtime),
            printable(&entry.name),
        );
    }
    out
}

/// The names of all entries, one a line.
#[must_use]
pub fn names(segments: &[Segment]) -> String {
    entries(segments).map(|entry| printable(&entry.name) + "\n").collect()
}

fn entries(segments: &[Segment]) -> impl Iterator<Item = &Entry> {
    segments.iter().flat_map(|segment| &segment.archives).flat_map(|archive| &archive.entries)
}

/// The segments with their entries. A name that is not UTF-8 is shown with U+FFFD and comes as `name_bytes`, in hexadecimal, too.
#[must_use]
pub fn json(segments: &[Segment]) -> Value {
    let segment = |segment: &Segment| {
        json!({
            "offset": segment.offset,
            "size": segment.len,
            "compression": segment.codec.name(),
            "unpacked": segment.unpacked,
            "archives": segment.archives.iter().map(|archive| json!({
                "format": archive.format.name(),
                "trailer": archive.trailer,
                "size": archive.len,
                "entries": archive.entries.iter().map(entry).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    };
    Value::Array(segments.iter().map(segment).collect())
}

fn entry(entry: &Entry) -> Value {
    let mut value = json!({
        "name": String::from_utf8_lossy(&entry.name),
        "type": entry.type_letter().to_string(),
        "mode": format!("{:04o}", entry.mode & 0o7777),
        "uid": entry.uid,
        "gid": entry.gid,
        "links": entry.nlink,
        "inode": entry.ino,
        "mtime": entry.mtime,
        "size": entry.data.len(),
    });
    if entry.is_symlink() {
        value["target"] = String::from_utf8_lossy(entry.target()).into();
    }
    if entry.is_device() {
        value["device"] = json!([entry.rdev.0, entry.rdev.1]);
    }
    if std::str::from_utf8(&entry.name).is_err() {
        value["name_bytes"] = entry.name.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    }
    value
}

/// The files of a tree as tree(1) draws them.
#[must_use]
pub fn tree(tree: &Tree) -> String {
    let mut out = String::from("/\n");
    let mut below: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for (path, _) in tree.iter() {
        if let Some((parent, _)) = split(path) {
            below.entry(parent).or_default().push(path);
        }
    }
    // A work list in place of recursion, because the depth of the directories depends on the archive.
    let mut pending: Vec<(&[u8], Vec<bool>)> = Vec::new();
    let push = |pending: &mut Vec<(_, Vec<bool>)>, directory: &[u8], bars: &[bool]| {
        let names = below.get(directory).map(Vec::as_slice).unwrap_or_default();
        for (at, path) in names.iter().enumerate().rev() {
            pending.push((*path, [bars, &[at + 1 < names.len()]].concat()));
        }
    };
    push(&mut pending, b"", &[]);
    while let Some((path, bars)) = pending.pop() {
        let name = split(path).map_or(path, |(_, name)| name);
        let suffix = match tree.get(path).map(|node| &node.kind) {
            Some(Kind::Dir) => "/".to_owned(),
            Some(Kind::Symlink(target)) => format!(" -> {}", printable(target)),
            Some(Kind::Hardlink(first)) => format!(" = /{}", printable(first)),
            Some(Kind::Char { major, minor }) => format!(" (character device {major}, {minor})"),
            Some(Kind::Block { major, minor }) => format!(" (block device {major}, {minor})"),
            _ => String::new(),
        };
        if let Some((last, before)) = bars.split_last() {
            before.iter().for_each(|bar| out.push_str(if *bar { "│   " } else { "    " }));
            out.push_str(if *last { "├── " } else { "└── " });
        }
        let _ = writeln!(out, "{}{suffix}", printable(name));
        push(&mut pending, path, &bars);
    }
    out
}
