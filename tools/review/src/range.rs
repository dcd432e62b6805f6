// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two revisions of `BASE..HEAD`.

use crate::input::Revision;
use qos_host::ui::Result;
use qos_revisions::revision::{self, git};

/// Names in a range, as git-rev-parse(1) takes them.
#[derive(Debug, PartialEq, Eq)]
struct Names<'a> {
    base: &'a str,
    /// `None` for the work tree.
    head: Option<&'a str>,
    /// Whether the base is the merge base of both.
    merge_base: bool,
}

/// `BASE..HEAD`; `BASE...HEAD` for the changes of HEAD since it left BASE; `BASE` for those of the work tree.
fn names(range: &str) -> std::result::Result<Names<'_>, String> {
    let (base, head, merge_base) = match range.split_once("...") {
        Some((base, head)) => (base, Some(head), true),
        None => range.split_once("..").map_or((range, None, false), |(base, head)| (base, Some(head), false)),
    };
    if base.is_empty() {
        return Err(format!("{range} has no base; write BASE..HEAD, BASE...HEAD or BASE"));
    }
    // As git does.
    let head = head.map(|head| if head.is_empty() { "HEAD" } else { head });
    Ok(Names { base, head, merge_base })
}

/// The base and the head of a range.
///
/// # Errors
///
/// It has no base, names no commit, or the commits are the same or have no common ancestor.
pub fn revisions(range: &str) -> Result<[revision::Revision; 2]> {
    let names = names(range)?;
    let head = names.head.map_or(Ok(revision::Revision::work_tree()), revision::Revision::commit)?;
    let mut base = revision::Revision::commit(names.base)?;
    if let (true, Some(one), Some(other)) = (names.merge_base, &base.commit, &head.commit) {
        let found = git(&["merge-base", one, other]).map_err(|_| {
            format!("{} and {} have no common ancestor; fetch more of the history", base.name, head.name)
        })?;
        base = revision::Revision::commit(&found)?;
    }
    if base.commit == head.commit {
        return Err(format!("there is nothing to review: {range} has the same commit on both sides").into());
    }
    Ok([base, head])
}

/// The revision as a review shows it.
pub fn shown(revision: &revision::Revision) -> Revision {
    Revision { name: revision.name.clone(), commit: revision.commit.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let check = |range: &str, base: &str, head: Option<&str>, merge_base| {
            assert_eq!(names(range), Ok(Names { base, head, merge_base }), "{range}");
        };
        check("main..x", "main", Some("x"), false);
        check("main..", "main", Some("HEAD"), false);
        check("main...x", "main", Some("x"), true);
        check("v1.2..v1.3", "v1.2", Some("v1.3"), false);
        check("main", "main", None, false);
        for range in ["", "..x", "...x"] {
            assert!(names(range).unwrap_err().contains("has no base"), "{range}");
        }
    }
}
