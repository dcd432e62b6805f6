// SPDX-License-Identifier: MIT OR Apache-2.0
//! Home directories: made from a skeleton, given to another number, removed.

use qos_command::Failure;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, lchown};
use std::path::Path;

/// Who owns the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Number of the user.
    pub uid: u32,
    /// Number of the group.
    pub gid: u32,
}

/// Makes the directory `home` with `mode` and with what is in `skeleton`, all of it `owner`'s. One that is there is left
/// alone: false.
pub fn create(home: &Path, skeleton: &Path, owner: Owner, mode: u32) -> Result<bool, Failure> {
    let at = |path: &Path, error: &io::Error| Failure::at(path, error).with_status(12);
    if let Some(base) = home.parent() {
        DirBuilder::new().recursive(true).mode(0o755).create(base).map_err(|error| at(base, &error))?;
    }
    match DirBuilder::new().mode(0o700).create(home) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(at(home, &error)),
    }
    if skeleton.is_dir() {
        copy(skeleton, home, owner).map_err(|(path, error)| at(&path, &error))?;
    }
    // The owner comes last: until then nobody but root changes what is in it.
    let given = fs::set_permissions(home, fs::Permissions::from_mode(mode));
    given.and_then(|()| chown(home, Some(owner.uid), Some(owner.gid))).map_err(|error| at(home, &error))?;
    Ok(true)
}

/// An error, and where it came.
type At = (std::path::PathBuf, io::Error);

fn copy(from: &Path, to: &Path, owner: Owner) -> Result<(), At> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let metadata = entry.metadata().map_err(at(&from))?;
        if metadata.is_dir() {
            DirBuilder::new().mode(0o700).create(&to).map_err(at(&to))?;
            copy(&from, &to, owner)?;
        } else if metadata.is_symlink() {
            let target = fs::read_link(&from).map_err(at(&from))?;
            std::os::unix::fs::symlink(target, &to).map_err(at(&to))?;
        } else if metadata.is_file() {
            let mut source = fs::File::open(&from).map_err(at(&from))?;
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(&to).map_err(at(&to))?;
            io::copy(&mut source, &mut file).map_err(at(&to))?;
        } else {
            // Devices and sockets are not for users.
            continue;
        }
        if !metadata.is_symlink() {
            let mode = fs::Permissions::from_mode(metadata.mode() & 0o777);
            fs::set_permissions(&to, mode).map_err(at(&to))?;
        }
        lchown(&to, Some(owner.uid), Some(owner.gid)).map_err(at(&to))?;
    }
    Ok(())
}

/// Gives `new` every file in `path` that `old` owns. Symbolic links are not followed.
pub fn give(path: &Path, old: Owner, new: Owner) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    let uid = (metadata.uid() == old.uid).then_some(new.uid);
    let gid = (metadata.gid() == old.gid).then_some(new.gid);
    lchown(path, uid, gid)?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), old, new)?;
        }
    }
    Ok(())
}

/// Removes the home directory `home` of user `uid`; false if it is somebody else's, or too high in the tree to be one.
pub fn remove(home: &Path, uid: u32) -> io::Result<bool> {
    let metadata = match fs::symlink_metadata(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    if !metadata.is_dir() || metadata.uid() != uid || home.components().count() < 3 {
        return Ok(false);
    }
    fs::remove_dir_all(home)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_and_removed() {
        let root = tempfile::tempdir().unwrap();
        let (home, skeleton) = (root.path().join("home/u"), root.path().join("skel"));
        fs::create_dir_all(skeleton.join(".config")).unwrap();
        fs::write(skeleton.join(".config/x"), "text").unwrap();
        fs::set_permissions(skeleton.join(".config/x"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("x", skeleton.join("link")).unwrap();
        let me = fs::metadata(root.path()).unwrap();
        let is_root = me.uid() == 0;
        let owner = if is_root { Owner { uid: 77, gid: 88 } } else { Owner { uid: me.uid(), gid: me.gid() } };
        assert!(create(&home, &skeleton, owner, 0o750).unwrap());
        assert!(!create(&home, &skeleton, owner, 0o700).unwrap());
        for (path, mode) in [("", 0o750), (".config", 0o755), (".config/x", 0o640)] {
            let metadata = fs::metadata(home.join(path)).unwrap();
            let found = (metadata.mode() & 0o777, metadata.uid(), metadata.gid());
            let skel = fs::metadata(skeleton.join(path)).unwrap().mode() & 0o777;
            let mode = if path == ".config" { skel } else { mode };
            assert_eq!(found, (mode, owner.uid, owner.gid), "{path}");
        }
        assert_eq!(fs::read_link(home.join("link")).unwrap(), Path::new("x"));
        if is_root {
            give(&home, owner, Owner { uid: 99, gid: 99 }).unwrap();
            assert_eq!(fs::symlink_metadata(home.join("link")).unwrap().uid(), 99);
            assert!(!remove(&home, owner.uid).unwrap());
            assert!(remove(&home, 99).unwrap() && !home.exists());
        }
        assert!(!remove(Path::new("/"), 0).unwrap() && !remove(Path::new("/bin"), 0).unwrap());
    }
}
