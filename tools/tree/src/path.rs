// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths in a tree: bytes without a leading `/`, such as `bin/qos`; the root is the empty path.

use std::borrow::Cow;

/// The path as text for messages, with U+FFFD for bytes that are not UTF-8.
#[must_use]
pub fn show(path: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(path)
}

/// The directory that `path` is in, and its name in it. The root is in no directory.
#[must_use]
pub fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    if path.is_empty() {
        return None;
    }
    Some(match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (&[], path),
    })
}

/// `name` in the directory `parent`.
#[must_use]
pub fn join(parent: &[u8], name: &[u8]) -> Vec<u8> {
    match parent.is_empty() {
        true => name.to_vec(),
        false => [parent, b"/", name].concat(),
    }
}

/// A name from an archive as a path: without `/` and `./` in front, or several `/` in a row. `None` when it leads out of
/// the tree through `..`.
#[must_use]
pub fn normal(name: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(name.len());
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return None,
            _ => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_paths() {
        for (name, path) in [
            (&b"/"[..], Some(&b""[..])),
            (b"./bin//sh/", Some(b"bin/sh")),
            (b"\xff/.x", Some(b"\xff/.x")),
            (b"a/../b", None),
        ] {
            assert_eq!(normal(name).as_deref(), path, "{}", show(name));
        }
    }

    #[test]
    fn what_is_split_joins() {
        assert_eq!(split(b""), None);
        for (path, parent, name) in [(&b"a"[..], &b""[..], &b"a"[..]), (b"a/b/c", b"a/b", b"c")] {
            assert_eq!(split(path), Some((parent, name)));
            assert_eq!(join(parent, name), path);
        }
    }
}
