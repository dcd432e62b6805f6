// SPDX-License-Identifier: GPL-3.0-or-later
//! The file that keeps the history.
//!
//! An entry is a line as it was typed, so that the file can be read and written by other programs. A newline in an
//! entry is written after a backslash; backslashes that end a line of an entry are doubled to tell them from it.
//! Several shells may use a file: each entry is appended by one write(2) under a lock, and a file that has grown too
//! long is replaced by rename(2) under the same lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// How often [`lock`] opens the file again because another shell has replaced it meanwhile.
const ATTEMPTS: usize = 10;

/// The last `limit` entries of the file, which is created if it does not exist. `None` if this is no regular file that
/// can be read and written.
pub fn load(path: &Path, limit: usize) -> Option<Vec<String>> {
    let mut file = lock(path).ok()?;
    let mut entries = read(&mut file).ok()?;
    drop(file);
    if entries.len() > limit {
        // A file that stays too long costs space, not function.
        let _ = cut(path, limit);
        entries.drain(..entries.len() - limit);
    }
    Some(entries)
}

/// Appends one entry.
pub fn append(path: &Path, entry: &str) -> io::Result<()> {
    lock(path)?.write_all(encode(entry).as_bytes())
}

/// Removes all but the last `limit` entries.
pub fn cut(path: &Path, limit: usize) -> io::Result<()> {
    let mut file = lock(path)?;
    let entries = read(&mut file)?;
    let kept = &entries[entries.len().saturating_sub(limit)..];
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let shorter = Path::new(&name);
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(shorter)?;
    let text: String = kept.iter().map(|entry| encode(entry)).collect();
    let written = new.write_all(text.as_bytes()).and_then(|()| fs::rename(shorter, path));
    if written.is_err() {
        // The file with the history is as it was; only the copy has to go.
        let _ = fs::remove_file(shorter);
    }
    written
}

/// Opens and locks the file that `path` names at the time when the lock is held.
fn lock(path: &Path) -> io::Result<File> {
    for _ in 0..ATTEMPTS {
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        file.lock()?;
        match fs::metadata(path) {
            Ok(now) if (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()) => return Ok(file),
            _ => continue,
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

fn read(file: &mut File) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(decode(&String::from_utf8_lossy(&bytes)))
}

/// An entry as it is in the file, with the newline that ends it.
fn encode(entry: &str) -> String {
    let mut text = String::with_capacity(entry.len() + 1);
    let mut lines = entry.split('\n').peekable();
    while let Some(line) = lines.next() {
        let backslashes = trailing_backslashes(line);
        text.push_str(line);
        text.extend(std::iter::repeat_n('\\', backslashes + usize::from(lines.peek().is_some())));
        text.push('\n');
    }
    text
}

/// The entries of a file's text.
fn decode(text: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut entry = String::new();
    for line in text.lines() {
        let backslashes = trailing_backslashes(line);
        entry.push_str(&line[..line.len() - backslashes.div_ceil(2)]);
        if backslashes % 2 == 1 {
            entry.push('\n');
        } else if !entry.trim().is_empty() {
            entries.push(std::mem::take(&mut entry));
        } else {
            entry.clear();
        }
    }
    if !entry.trim().is_empty() {
        entries.push(entry);
    }
    entries
}

fn trailing_backslashes(line: &str) -> usize {
    line.len() - line.trim_end_matches('\\').len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn entries_survive_the_file() {
        for entry in [
            "echo a",
            "echo a\\b",
            "echo \\",
            "echo \\\\",
            "echo \\\nb",
            "echo \\\\\nb",
            "for i in 1 2\ndo echo $i\ndone",
            "cat <<E\n\n\\\nE",
            "printf 'é漢\\n'",
        ] {
            assert_eq!(decode(&encode(entry)), [entry], "{:?}", encode(entry));
        }
        let all = ["a \\", "b\nc", "d"];
        assert_eq!(decode(&all.map(encode).concat()), all);
    }

    #[test]
    fn foreign_text() {
        for (text, wanted) in [
            ("", &[][..]),
            ("ls\nps\n", &["ls", "ps"]),
            ("ls\n\n  \nps", &["ls", "ps"]),
            ("echo \\\nb\n", &["echo \nb"]),
            ("echo \\", &["echo \n"]),
        ] {
            assert_eq!(decode(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_file_is_private_grows_and_is_cut() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history");
        assert_eq!(load(&path, 3), Some(vec![]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for entry in ["1", "2", "3\n3", "4"] {
            append(&path, entry).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n2\n3\\\n3\n4\n");
        assert_eq!(load(&path, 3).unwrap(), ["2", "3\n3", "4"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "2\n3\\\n3\n4\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn several_writers_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for entry in 0..50 {
                        append(path, &format!("{writer} {entry}")).unwrap();
                        if entry % 10 == 0 && writer == 0 {
                            cut(path, 1000).unwrap();
                        }
                    }
                });
            }
        });
        assert_eq!(load(&path, 1000).unwrap().len(), 200);
    }

    #[test]
    fn what_cannot_be_used_is_not() {
        assert_eq!(load(Path::new("/dev/null"), 9), None);
        assert_eq!(load(Path::new("/nonexistent/history"), 9), None);
        assert_eq!(load(Path::new("/"), 9), None);
    }
}
