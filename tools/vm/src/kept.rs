// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keeps the console of a failed run for a user who did not request it beforehand, in a new file in a directory that belongs to the
//! user, so that no other user of the host can have put a link in its place.

use crate::error::{Error, Result};
use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How many consoles are kept; older ones are removed.
const MOST: usize = 20;

const START: &str = "console-";
const END: &str = ".log";

/// Writes a console, and gives the file's path.
///
/// # Errors
/// When there is no directory for it.
pub(crate) fn console(bytes: &[u8]) -> Result<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    // XDG Base Directory Specification: the place for logs.
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    let kept = match state.map(|state| state.join("qos")) {
        Some(folder) => make_folder(&folder).and_then(|()| write_new(&folder, bytes)),
        None => in_temporary(bytes),
    };
    kept.map_err(|error| Error::io("cannot keep the console (--log FILE names a place)", &error))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Without a home: in a directory of the temporary one that is made for it.
fn in_temporary(bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = first_new(|number| {
        let folder = env::temp_dir().join(format!("qos-{}-{number}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder).map(|()| folder)
    })?;
    write_new(&folder, bytes)
}

fn write_new(folder: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    remove_old(folder);
    let (mut file, path) = first_new(|number| {
        let path = folder.join(format!("{START}{}-{number}{END}", std::process::id()));
        // create_new is O_EXCL, which does not follow a link.
        let made = File::options().write(true).create_new(true).mode(0o600).open(&path);
        made.map(|file| (file, path))
    })?;
    file.write_all(bytes)?;
    Ok(path)
}

/// The first that can be made, counted up past those that are there.
fn first_new<T>(make: impl Fn(u32) -> io::Result<T>) -> io::Result<T> {
    let mut number = 0;
    loop {
        match make(number) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
            made => return made,
        }
    }
}

/// Removes the oldest consoles, so that one more is not too many. One that cannot be removed stays.
fn remove_old(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let consoles = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with(START) && name.ends_with(END))
    });
    let mut consoles: Vec<_> =
        consoles.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    consoles.sort();
    let surplus = (consoles.len() + 1).saturating_sub(MOST);
    for (_, path) in consoles.into_iter().take(surplus) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_is_not_followed_and_old_files_go() -> io::Result<()> {
        let parent = tempfile::tempdir()?;
        let folder = parent.path().join("kept");
        make_folder(&folder)?;
        let victim = folder.join("victim");
        fs::write(&victim, "precious")?;
        symlink(&victim, folder.join(format!("{START}{}-0{END}", std::process::id())))?;
        let first = write_new(&folder, b"log")?;
        assert!(first.ends_with(format!("{START}{}-1{END}", std::process::id())), "{}", first.display());
        for _ in 0..30 {
            write_new(&folder, b"log")?;
        }
        let logs = fs::read_dir(&folder)?.flatten().filter(|entry| entry.path() != victim).count();
        let kept = fs::read(&victim)?;
        assert_eq!((kept.as_slice(), logs), (b"precious".as_slice(), MOST));
        Ok(())
    }
}
