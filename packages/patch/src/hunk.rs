// SPDX-License-Identifier: MIT OR Apache-2.0
//! A hunk, independent of the format of the input.

/// The change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Context,
    Remove,
    Add,
}

/// A line with its newline, which only the last one of a file may lack.
pub type Line = Vec<u8>;

/// Lines of the old file and of the new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hunk {
    /// Number of the first line in the old file, from 1; without old lines, that of the line before.
    pub old_start: usize,
    /// The same in the new file.
    pub new_start: usize,
    pub lines: Vec<(Kind, Line)>,
}

impl Hunk {
    /// Lines that the file has to have.
    pub fn old(&self) -> Vec<&Line> {
        self.lines.iter().filter(|(kind, _)| *kind != Kind::Add).map(|(_, line)| line).collect()
    }

    /// Lines that it is to have.
    pub fn new_lines(&self) -> Vec<&Line> {
        self.lines.iter().filter(|(kind, _)| *kind != Kind::Remove).map(|(_, line)| line).collect()
    }

    /// Lines of context before the first change and after the last.
    pub fn context(&self) -> (usize, usize) {
        let is_context = |line: &&(Kind, Line)| line.0 == Kind::Context;
        let before = self.lines.iter().take_while(is_context).count();
        (before, self.lines.iter().rev().take_while(is_context).count())
    }

    /// The hunk that undoes it.
    pub fn reversed(&self) -> Hunk {
        let lines = self.lines.iter().map(|(kind, line)| {
            let kind = match kind {
                Kind::Add => Kind::Remove,
                Kind::Remove => Kind::Add,
                Kind::Context => Kind::Context,
            };
            (kind, line.clone())
        });
        let mut lines: Vec<_> = lines.collect();
        // Within a change, what goes stands before what comes.
        let mut at = 0;
        while at < lines.len() {
            let end = lines[at..]
                .iter()
                .position(|(kind, _)| *kind == Kind::Context)
                .map_or(lines.len(), |n| at + n);
            lines[at..end].sort_by_key(|(kind, _)| *kind == Kind::Add);
            at = end + 1;
        }
        Hunk { old_start: self.new_start, new_start: self.old_start, lines }
    }
}

/// The format that differences came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Unified,
    Context,
    Normal,
}

/// Differences of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilePatch {
    pub format: Format,
    /// Names in the headers; `None` is `/dev/null`, or one that the header does not have.
    pub old: Option<String>,
    pub new: Option<String>,
    pub index: Option<String>,
    /// Whether there is no old file, or no new one.
    pub creates: bool,
    pub deletes: bool,
    /// git's: old and new name of a file that moves.
    pub rename: Option<(String, String)>,
    /// git's: permissions of the new file.
    pub mode: Option<u32>,
    pub hunks: Vec<Hunk>,
    /// Number of the first line in the input.
    pub at: usize,
}

impl FilePatch {
    /// The differences that undo these.
    pub fn reversed(&self) -> FilePatch {
        FilePatch {
            old: self.new.clone(),
            new: self.old.clone(),
            creates: self.deletes,
            deletes: self.creates,
            rename: self.rename.clone().map(|(from, to)| (to, from)),
            mode: None,
            hunks: self.hunks.iter().map(Hunk::reversed).collect(),
            ..self.clone()
        }
    }
}
