// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the differences of files in a text, which may contain other text, such as a letter.

mod context;
mod normal;
mod unified;

use crate::Failure;
use crate::hunk::{FilePatch, Format, Line};

/// Lines of the input, and where the next one is.
pub struct Lines {
    lines: Vec<Line>,
    at: usize,
}

impl Lines {
    pub fn new(text: &[u8]) -> Self {
        Lines { lines: text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect(), at: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<&Line> {
        self.lines.get(self.at + ahead)
    }

    /// The next line as text without its newline.
    fn text(&self, ahead: usize) -> Option<String> {
        let line = self.peek(ahead)?;
        Some(String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned())
    }

    fn next(&mut self) -> Option<Line> {
        let line = self.lines.get(self.at)?.clone();
        self.at += 1;
        Some(line)
    }

    /// Number of the next line, from 1.
    fn number(&self) -> usize {
        self.at + 1
    }

    /// Removes the newline from `line` if the next line says that it has none.
    fn no_newline(&mut self, line: &mut Line) {
        if self.peek(0).is_some_and(|next| next.starts_with(b"\\")) {
            self.at += 1;
            if line.last() == Some(&b'\n') {
                line.pop();
            }
        }
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::new(format!("malformed patch at line {}: {what}", self.number())).with_status(2)
    }
}

/// The differences in `text`, those of one format only where it is given.
///
/// # Errors
/// When a hunk is not valid in its format, and for unsupported differences.
pub fn parse(text: &[u8], only: Option<Format>) -> Result<Vec<FilePatch>, Failure> {
    let mut lines = Lines::new(text);
    let mut patches = Vec::new();
    let mut header = FilePatch::default();
    let allows = |format| only.is_none_or(|only| only == format);
    while let Some(line) = lines.text(0) {
        let second = lines.text(1).unwrap_or_default();
        if line.starts_with("diff --git ") {
            // Of a file before that had no hunks, but a new name or new permissions.
            flush(&mut patches, &mut header);
            header.at = lines.number();
            lines.at += 1;
        } else if git_line(&line, &mut header) {
            lines.at += 1;
        } else if let Some(name) = line.strip_prefix("Index: ") {
            header.index = Some(name.trim().to_owned());
            lines.at += 1;
        } else if line == "GIT binary patch" {
            return Err(lines.wrong("binary differences are not supported"));
        } else if allows(Format::Unified) && line.starts_with("--- ") && second.starts_with("+++ ") {
            patches.push(unified::parse(&mut lines, std::mem::take(&mut header))?);
        } else if allows(Format::Unified) && line.starts_with("@@ -") {
            patches.push(unified::hunks(&mut lines, std::mem::take(&mut header))?);
        } else if allows(Format::Context) && line.starts_with("*** ") && second.starts_with("--- ") {
            patches.push(context::parse(&mut lines, std::mem::take(&mut header))?);
        } else if allows(Format::Normal) && normal::command(&line).is_some() && normal::begins(&second) {
            patches.push(normal::parse(&mut lines, std::mem::take(&mut header))?);
        } else {
            lines.at += 1;
        }
    }
    flush(&mut patches, &mut header);
    Ok(patches)
}

/// Ends a file that has no hunks.
fn flush(patches: &mut Vec<FilePatch>, header: &mut FilePatch) {
    let header = std::mem::take(header);
    if header.rename.is_some() {
        patches.push(header);
    }
}

/// A line of git's header.
fn git_line(line: &str, header: &mut FilePatch) -> bool {
    if let Some(mode) = line.strip_prefix("new file mode ").or_else(|| line.strip_prefix("new mode ")) {
        header.mode = u32::from_str_radix(mode.trim(), 8).ok().map(|mode| mode & 0o777);
    } else if let Some(from) = line.strip_prefix("rename from ") {
        header.rename = Some((from.to_owned(), String::new()));
    } else if let (Some(to), Some(rename)) = (line.strip_prefix("rename to "), &mut header.rename) {
        to.clone_into(&mut rename.1);
    } else {
        return false;
    }
    true
}

/// Name and time in a header's line; `None` for `/dev/null`.
fn name(text: &str) -> (Option<String>, bool) {
    let (name, time) = if let Some(quoted) = text.strip_prefix('"') {
        quoted.split_once('"').map_or((quoted, ""), |(name, time)| (name, time))
    } else if let Some((name, time)) = text.split_once('\t') {
        (name, time)
    } else {
        text.split_once(' ').unwrap_or((text, ""))
    };
    let time = time.trim();
    // The header of diff -N for a file that does not exist.
    let is_none = name == "/dev/null"
        || ["1970-01-01 0", "1969-12-31 ", "Thu Jan  1 0", "Wed Dec 31 "].iter().any(|start| {
            time.starts_with(start)
                && (time.contains("1970") || time.contains("1969"))
                && time.contains(":00:00")
        });
    (Some(name.to_owned()).filter(|name| name != "/dev/null"), is_none)
}

#[cfg(test)]
mod tests;
