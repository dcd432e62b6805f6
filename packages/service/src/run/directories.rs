// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories that units ask for, and links to them.

use crate::exec::{Plan, link_target};
use qos_sys::error_text;
use qos_unit::{Directories, Exec};
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// Makes the directory, with this mode, if it is missing.
pub(super) fn make_directory(path: &Path, mode: u32) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Makes the directories of a unit, and the private ones of its sandbox.
///
/// # Errors
/// Names the directory or the link that cannot be made.
pub(super) fn make_directories(plan: &Plan, exec: &Exec, private: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: &io::Error| format!("{}: {}", path.display(), error_text(error));
    for (path, mode, uid, gid) in &plan.directories {
        fs::create_dir_all(path)
            .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(*mode)))
            .and_then(|()| std::os::unix::fs::chown(path, Some(*uid), Some(*gid)))
            .map_err(|error| failed(path, &error))?;
    }
    for (target, link) in &plan.links {
        make_link(target, link).map_err(|error| failed(link, &error))?;
    }
    if exec.sandbox.private_tmp {
        for name in ["tmp", "var-tmp"] {
            let path = private.join(name);
            fs::create_dir_all(&path)
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o1777)))
                .map_err(|error| failed(&path, &error))?;
        }
    }
    if !exec.sandbox.binds.is_empty() {
        fs::create_dir_all(private).map_err(|error| failed(private, &error))?;
    }
    if exec.sandbox.private_devices {
        // Under ProtectSystem=strict the child cannot make it.
        let path = private.join("dev");
        fs::create_dir_all(&path).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// Makes a link, which may be there already.
fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    if let Some(parent) = link.parent() {
        fs::create_dir_all(parent)?;
    }
    match symlink(target, link) {
        Err(_) if fs::read_link(link).is_ok_and(|found| found == target) => Ok(()),
        made => made,
    }
}

/// Removes the directories of RuntimeDirectory= and the links to them.
pub(super) fn remove_runtime(directories: &Directories) {
    let base = Path::new("/run");
    for (name, link_name) in &directories.links {
        let link = base.join(link_name);
        if fs::read_link(&link).is_ok_and(|found| found == link_target(name, link_name)) {
            let _ = fs::remove_file(link);
        }
    }
    for name in &directories.names {
        let _ = fs::remove_dir_all(base.join(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_have_their_mode() {
        let directory = std::env::temp_dir().join(format!("qos-mount-point-{}", std::process::id()));
        let point = directory.join("a/b");
        make_directory(&point, 0o710).unwrap();
        // One that is there stays as it is.
        make_directory(&point, 0o755).unwrap();
        assert_eq!(fs::metadata(&point).unwrap().permissions().mode() & 0o7777, 0o710);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn links_that_are_there_stay() {
        let directory = std::env::temp_dir().join(format!("qos-links-{}", std::process::id()));
        let link = directory.join("a/b");
        for (target, expect) in [("../c", true), ("../c", true), ("d", false)] {
            assert_eq!(make_link(Path::new(target), &link).is_ok(), expect, "{target}");
        }
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("../c"));
        fs::remove_dir_all(&directory).unwrap();
    }
}
