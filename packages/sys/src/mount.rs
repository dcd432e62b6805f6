// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mounting: mount(2), umount2(2).

use std::ffi::CStr;
use std::io;
use std::path::Path;

pub use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

/// Mounts `source`, a file system of type `kind`, on `target`. `data`: options of that file system.
///
/// # Errors
/// As in mount(2).
pub fn mount(
    source: &Path,
    target: &Path,
    kind: &CStr,
    flags: MountFlags,
    data: Option<&CStr>,
) -> io::Result<()> {
    Ok(rustix::mount::mount(source, target, kind, flags, data)?)
}

/// Changes the flags and options of the mount on `target`.
///
/// # Errors
/// As in mount(2).
pub fn remount(target: &Path, flags: MountFlags, data: &CStr) -> io::Result<()> {
    Ok(rustix::mount::mount_remount(target, flags, data)?)
}

/// Binds the tree at `source` to `target`; with `recursive`, including the mounts below it.
///
/// # Errors
/// As in mount(2).
pub fn bind(source: &Path, target: &Path, recursive: bool) -> io::Result<()> {
    Ok(if recursive {
        rustix::mount::mount_bind_recursive(source, target)
    } else {
        rustix::mount::mount_bind(source, target)
    }?)
}

/// Moves the mount on `source` to `target`.
///
/// # Errors
/// As in mount(2).
pub fn move_to(source: &Path, target: &Path) -> io::Result<()> {
    Ok(rustix::mount::mount_move(source, target)?)
}

/// Unmounts the file system on `target`.
///
/// # Errors
/// As in umount(2): EBUSY while it is used, EINVAL when nothing is mounted there.
pub fn unmount(target: &Path, flags: UnmountFlags) -> io::Result<()> {
    Ok(rustix::mount::unmount(target, flags)?)
}
