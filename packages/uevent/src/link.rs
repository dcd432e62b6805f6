// SPDX-License-Identifier: MIT OR Apache-2.0
//! Symbolic links in a directory of devices.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Component, Path, PathBuf};

/// Where the link `link` has to lead to arrive at `target`; both are relative to the same directory, without `..`.
#[must_use]
pub fn relative(link: &Path, target: &Path) -> PathBuf {
    let depth = link.components().count().saturating_sub(1);
    let up: PathBuf = std::iter::repeat_n("..", depth).collect();
    up.join(target)
}

/// Makes the link `link` to `target`, both relative to `directory`, and the directories above it. An older link to a device's node is
/// replaced in one step; one that leads there already is left alone.
///
/// # Errors
/// As in mkdir(2), symlink(2), rename(2); [`io::ErrorKind::AlreadyExists`] when there is a file that is no link, or a link of another
/// program, which leads to something other than a device's node.
pub fn place(directory: &Path, link: &Path, target: &Path) -> io::Result<()> {
    let path = directory.join(link);
    let text = relative(link, target);
    // Nearly always the path is free.
    match symlink(&text, &path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(directory))?;
            match symlink(&text, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other,
            }
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    match fs::read_link(&path) {
        Ok(old) if old == text => return Ok(()),
        Ok(old) if may_lead_to_node(directory, link, &old) => {}
        _ => return Err(io::ErrorKind::AlreadyExists.into()),
    }
    let mut name = OsString::from(".#");
    name.push(path.file_name().unwrap_or_default());
    let new = path.with_file_name(name);
    // It may be left of a process that was killed here.
    if new.is_symlink() {
        fs::remove_file(&new)?;
    }
    symlink(&text, &new)?;
    fs::rename(&new, &path)
}

/// Whether the link `link` of `directory` with the text `text` is one that [`place`] may have made: relative, to a path inside the
/// directory where there is a node, or nothing after the device has gone.
fn may_lead_to_node(directory: &Path, link: &Path, text: &Path) -> bool {
    let up = link.components().count().saturating_sub(1);
    let mut parts = text.components();
    let is_inside = parts.by_ref().take(up).all(|part| part == Component::ParentDir)
        && !parts.as_path().as_os_str().is_empty()
        && parts.clone().all(|part| matches!(part, Component::Normal(_)));
    let is_other =
        |kind: fs::FileType| kind.is_symlink() || kind.is_dir() || kind.is_socket() || kind.is_fifo();
    is_inside
        && !fs::symlink_metadata(directory.join(parts.as_path())).is_ok_and(|data| is_other(data.file_type()))
}

/// Removes the link `link` of `directory` if it leads to `target`, as [`place`] makes it, and the directories above it that are empty
/// then. Anything else is left alone.
///
/// # Errors
/// As in unlink(2). It is no error that it is gone.
pub fn remove(directory: &Path, link: &Path, target: &Path) -> io::Result<()> {
    let path = directory.join(link);
    if !fs::read_link(&path).is_ok_and(|text| text == relative(link, target)) {
        return Ok(());
    }
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
        remove(dev, link, Path::new("sda")).unwrap();
        assert!(dev.join(link).is_symlink(), "a link to another node is removed");
        remove(dev, link, Path::new("sdb")).unwrap();
        assert!(!dev.join("disk/by-label").exists() && dev.join("disk/by-id/b").is_symlink());
        remove(dev, link, Path::new("sdb")).unwrap();
        remove(dev, Path::new("disk/by-id/b"), Path::new("sdb")).unwrap();
        assert_eq!(fs::read_dir(dev).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_link_to_a_node_stays() {
        let root = tempfile::tempdir().unwrap();
        let dev = root.path();
        let file = |name: &str| fs::write(dev.join(name), "").unwrap();
        ["null", "vda", "a.new", "other"].into_iter().for_each(file);
        let _socket = std::os::unix::net::UnixListener::bind(dev.join("socket")).unwrap();
        fs::create_dir(dev.join("shm")).unwrap();
        for (link, text) in [
            ("log", "/run/systemd/journal/dev-log"),
            ("up", "../run/x"),
            ("fd", "/proc/self/fd"),
            ("to-socket", "socket"),
            ("to-directory", "shm"),
            ("to-link", "log"),
            ("shm/self", "."),
        ] {
            symlink(text, dev.join(link)).unwrap();
        }
        let vda = Path::new("vda");
        for name in [
            "null",
            "vda",
            "socket",
            "shm",
            "log",
            "up",
            "fd",
            "to-socket",
            "to-directory",
            "to-link",
            "shm/self",
        ] {
            let (link, path) = (Path::new(name), dev.join(name));
            let before = (fs::symlink_metadata(&path).unwrap().file_type(), fs::read_link(&path).ok());
            assert_eq!(place(dev, link, vda).unwrap_err().kind(), io::ErrorKind::AlreadyExists, "{name}");
            remove(dev, link, vda).unwrap();
            let after = (fs::symlink_metadata(&path).unwrap().file_type(), fs::read_link(&path).ok());
            assert_eq!(before, after, "{name}");
        }
        // A node that has the name of a link with something behind it.
        place(dev, Path::new("a"), vda).unwrap();
        place(dev, Path::new("a"), Path::new("other")).unwrap();
        assert_eq!(fs::read_link(dev.join("a")).unwrap(), Path::new("other"));
        assert!(dev.join("a.new").is_file());
        // Below a file there is no directory.
        assert!(place(dev, Path::new("null/a"), vda).is_err() && dev.join("null").is_file());
        // The device has gone: its link is replaced.
        symlink("gone", dev.join("b")).unwrap();
        place(dev, Path::new("b"), vda).unwrap();
        assert_eq!(fs::read_link(dev.join("b")).unwrap(), vda);
    }
}
