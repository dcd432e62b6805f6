// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replacement of a file by a whole one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// Replaces the file at `path` by one with `contents`: whoever opens it, also after a crash, finds the old bytes or the
/// new ones. Owner and mode stay; a file that was not there gets `mode`.
///
/// The new file is written beside the old one, with a `+` after its name, as shadow's programs do. Callers hold
/// [`Lock`](crate::Lock), so that only what a killed program left can be there.
///
/// # Errors
/// As in open(2), fchown(2), write(2), fsync(2) and rename(2); the old file is then as it was.
pub fn replace(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    // A symbolic link stays one: the file that it leads to is replaced.
    let path = match fs::canonicalize(path) {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("+");
    let new = directory.join(name);
    let written = write(&path, &new, contents, mode);
    if written.is_err() {
        // What is left is no harm, and the error that is told is the first one.
        let _ = fs::remove_file(&new);
    }
    written?;
    File::open(directory)?.sync_all()
}

fn write(path: &Path, new: &PathBuf, contents: &[u8], mode: u32) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(new)?;
    file.write_all(contents)?;
    let mode = match fs::metadata(path) {
        Ok(old) => {
            let made = file.metadata()?;
            if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
                fchown(&file, Some(old.uid()), Some(old.gid()))?;
            }
            old.mode() & 0o7777
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => mode,
        Err(error) => return Err(error),
    };
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_mode_and_owner() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shadow");
        replace(&path, b"one", 0o640).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let root = qos_sys::process::is_root();
        if root {
            std::os::unix::fs::chown(&path, Some(3), Some(4)).unwrap();
        }
        // What a killed program left is no obstacle, a link neither.
        fs::write(directory.path().join("shadow+"), "torn").unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("shadow", &link).unwrap();
        replace(&link, b"two", 0o600).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((fs::read(&path).unwrap(), metadata.mode() & 0o7777), (b"two".to_vec(), 0o604));
        if root {
            assert_eq!((metadata.uid(), metadata.gid()), (3, 4));
        }
        assert!(link.is_symlink() && !directory.path().join("shadow+").exists());
    }

    #[test]
    fn an_error_leaves_the_old_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passwd");
        fs::write(&path, "old").unwrap();
        fs::create_dir(directory.path().join("passwd+")).unwrap();
        assert!(replace(&path, b"new", 0o644).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
