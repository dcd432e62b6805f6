// SPDX-License-Identifier: MIT OR Apache-2.0
//! Context differences: `diff -c`.

use super::{Lines, name};
use crate::Failure;
use crate::hunk::{FilePatch, Format, Hunk, Kind, Line};

/// A line of one side, with the letter before it: ` `, `!`, `-` or `+`.
type Marked = (u8, Line);

/// A header and its hunks.
pub fn parse(lines: &mut Lines, mut patch: FilePatch) -> Result<FilePatch, Failure> {
    patch.format = Format::Context;
    patch.at = lines.number();
    (patch.old, patch.creates) = name(&lines.text(0).unwrap_or_default()[4..]);
    (patch.new, patch.deletes) = name(&lines.text(1).unwrap_or_default()[4..]);
    lines.at += 2;
    while lines.text(0).is_some_and(|line| line.starts_with("***************")) {
        lines.at += 1;
        let old_start = range(lines, "*** ", " ****")?;
        let old = side(lines);
        let new_start = range(lines, "--- ", " ----")?;
        let new = side(lines);
        let merged = merge(old, new).ok_or_else(|| lines.wrong("the two sides of the hunk do not agree"))?;
        patch.hunks.push(Hunk { old_start, new_start, lines: merged });
    }
    Ok(patch)
}

/// First line of a range `FIRST,LAST`.
fn range(lines: &mut Lines, before: &str, after: &str) -> Result<usize, Failure> {
    let line = lines.text(0).unwrap_or_default();
    let range = line.strip_prefix(before).and_then(|line| line.strip_suffix(after));
    let first = range.and_then(|range| range.split(',').next()?.parse().ok());
    let first = first.ok_or_else(|| lines.wrong(&format!("{before}FIRST,LAST{after} expected")))?;
    lines.at += 1;
    Ok(first)
}

/// Lines up to the next range or hunk; none where the other side has all that is needed.
fn side(lines: &mut Lines) -> Vec<Marked> {
    let mut side = Vec::new();
    while let Some(line) = lines.peek(0) {
        let mark = match line.as_slice() {
            [mark @ (b' ' | b'!' | b'-' | b'+'), b' ' | b'\t', ..] if !line.starts_with(b"--- ") => *mark,
            // A line of context that is empty may have lost its blanks.
            [b'\n'] => b' ',
            _ => break,
        };
        let mut line = lines.next().unwrap_or_default();
        if line.len() > 1 {
            line.drain(..2);
        }
        if line.last() != Some(&b'\n') {
            line.push(b'\n');
        }
        lines.no_newline(&mut line);
        side.push((mark, line));
    }
    side
}

/// Both sides as one list of lines.
fn merge(old: Vec<Marked>, new: Vec<Marked>) -> Option<Vec<(Kind, Line)>> {
    let kind = |mark: u8, changed: Kind| if mark == b' ' { Kind::Context } else { changed };
    if old.is_empty() || new.is_empty() {
        let changed = if old.is_empty() { Kind::Add } else { Kind::Remove };
        return Some(old.into_iter().chain(new).map(|(mark, line)| (kind(mark, changed), line)).collect());
    }
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut merged = Vec::new();
    loop {
        while let Some((_, line)) = old.next_if(|(mark, _)| *mark != b' ') {
            merged.push((Kind::Remove, line));
        }
        while let Some((_, line)) = new.next_if(|(mark, _)| *mark != b' ') {
            merged.push((Kind::Add, line));
        }
        match (old.next(), new.next()) {
            (None, None) => return Some(merged),
            (Some((_, one)), Some((_, other))) if one == other => merged.push((Kind::Context, one)),
            _ => return None,
        }
    }
}
