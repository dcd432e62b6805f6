// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two texts as lines, and the lines in which they differ.

use super::options::{Format, Options};
use imara_diff::{Algorithm, Diff, InternedInput};
use std::borrow::Cow;
use std::ops::Range;

/// A change: lines of the first text that lines of the second replace. Lines are counted from 0; a range may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// The lines of a text, each with its newline; the last one may lack it.
pub(super) fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// What has to change for `old` to become `new`, in order.
pub(super) fn changes(old: &[&[u8]], new: &[&[u8]], options: &Options) -> Vec<Change> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().map(|line| key(line, options)));
    input.update_after(new.iter().map(|line| key(line, options)));
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    let mut changes: Vec<Change> =
        diff.hunks().map(|hunk| Change { old: range(hunk.before), new: range(hunk.after) }).collect();
    if options.empty_lines {
        let empty = |line: &&[u8]| key(line, options).trim_ascii().is_empty();
        changes.retain(|change| {
            !(old[change.old.clone()].iter().all(empty) && new[change.new.clone()].iter().all(empty))
        });
    }
    changes
}

/// What of a line counts.
fn key<'a>(line: &'a [u8], options: &Options) -> Cow<'a, [u8]> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c);
    let mut line = Cow::Borrowed(line);
    // A script for ed cannot express a missing newline.
    if matches!(options.format, Format::Ed | Format::ForwardEd) && !line.ends_with(b"\n") {
        line.to_mut().push(b'\n');
    }
    if options.strip_cr && line.ends_with(b"\r\n") {
        let length = line.len();
        line.to_mut().remove(length - 2);
    }
    if options.no_blanks {
        line.to_mut().retain(|byte| !blank(byte) && *byte != b'\n');
    } else if options.blanks {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let end = text.len() - text.iter().rev().take_while(|byte| blank(byte)).count();
        let mut squeezed = Vec::with_capacity(end);
        for byte in &text[..end] {
            if !blank(byte) {
                squeezed.push(*byte);
            } else if squeezed.last() != Some(&b' ') {
                squeezed.push(b' ');
            }
        }
        line = Cow::Owned(squeezed);
    }
    if options.case {
        line.to_mut().make_ascii_lowercase();
    }
    line
}

/// Changes that are so near to each other that their `context` lines meet, together.
pub(super) fn hunks(changes: &[Change], context: usize) -> impl Iterator<Item = &[Change]> {
    changes.chunk_by(move |before, after| after.old.start - before.old.end <= context.saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, options: &Options, expect: &[(Range<usize>, Range<usize>)]) {
        let found = changes(&split(old.as_bytes()), &split(new.as_bytes()), options);
        let found: Vec<_> = found.into_iter().map(|change| (change.old, change.new)).collect();
        assert_eq!(found, expect, "{old:?} {new:?}");
    }

    #[test]
    fn finds_changes() {
        let plain = Options::default();
        check("a\nb\nc\n", "a\nx\nc\n", &plain, &[(1..2, 1..2)]);
        check("a\n", "a\nb\n", &plain, &[(1..1, 1..2)]);
        check("a\na\na\n", "a\na\n", &plain, &[(2..3, 2..2)]);
        check("a", "a\n", &plain, &[(0..1, 0..1)]);
        check("", "", &plain, &[]);
    }

    #[test]
    fn any_number_of_lines_of_context() {
        let changes: Vec<_> = [1, 9].map(|at| Change { old: at..at + 1, new: at..at + 1 }).into();
        for (context, expect) in [(3, 2), (4, 1), (usize::MAX / 2 + 1, 1), (usize::MAX, 1)] {
            assert_eq!(hunks(&changes, context).count(), expect, "{context}");
        }
    }

    #[test]
    fn leaves_out_what_does_not_count() {
        let with = |set: fn(&mut Options)| {
            let mut options = Options::default();
            set(&mut options);
            options
        };
        check("a  b\n", "a\tb \n", &with(|options| options.blanks = true), &[]);
        check("a b\n", "ab\n", &with(|options| options.blanks = true), &[(0..1, 0..1)]);
        check("a b\n", "ab\n", &with(|options| options.no_blanks = true), &[]);
        check("A\n", "a\n", &with(|options| options.case = true), &[]);
        check("a\n\n", "a\n", &with(|options| options.empty_lines = true), &[]);
        check("a\r\n", "a\n", &with(|options| options.strip_cr = true), &[]);
        check("a", "a\n", &with(|options| options.format = Format::Ed), &[]);
    }
}
