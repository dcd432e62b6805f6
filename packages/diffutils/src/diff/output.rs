// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes as text: the normal format and scripts for ed(1).

use super::lines::Change;
use std::io::{self, Write};
use std::ops::Range;

/// Text that follows a last line without a newline.
const NO_NEWLINE: &[u8] = b"\n\\ No newline at end of file\n";

/// A line behind its `prefix`.
pub(super) fn line(out: &mut dyn Write, prefix: &str, line: &[u8]) -> io::Result<()> {
    out.write_all(prefix.as_bytes())?;
    out.write_all(line)?;
    if line.ends_with(b"\n") { Ok(()) } else { out.write_all(NO_NEWLINE) }
}

/// `3`, or `3,5`: a range of lines, counted from 1. An empty one is the line before it.
fn range(range: &Range<usize>, separator: &str) -> String {
    match range.len() {
        0 => range.start.to_string(),
        1 => range.end.to_string(),
        _ => format!("{}{separator}{}", range.start + 1, range.end),
    }
}

fn letter(change: &Change) -> char {
    match (change.old.is_empty(), change.new.is_empty()) {
        (true, _) => 'a',
        (_, true) => 'd',
        _ => 'c',
    }
}

/// `3c3`, `<` and `>`.
pub(super) fn normal(
    out: &mut dyn Write,
    changes: &[Change],
    old: &[&[u8]],
    new: &[&[u8]],
) -> io::Result<()> {
    for change in changes {
        let letter = letter(change);
        writeln!(out, "{}{letter}{}", range(&change.old, ","), range(&change.new, ","))?;
        old[change.old.clone()].iter().try_for_each(|text| line(out, "< ", text))?;
        if letter == 'c' {
            out.write_all(b"---\n")?;
        }
        new[change.new.clone()].iter().try_for_each(|text| line(out, "> ", text))?;
    }
    Ok(())
}

/// A script for ed. The last change comes first, so that line numbers hold.
pub(super) fn ed(out: &mut dyn Write, changes: &[Change], new: &[&[u8]]) -> io::Result<()> {
    for change in changes.iter().rev() {
        let letter = letter(change);
        writeln!(out, "{}{letter}", range(&change.old, ","))?;
        if letter != 'd' {
            ed_text(out, change, new)?;
        }
    }
    Ok(())
}

/// The text of one change, up to its `.`. A line of one dot would end it: it is given as two, which `s` then halves.
fn ed_text(out: &mut dyn Write, change: &Change, new: &[&[u8]]) -> io::Result<()> {
    let mut inserting = true;
    for text in &new[change.new.clone()] {
        if !inserting {
            out.write_all(b"a\n")?;
            inserting = true;
        }
        if text.strip_suffix(b"\n").unwrap_or(text) == b"." {
            out.write_all(b"..\n.\ns/.//\n")?;
            inserting = false;
        } else {
            out.write_all(text.strip_suffix(b"\n").unwrap_or(text))?;
            out.write_all(b"\n")?;
        }
    }
    if inserting { out.write_all(b".\n") } else { Ok(()) }
}

/// Changes in order, each command's letter first.
pub(super) fn forward_ed(out: &mut dyn Write, changes: &[Change], new: &[&[u8]]) -> io::Result<()> {
    for change in changes {
        let letter = letter(change);
        writeln!(out, "{letter}{}", range(&change.old, " "))?;
        if letter == 'd' {
            continue;
        }
        for text in &new[change.new.clone()] {
            out.write_all(text.strip_suffix(b"\n").unwrap_or(text))?;
            out.write_all(b"\n")?;
        }
        out.write_all(b".\n")?;
    }
    Ok(())
}
