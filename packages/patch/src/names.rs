// SPDX-License-Identifier: MIT OR Apache-2.0
//! Selects the file that is patched: POSIX's and GNU patch's choice among the names in the headers.

use crate::hunk::FilePatch;
use std::path::{Component, Path, PathBuf};

/// The file below `directory` that `patch` is of, by the names in it less `strip` components (without a number: all
/// but the last). One that exists comes before one that does not, and of those the one with the fewest components,
/// the shortest last one, the shortest name.
pub fn choose(patch: &FilePatch, strip: Option<usize>, directory: &Path) -> Option<PathBuf> {
    let given = [&patch.old, &patch.new, &patch.index];
    let mut names: Vec<PathBuf> =
        given.into_iter().flatten().filter_map(|name| stripped(name, strip)).collect();
    names.extend(patch.rename.as_ref().and_then(|(from, _)| stripped(from, below(strip))));
    names.retain(|name| is_safe(name));
    let best = |names: &[PathBuf]| names.iter().min_by_key(|name| rank(name)).cloned();
    let existing: Vec<PathBuf> =
        names.iter().filter(|name| directory.join(name).symlink_metadata().is_ok()).cloned().collect();
    best(&existing).or_else(|| if patch.creates { best(&names) } else { None })
}

/// The name that git has moved the file to.
pub fn renamed(patch: &FilePatch, strip: Option<usize>) -> Option<PathBuf> {
    let (_, to) = patch.rename.as_ref()?;
    stripped(to, below(strip)).filter(|to| is_safe(to))
}

/// git writes the names of files that move without the `a/` and `b/` that those in the headers have.
fn below(strip: Option<usize>) -> Option<usize> {
    strip.map(|strip| strip.saturating_sub(1))
}

fn rank(name: &Path) -> (usize, usize, usize) {
    let last = name.file_name().map_or(0, |last| last.len());
    (name.components().count(), last, name.as_os_str().len())
}

/// `name` less its first `strip` components; several slashes are one.
pub fn stripped(name: &str, strip: Option<usize>) -> Option<PathBuf> {
    let Some(strip) = strip else { return Path::new(name).file_name().map(PathBuf::from) };
    let mut rest = name;
    for _ in 0..strip {
        rest = rest[rest.find('/')?..].trim_start_matches('/');
    }
    (!rest.is_empty()).then(|| rest.into())
}

/// Whether a name from a patch, which anyone may have made, stays within the directory.
pub fn is_safe(name: &Path) -> bool {
    name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        for (name, strip, expect) in [
            ("a/b/c", None, Some("c")),
            ("a/b/c", Some(0), Some("a/b/c")),
            ("a/b/c", Some(1), Some("b/c")),
            ("/a//b", Some(1), Some("a//b")),
            ("a//b", Some(1), Some("b")),
            ("a", Some(1), None),
        ] {
            assert_eq!(stripped(name, strip), expect.map(PathBuf::from), "{name} {strip:?}");
        }
    }

    #[test]
    fn choices() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("x"), "").unwrap();
        let check = |old: Option<&str>, new: Option<&str>, creates: bool, expect: Option<&str>| {
            let own = |name: Option<&str>| name.map(str::to_owned);
            let patch = FilePatch { old: own(old), new: own(new), creates, ..FilePatch::default() };
            assert_eq!(choose(&patch, Some(1), directory.path()), expect.map(PathBuf::from));
        };
        check(Some("a/x"), Some("b/x"), false, Some("x"));
        check(Some("a/none"), Some("b/x"), false, Some("x"));
        check(Some("a/none"), Some("b/none"), false, None);
        check(None, Some("b/new"), true, Some("new"));
        check(Some("a/../out"), Some("b//etc/x"), true, Some("etc/x"));
        check(Some("a/../out"), None, true, None);
    }
}
