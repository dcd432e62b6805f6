// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories: the files that only one of them has, and the differences of the common files.

use super::{files, options::Options};
use crate::{TROUBLE, Trouble, reason};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io::{self, Write};
use std::path::Path;

/// Compares the files of two directories, and with `-r` the directories in them.
pub(super) fn directories(
    options: &Options,
    old: &Path,
    new: &Path,
    out: &mut dyn Write,
) -> Result<i32, Trouble> {
    let read = |dir: &Path| match names(options, dir) {
        Ok(names) => Some(names),
        // Below the operands, one of two directories may be missing: with -N its files count as empty.
        Err(error) if options.new_file && error.kind() == io::ErrorKind::NotFound => Some(BTreeSet::new()),
        Err(error) => {
            eprintln!("diff: {}: {}", dir.display(), reason(&error));
            None
        }
    };
    let (Some(in_old), Some(in_new)) = (read(old), read(new)) else { return Ok(TROUBLE) };
    let mut status = 0;
    for name in in_old.union(&in_new) {
        let here = (in_old.contains(name), in_new.contains(name));
        let (a, b) = (old.join(name), new.join(name));
        let found = match here {
            (true, true) => pair(options, &a, &b, out)?,
            _ if options.new_file => pair(options, &a, &b, out)?,
            (true, false) => only(old, name, out)?,
            _ => only(new, name, out)?,
        };
        status = status.max(found);
    }
    Ok(status)
}

fn names(options: &Options, dir: &Path) -> io::Result<BTreeSet<OsString>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        if !options.excludes(name.as_encoded_bytes()) {
            names.insert(name);
        }
    }
    Ok(names)
}

fn only(dir: &Path, name: &OsString, out: &mut dyn Write) -> Result<i32, Trouble> {
    writeln!(out, "Only in {}: {}", dir.display(), Path::new(name).display())?;
    Ok(1)
}

/// Compares what has the same name in two directories.
fn pair(options: &Options, a: &Path, b: &Path, out: &mut dyn Write) -> Result<i32, Trouble> {
    let kind = |path: &Path| fs::metadata(path).map(|found| found.file_type());
    let (first, second) = (kind(a), kind(b));
    let is_dir = |kind: &io::Result<FileType>| kind.as_ref().is_ok_and(FileType::is_dir);
    let is_missing = |kind: &io::Result<FileType>| kind.is_err() && options.new_file;
    match (is_dir(&first), is_dir(&second)) {
        (false, false) => {
            let heading = format!("diff{} {} {}", options.given, a.display(), b.display());
            files(options, a, b, Some(&heading), out)
        }
        (x, y) if (x || is_missing(&first)) && (y || is_missing(&second)) => {
            if options.recursive {
                return directories(options, a, b, out);
            }
            writeln!(out, "Common subdirectories: {} and {}", a.display(), b.display())?;
            Ok(0)
        }
        _ => {
            let [first, second] =
                [&first, &second].map(|kind| kind.as_ref().map_or("missing file", describe));
            let (a, b) = (a.display(), b.display());
            writeln!(out, "File {a} is a {first} while file {b} is a {second}")?;
            Ok(1)
        }
    }
}

fn describe(kind: &FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_dir() => "directory",
        kind if kind.is_file() => "regular file",
        kind if kind.is_fifo() => "fifo",
        kind if kind.is_socket() => "socket",
        kind if kind.is_char_device() => "character special file",
        _ => "block special file",
    }
}
