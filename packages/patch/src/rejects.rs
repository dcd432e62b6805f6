// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hunks that were not applied, as text: unified ones as they came, others as context differences (POSIX patch).

use crate::hunk::{FilePatch, Format, Hunk, Kind, Line};

/// The differences of `patch` in `hunks` alone.
pub fn text(patch: &FilePatch, hunks: &[&Hunk]) -> Vec<u8> {
    let name = |name: &Option<String>| name.as_deref().unwrap_or("/dev/null").to_owned();
    let mut text = Vec::new();
    let unified = patch.format == Format::Unified;
    let (one, other) = if unified { ("---", "+++") } else { ("***", "---") };
    text.extend(format!("{one} {}\n{other} {}\n", name(&patch.old), name(&patch.new)).into_bytes());
    for hunk in hunks {
        if unified { unified_hunk(hunk, &mut text) } else { context_hunk(hunk, &mut text) }
    }
    text
}

fn unified_hunk(hunk: &Hunk, text: &mut Vec<u8>) {
    let range =
        |start: usize, count: usize| if count == 1 { start.to_string() } else { format!("{start},{count}") };
    let old = range(hunk.old_start, hunk.old().len());
    let new = range(hunk.new_start, hunk.new_lines().len());
    text.extend(format!("@@ -{old} +{new} @@\n").into_bytes());
    for (kind, line) in &hunk.lines {
        let mark = match kind {
            Kind::Context => " ",
            Kind::Remove => "-",
            Kind::Add => "+",
        };
        push(mark, line, text);
    }
}

fn context_hunk(hunk: &Hunk, text: &mut Vec<u8>) {
    text.extend(b"***************\n");
    let has = |kind: Kind| hunk.lines.iter().any(|(other, _)| *other == kind);
    for (own, other, start, marks) in [
        (Kind::Remove, Kind::Add, hunk.old_start, ("***", "****", "- ")),
        (Kind::Add, Kind::Remove, hunk.new_start, ("---", "----", "+ ")),
    ] {
        let count = hunk.lines.iter().filter(|(kind, _)| *kind != other).count();
        let last = start.saturating_add(count).saturating_sub(1);
        let range = if count > 1 { format!("{start},{last}") } else { start.to_string() };
        text.extend(format!("{} {range} {}\n", marks.0, marks.1).into_bytes());
        // A side without changes is left out.
        if !has(own) {
            continue;
        }
        for (at, (kind, line)) in hunk.lines.iter().enumerate().filter(|(_, (kind, _))| *kind != other) {
            let mark = match kind {
                Kind::Context => "  ",
                _ if is_change(hunk, at) => "! ",
                _ => marks.2,
            };
            push(mark, line, text);
        }
    }
}

/// Whether the line is of a change that both takes lines away and adds some.
fn is_change(hunk: &Hunk, at: usize) -> bool {
    let is_context = |line: &(Kind, Line)| line.0 == Kind::Context;
    let start = hunk.lines[..at].iter().rposition(is_context).map_or(0, |n| n + 1);
    let end = hunk.lines[at..].iter().position(is_context).map_or(hunk.lines.len(), |n| at + n);
    let has = |kind: Kind| hunk.lines[start..end].iter().any(|(other, _)| *other == kind);
    has(Kind::Remove) && has(Kind::Add)
}

fn push(mark: &str, line: &Line, text: &mut Vec<u8>) {
    text.extend(mark.as_bytes());
    text.extend(line);
    if line.last() != Some(&b'\n') {
        text.extend(b"\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_number_beyond_all_files() {
        let hunk =
            Hunk { old_start: usize::MAX, new_start: 1, lines: vec![(Kind::Remove, b"a\n".to_vec()); 2] };
        let patch = FilePatch { format: Format::Context, ..FilePatch::default() };
        let text = text(&patch, &[&hunk]);
        assert!(
            text.starts_with(b"*** /dev/null\n--- /dev/null\n***************\n*** "),
            "{}",
            text.escape_ascii()
        );
    }
}
