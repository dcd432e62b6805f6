// SPDX-License-Identifier: MIT OR Apache-2.0
//! Symbolic links in a directory of devices.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Where the link `link` has to lead to arrive at `target`; both are relative to the same directory, without `..`.
#[must_use]
pub fn relative(link: &Path, target: &Path) -> PathBuf {
    let depth = link.components().count().saturating_sub(1);
    let up: PathBuf = std::iter::repeat_n("..", depth).collect();
    up.join(target)
}

/// Makes the link `link` to `target`, both relative to `directory`, and the directories above it. An older link is replaced in one
/// step; one that leads there already is left alone.
///
/// # Errors
/// As in mkdir(2), symlink(2), rename(2); [`io::ErrorKind::AlreadyExists`] when there is a file that is no link.
pub fn place(directory: &Path, link: &Path, target: &Path) -> io::Result<()> {
    let path = directory.join(link);
    let target = relative(link, target);
    // Nearly always the path is free.
    match symlink(&target, &path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(directory))?;
            match symlink(&target, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other,
            }
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    match fs::read_link(&path) {
        Ok(old) if old == target => return Ok(()),
        Ok(_) => {}
        Err(_) => return Err(io::ErrorKind::AlreadyExists.into()),
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    fs::remove_file(&new).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    symlink(&target, &new)?;
    fs::rename(&new, &path)
}

/// Removes the link `link` of `directory`, and the directories above it that are empty then.
///
/// # Errors
/// As in unlink(2). It is no error that it is gone.
pub fn remove(directory: &Path, link: &Path) -> io::Result<()> {
    let path = directory.join(link);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let above =
        path.ancestors().skip(1).take_while(|above| *above != directory && above.starts_with(directory));
    // One with other links in it is not empty, and stays with all above it.
    above.map(fs::remove_dir).take_while(Result::is_ok).for_each(drop);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (link, target, expect) in [
            ("disk/by-label/boot", "vda2", "../../vda2"),
            ("mapper/a", "dm-0", "../dm-0"),
            ("cdrom", "sr0", "sr0"),
            ("disk/by-id/x", "input/mouse0", "../../input/mouse0"),
        ] {
            assert_eq!(relative(Path::new(link), Path::new(target)), Path::new(expect), "{link}");
        }
    }

    #[test]
    fn life_of_a_link() {
        let root = tempfile::tempdir().unwrap();
        let dev = root.path();
        let link = Path::new("disk/by-label/a");
        place(dev, link, Path::new("sda")).unwrap();
        assert_eq!(fs::read_link(dev.join(link)).unwrap(), Path::new("../../sda"));
        place(dev, link, Path::new("sda")).unwrap();
        place(dev, link, Path::new("sdb")).unwrap();
        assert_eq!(fs::read_link(dev.join(link)).unwrap(), Path::new("../../sdb"));
        assert_eq!(fs::read_dir(dev.join("disk/by-label")).unwrap().count(), 1);
        place(dev, Path::new("disk/by-id/b"), Path::new("sdb")).unwrap();
        remove(dev, link).unwrap();
        assert!(!dev.join("disk/by-label").exists() && dev.join("disk/by-id/b").is_symlink());
        remove(dev, link).unwrap();
        remove(dev, Path::new("disk/by-id/b")).unwrap();
        assert_eq!(fs::read_dir(dev).unwrap().count(), 0);
    }

    #[test]
    fn a_file_is_not_replaced() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("sda"), "").unwrap();
        let error = place(root.path(), Path::new("sda"), Path::new("sdb")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    }
}
