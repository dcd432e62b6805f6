// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes of reviewed files (snapshots, resolved configurations, the policy), as git reports them.

use crate::locate::Location;
use qos_bootdiff::units::count;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;

/// A reviewed file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// The file, and the first line that changed: in the head, or in the base if the head does not have the file. 1 if no line changed.
    pub location: Location,
    /// Which revisions have the file.
    pub status: Status,
    /// Its modes as git has them, base and head, if both have the file and the modes differ.
    pub mode: Option<[String; 2]>,
    /// Lines that the head adds.
    pub added: usize,
    /// Lines of the base that the head does not have.
    pub removed: usize,
}

/// Which revisions have a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Only the head.
    Added,
    /// Only the base.
    Removed,
    /// Both.
    Changed,
}

impl Reviewed {
    /// The change in words: `2 lines added, 1 line removed`, then what happened to the file.
    #[must_use]
    pub fn by(&self) -> String {
        let lines = format!("{} added, {} removed", count(self.added, "line"), count(self.removed, "line"));
        match (self.status, &self.mode) {
            (Status::Added, _) => format!("{lines}, the file is new"),
            (Status::Removed, _) => format!("{lines}, the file is removed"),
            (Status::Changed, Some([base, head])) => format!("{lines}, mode {base} → {head}"),
            (Status::Changed, None) => lines,
        }
    }
}

/// The files that count as reviewed, as git's path patterns.
const PATHS: [&str; 4] = [
    ":(top,glob)**/*.snap",
    ":(top,glob)snapshots/*.log",
    ":(top,glob)kernel/**/*resolved.config",
    ":(top)review.toml",
];

/// Arguments of git that both calls of git diff have. Neither the user's configuration nor attributes, which the change under review can
/// set, affect what git diff reports: every setting that would is given here.
const DIFF: [&str; 19] = [
    "-c",
    "core.attributesFile=/dev/null",
    "diff",
    "--no-color",
    "--text",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-relative",
    "--ignore-submodules=none",
    "--submodule=short",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--inter-hunk-context=0",
    "--no-function-context",
    "--full-index",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
];

/// The reviewed files that changed between `commits`: two, or one that the work tree is compared with. `git` runs git in the repository.
///
/// # Errors
///
/// Those of `git`; or its output cannot be read.
pub fn changes<E: From<String>>(
    commits: &[&str],
    git: impl Fn(&[&OsStr]) -> Result<Vec<u8>, E>,
) -> Result<Vec<Reviewed>, E> {
    let diff = |format: &[&str], paths: &[&OsStr]| {
        let arguments = DIFF.iter().chain(format).chain(commits).chain(&["--"]).map(OsStr::new);
        git(&arguments.chain(paths.iter().copied()).collect::<Vec<_>>())
    };
    let list = diff(&["--raw", "-z"], &PATHS.map(OsStr::new))?;
    let mut files = Vec::new();
    for (path, mut file) in raw(&list)? {
        let mut only = OsString::from(":(top,literal)");
        only.push(OsStr::from_bytes(path));
        file.count(&diff(&["--patch", "--unified=0"], &[&only])?);
        files.push(file);
    }
    Ok(files)
}

/// Reads `git diff --raw -z`: the path of each file as bytes, and the file without its lines.
fn raw(list: &[u8]) -> Result<Vec<(&[u8], Reviewed)>, String> {
    let odd = |field: &[u8]| format!("git diff --raw: odd output: {}", String::from_utf8_lossy(field));
    let mut fields = list.split(|byte| *byte == 0).filter(|field| !field.is_empty());
    let mut files = Vec::new();
    while let Some(field) = fields.next() {
        let words: Vec<&str> = std::str::from_utf8(field).unwrap_or_default().split(' ').collect();
        let (&[base, head, _, _, _], Some(path)) = (&words[..], fields.next()) else {
            return Err(odd(field));
        };
        let base = base.strip_prefix(':').ok_or_else(|| odd(field))?;
        // git-diff-index(1): the mode of a file that is not there is 000000.
        let status = match (base, head) {
            ("000000", _) => Status::Added,
            (_, "000000") => Status::Removed,
            _ => Status::Changed,
        };
        let differs = status == Status::Changed && base != head;
        let file = Reviewed {
            location: Location::new(String::from_utf8_lossy(path), 1),
            status,
            mode: differs.then(|| [base.to_owned(), head.to_owned()]),
            added: 0,
            removed: 0,
        };
        files.push((path, file));
    }
    Ok(files)
}

impl Reviewed {
    /// Counts the lines of its diff, and takes the first line that changed.
    fn count(&mut self, diff: &[u8]) {
        let mut first = None;
        let mut left = (0_usize, 0_usize);
        for line in diff.split(|byte| *byte == b'\n') {
            if left == (0, 0) {
                let Some((old, new)) = hunk(line) else { continue };
                // Of lines that are only removed, git gives the line before; a file that is gone has line 0.
                first = first.or(Some(if new.0 == 0 { old.0.max(1) } else { new.0 }));
                left = (old.1, new.1);
                continue;
            }
            // A line of a hunk may look like a header.
            match line.first() {
                Some(b'-') => {
                    self.removed += 1;
                    left.0 = left.0.saturating_sub(1);
                }
                Some(b'+') => {
                    self.added += 1;
                    left.1 = left.1.saturating_sub(1);
                }
                _ => {}
            }
        }
        self.location.line = first.unwrap_or(1);
    }
}

/// First line and number of lines on both sides, of `@@ -1,2 +3 @@`.
fn hunk(line: &[u8]) -> Option<((usize, usize), (usize, usize))> {
    // The text after the second `@@` can be cut within a character.
    let line = String::from_utf8_lossy(line);
    let (old, new) = line.strip_prefix("@@ -")?.split(" @@").next()?.split_once(" +")?;
    let side = |text: &str| {
        let (first, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((first.parse().ok()?, count.parse().ok()?))
    };
    Some((side(old)?, side(new)?))
}

impl Display for Reviewed {
    /// `x.snap: 1 line added, 0 lines removed`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.location, self.by())
    }
}

#[cfg(test)]
#[path = "reviewed_tests.rs"]
mod tests;

#[cfg(all(test, feature = "git"))]
#[path = "reviewed_git_tests.rs"]
mod git_tests;
