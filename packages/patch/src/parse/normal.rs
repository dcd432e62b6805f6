// SPDX-License-Identifier: MIT OR Apache-2.0
//! Normal differences: `diff` without an option.

use super::Lines;
use crate::Failure;
use crate::hunk::{FilePatch, Format, Hunk, Kind};

/// First and last line of the old file, the action, first and last line of the new file.
type Command = ((usize, usize), char, (usize, usize));

/// The command of a hunk: `5a6`, `3,4c3`, `7d6`.
pub fn command(line: &str) -> Option<Command> {
    let at = line.find(['a', 'c', 'd'])?;
    let range = |text: &str| {
        let (first, last) = text.split_once(',').unwrap_or((text, text));
        Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
    };
    Some((range(&line[..at])?, line[at..].chars().next()?, range(&line[at + 1..])?))
}

/// Whether `line` may follow a command.
pub fn begins(line: &str) -> bool {
    line.starts_with("< ") || line.starts_with("> ") || matches!(line, "<" | ">")
}

/// Hunks up to the first line that is not part of one.
pub fn parse(lines: &mut Lines, mut patch: FilePatch) -> Result<FilePatch, Failure> {
    patch.format = Format::Normal;
    patch.at = lines.number();
    while let Some((old, what, new)) = lines.text(0).and_then(|line| command(&line)) {
        lines.at += 1;
        let mut hunk = Hunk { old_start: old.0, new_start: new.0, lines: Vec::new() };
        let count = |(first, last): (usize, usize)| last.saturating_add(1).saturating_sub(first);
        if what != 'a' {
            take(lines, b'<', count(old), Kind::Remove, &mut hunk)?;
        }
        if what == 'c' {
            if lines.text(0).as_deref() != Some("---") {
                return Err(lines.wrong("--- expected"));
            }
            lines.at += 1;
        }
        if what != 'd' {
            take(lines, b'>', count(new), Kind::Add, &mut hunk)?;
        }
        patch.hunks.push(hunk);
    }
    Ok(patch)
}

fn take(lines: &mut Lines, mark: u8, count: usize, kind: Kind, hunk: &mut Hunk) -> Result<(), Failure> {
    for _ in 0..count {
        let Some(mut line) = lines.next().filter(|line| line.first() == Some(&mark)) else {
            lines.at -= 1;
            return Err(lines.wrong(&format!("'{}' expected", char::from(mark))));
        };
        line.drain(..line.len().min(2));
        if line.last() != Some(&b'\n') {
            line.push(b'\n');
        }
        lines.no_newline(&mut line);
        hunk.lines.push((kind, line));
    }
    Ok(())
}
