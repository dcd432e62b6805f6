// SPDX-License-Identifier: MIT OR Apache-2.0
//! The file systems of the kernel's interfaces: mounted first, moved into the new root at the end.

use crate::kmsg::warn;
use qos_sys::error_text;
use qos_sys::mount::{MountFlags, UnmountFlags, mount, move_to, unmount};
use std::ffi::CStr;
use std::io;
use std::path::Path;

const NO_SUID_DEV: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);
const NO_SUID_DEV_EXEC: MountFlags = NO_SUID_DEV.union(MountFlags::NOEXEC);

/// Type, mount point, flags, options: as systemd mounts them, which takes over what it finds.
const TABLE: &[(&CStr, &str, MountFlags, &CStr)] = &[
    (c"devtmpfs", "/dev", MountFlags::NOSUID, c"mode=0755"),
    (c"proc", "/proc", NO_SUID_DEV_EXEC, c""),
    (c"sysfs", "/sys", NO_SUID_DEV_EXEC, c""),
    (c"tmpfs", "/run", NO_SUID_DEV, c"mode=0755"),
];

/// Mounts the table.
pub fn mount_all() {
    for (kind, target, flags, data) in TABLE {
        if let Err(error) = mount_one(kind, Path::new(target), *flags, data) {
            warn(&format!("mount {} on {target}: {}", kind.to_string_lossy(), error_text(&error)));
        }
    }
}

fn mount_one(kind: &CStr, target: &Path, flags: MountFlags, data: &CStr) -> io::Result<()> {
    let source = kind.to_string_lossy();
    let try_mount = || mount(Path::new(&*source), target, kind, flags, Some(data));
    match try_mount() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(target)?;
            try_mount()
        }
        // Mounted by the kernel (CONFIG_DEVTMPFS_MOUNT).
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => Ok(()),
        other => other,
    }
}

/// Moves the table into the root at `root`. A mount whose mount point is missing there is taken away: the new init can
/// mount it where it wants it.
pub fn move_all(root: &Path) {
    for (_, target, ..) in TABLE {
        let new = root.join(target.trim_start_matches('/'));
        // A link there would lead to a place in this root.
        let moved = if new.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            move_to(Path::new(target), &new)
        } else {
            Err(io::Error::other("the new root has no such directory"))
        };
        if let Err(error) = moved {
            warn(&format!("{target} is not moved into the new root: {}", error_text(&error)));
            let _ = unmount(Path::new(target), UnmountFlags::DETACH);
        }
    }
}
