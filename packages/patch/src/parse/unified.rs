// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unified differences: `diff -u`.

use super::{Lines, name};
use crate::Failure;
use crate::hunk::{FilePatch, Format, Hunk, Kind};

/// A header and its hunks.
pub fn parse(lines: &mut Lines, mut patch: FilePatch) -> Result<FilePatch, Failure> {
    patch.at = lines.number();
    (patch.old, patch.creates) = name(&lines.text(0).unwrap_or_default()[4..]);
    (patch.new, patch.deletes) = name(&lines.text(1).unwrap_or_default()[4..]);
    lines.at += 2;
    hunks(lines, patch)
}

/// Hunks up to the first line that is not part of one.
pub fn hunks(lines: &mut Lines, mut patch: FilePatch) -> Result<FilePatch, Failure> {
    patch.format = Format::Unified;
    if patch.at == 0 {
        patch.at = lines.number();
    }
    while let Some(line) = lines.text(0).filter(|line| line.starts_with("@@ -")) {
        let ranges = ranges(&line).ok_or_else(|| lines.wrong("@@ -LINE,COUNT +LINE,COUNT @@ expected"))?;
        lines.at += 1;
        patch.hunks.push(hunk(lines, ranges)?);
    }
    Ok(patch)
}

/// First line and number of lines, of the old file and the new one.
type Ranges = [(usize, usize); 2];

fn ranges(line: &str) -> Option<Ranges> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    Some([range(old)?, range(new)?])
}

fn hunk(lines: &mut Lines, [(old_start, mut old), (new_start, mut new)]: Ranges) -> Result<Hunk, Failure> {
    let mut hunk = Hunk { old_start, new_start, lines: Vec::new() };
    while old > 0 || new > 0 {
        let Some(mut line) = lines.next() else {
            return Err(lines.wrong("the hunk ends too early"));
        };
        let kind = match line.first() {
            Some(b' ') => Kind::Context,
            Some(b'-') => Kind::Remove,
            Some(b'+') => Kind::Add,
            // Programs for letters cut blanks at the end of lines off.
            Some(b'\n' | b'\t') => {
                line.insert(0, b' ');
                Kind::Context
            }
            _ => {
                lines.at -= 1;
                return Err(lines.wrong("' ', '-' or '+' expected"));
            }
        };
        let count = |number: &mut usize| {
            *number = number.checked_sub(1)?;
            Some(())
        };
        let fits = match kind {
            Kind::Context => count(&mut old).and(count(&mut new)),
            Kind::Remove => count(&mut old),
            Kind::Add => count(&mut new),
        };
        if fits.is_none() {
            lines.at -= 1;
            return Err(lines.wrong("the hunk has more lines than its first line says"));
        }
        line.remove(0);
        if line.last() != Some(&b'\n') {
            line.push(b'\n');
        }
        lines.no_newline(&mut line);
        hunk.lines.push((kind, line));
    }
    Ok(hunk)
}
