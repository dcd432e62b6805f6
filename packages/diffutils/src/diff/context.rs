// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes as text with context: `-u` and `-c`.

use super::lines::{Change, hunks};
use super::output::line;
use std::io::{self, Write};
use std::ops::Range;

/// What both formats need.
pub(super) struct Context<'a> {
    pub old: &'a [&'a [u8]],
    pub new: &'a [&'a [u8]],
    /// Lines of context before and after a change.
    pub count: usize,
    /// Whether a hunk names the function that it is in.
    pub function: bool,
}

impl Context<'_> {
    /// The lines of both texts that the hunk of `changes` shows.
    fn span(&self, changes: &[Change]) -> Option<(Range<usize>, Range<usize>)> {
        let (first, last) = (changes.first()?, changes.last()?);
        let before = first.old.start.min(self.count);
        let after = (self.old.len() - last.old.end).min(self.count);
        Some((first.old.start - before..last.old.end + after, first.new.start - before..last.new.end + after))
    }

    /// ` ` and the last line before `start` that looks like the head of a function, cut to 40 bytes.
    fn function(&self, start: usize) -> Vec<u8> {
        const LONGEST: usize = 40;
        let head = |text: &&&[u8]| text.first().is_some_and(|c| c.is_ascii_alphabetic() || b"_$".contains(c));
        match self.old[..start].iter().rev().find(head) {
            Some(text) if self.function => {
                let text = text.trim_ascii_end();
                [b" ", &text[..text.len().min(LONGEST)]].concat()
            }
            _ => Vec::new(),
        }
    }

    /// The hunks of `-u`.
    pub fn unified(&self, out: &mut dyn Write, changes: &[Change]) -> io::Result<()> {
        let range = |range: &Range<usize>| match range.len() {
            0 => format!("{},0", range.start),
            1 => range.end.to_string(),
            length => format!("{},{length}", range.start + 1),
        };
        for hunk in hunks(changes, self.count) {
            let Some((old, new)) = self.span(hunk) else { continue };
            write!(out, "@@ -{} +{} @@", range(&old), range(&new))?;
            out.write_all(&self.function(old.start))?;
            out.write_all(b"\n")?;
            let mut shown = old.start;
            for change in hunk {
                self.old[shown..change.old.start].iter().try_for_each(|text| line(out, " ", text))?;
                self.old[change.old.clone()].iter().try_for_each(|text| line(out, "-", text))?;
                self.new[change.new.clone()].iter().try_for_each(|text| line(out, "+", text))?;
                shown = change.old.end;
            }
            self.old[shown..old.end].iter().try_for_each(|text| line(out, " ", text))?;
        }
        Ok(())
    }

    /// The hunks of `-c`.
    pub fn context(&self, out: &mut dyn Write, changes: &[Change]) -> io::Result<()> {
        let range = |range: &Range<usize>| match range.len() {
            0 | 1 => range.end.to_string(),
            _ => format!("{},{}", range.start + 1, range.end),
        };
        for hunk in hunks(changes, self.count) {
            let Some((old, new)) = self.span(hunk) else { continue };
            out.write_all(b"***************")?;
            out.write_all(&self.function(old.start))?;
            writeln!(out, "\n*** {} ****", range(&old))?;
            if hunk.iter().any(|change| !change.old.is_empty()) {
                let sides = hunk.iter().map(|change| (change.old.clone(), change.new.is_empty()));
                side(out, self.old, &old, sides, "- ")?;
            }
            writeln!(out, "--- {} ----", range(&new))?;
            if hunk.iter().any(|change| !change.new.is_empty()) {
                let sides = hunk.iter().map(|change| (change.new.clone(), change.old.is_empty()));
                side(out, self.new, &new, sides, "+ ")?;
            }
        }
        Ok(())
    }
}

/// One text's part of a hunk of `-c`. `changes` are its changed lines, and whether the other text has none in their place.
fn side(
    out: &mut dyn Write,
    text: &[&[u8]],
    span: &Range<usize>,
    changes: impl Iterator<Item = (Range<usize>, bool)>,
    alone: &str,
) -> io::Result<()> {
    let mut shown = span.start;
    for (changed, other_is_empty) in changes {
        text[shown..changed.start].iter().try_for_each(|text| line(out, "  ", text))?;
        shown = changed.end;
        let prefix = if other_is_empty { alone } else { "! " };
        text[changed].iter().try_for_each(|text| line(out, prefix, text))?;
    }
    text[shown..span.end].iter().try_for_each(|text| line(out, "  ", text))
}
