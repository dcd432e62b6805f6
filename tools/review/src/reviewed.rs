// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes of reviewed files (snapshots, resolved configurations, the policy), from the output of git diff. Pure.

use crate::locate::Location;
use serde::Serialize;

/// A reviewed file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// The file, and the first line that changed: in the head, or in the base if the head does not have the file.
    pub location: Location,
    /// Lines that the head adds.
    pub added: usize,
    /// Lines of the base that the head does not have.
    pub removed: usize,
}

/// The arguments of git diff whose output [`read`] takes, without the revisions.
pub const DIFF: [&str; 7] = [
    "diff",
    "--unified=0",
    "--no-color",
    "--no-ext-diff",
    "--no-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];

/// The files that count as reviewed, as git's path patterns.
pub const PATHS: [&str; 4] =
    [":(glob)**/*.snap", ":(glob)snapshots/*.log", ":(glob)kernel/**/*resolved.config", ":(top)review.toml"];

/// Reads the output of git diff. A file whose name has unusual characters, which git quotes, is named as git does.
#[must_use]
pub fn read(diff: &str) -> Vec<Reviewed> {
    let mut files: Vec<Reviewed> = Vec::new();
    let mut base = "";
    let mut in_hunk = (0, 0);
    for line in diff.lines() {
        if in_hunk != (0, 0) {
            // A line of a hunk may look like a header.
            let Some(file) = files.last_mut() else { continue };
            match line.as_bytes().first() {
                Some(b'-') => {
                    file.removed += 1;
                    in_hunk.0 -= 1_usize.min(in_hunk.0);
                }
                Some(b'+') => {
                    file.added += 1;
                    in_hunk.1 -= 1_usize.min(in_hunk.1);
                }
                _ => {}
            }
        } else if let Some(path) = line.strip_prefix("--- ") {
            base = path.strip_prefix("a/").unwrap_or(path);
        } else if let Some(path) = line.strip_prefix("+++ ") {
            let path = path.strip_prefix("b/").unwrap_or(if path == "/dev/null" { base } else { path });
            files.push(Reviewed { location: Location::new(path, 0), added: 0, removed: 0 });
        } else if let Some(((old, new), file)) = hunk(line).zip(files.last_mut()) {
            if file.location.line == 0 {
                // Of lines that are only removed, git gives the line before; a file that is gone has line 0.
                file.location.line = if new.0 == 0 { old.0.max(1) } else { new.0 };
            }
            in_hunk = (old.1, new.1);
        }
    }
    files.retain(|file| file.location.line > 0);
    files
}

/// First line and number of lines on both sides, of `@@ -1,2 +3 @@`.
fn hunk(line: &str) -> Option<((usize, usize), (usize, usize))> {
    let (old, new) = line.strip_prefix("@@ -")?.split(" @@").next()?.split_once(" +")?;
    let side = |text: &str| {
        let (first, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((first.parse().ok()?, count.parse().ok()?))
    };
    Some((side(old)?, side(new)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(diff: &str, expect: &[(&str, usize, usize, usize)]) {
        let got = read(diff);
        let got: Vec<_> = got
            .iter()
            .map(|one| (one.location.file.as_str(), one.location.line, one.added, one.removed))
            .collect();
        assert_eq!(got, expect, "{diff}");
    }

    #[test]
    fn files_with_their_first_changed_line() {
        check("", &[]);
        check(
            "diff --git a/x/a.snap b/x/a.snap\nindex 1..2 100644\n--- a/x/a.snap\n+++ b/x/a.snap\n@@ -5 +5,2 @@ title\n-one\n+two\n+three\n\
             @@ -9,0 +11 @@\n+four\n",
            &[("x/a.snap", 5, 3, 1)],
        );
        check(
            "--- a/b.snap\n+++ b/b.snap\n@@ -3,2 +2,0 @@\n--- a/looks like a header\n-x\n\
             --- /dev/null\n+++ b/new.snap\n@@ -0,0 +1,2 @@\n+++ b/too\n+y\n\
             --- a/gone.snap\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
            &[("b.snap", 2, 0, 2), ("new.snap", 1, 2, 0), ("gone.snap", 1, 0, 2)],
        );
        check(
            "--- a/c.snap\n+++ b/c.snap\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n",
            &[("c.snap", 1, 1, 1)],
        );
        check("Binary files a/x.snap and b/x.snap differ\n", &[]);
        check("--- a/odd.snap\n+++ b/odd.snap\n@@ nonsense @@\n", &[]);
    }
}
