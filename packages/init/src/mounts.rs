// SPDX-License-Identifier: MIT OR Apache-2.0
//! The file systems every program expects (file-hierarchy(7), `Documentation/admin-guide/cgroup-v2.rst`).

use crate::LOG;
use qos_sys::error_text;
use qos_sys::mount::{MountFlags, mount};
use std::ffi::CStr;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

struct Entry {
    kind: &'static CStr,
    target: &'static str,
    flags: MountFlags,
    data: &'static CStr,
}

const fn entry(kind: &'static CStr, target: &'static str, flags: MountFlags, data: &'static CStr) -> Entry {
    Entry { kind, target, flags, data }
}

const NO_SUID_DEV: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);
const NO_SUID_DEV_EXEC: MountFlags = NO_SUID_DEV.union(MountFlags::NOEXEC);
const NO_SUID_EXEC: MountFlags = MountFlags::NOSUID.union(MountFlags::NOEXEC);

/// In the order of mounting: a file system with a mount point comes before the one mounted on it.
const TABLE: &[Entry] = &[
    entry(c"devtmpfs", "/dev", MountFlags::NOSUID, c"mode=0755"),
    entry(c"proc", "/proc", NO_SUID_DEV_EXEC, c""),
    entry(c"sysfs", "/sys", NO_SUID_DEV_EXEC, c""),
    // Group 5 is tty: write(1) and wall(1) of other systems rely on it.
    entry(c"devpts", "/dev/pts", NO_SUID_EXEC, c"gid=5,mode=0620,ptmxmode=0666"),
    entry(c"tmpfs", "/dev/shm", NO_SUID_DEV, c"mode=1777"),
    entry(c"tmpfs", "/run", NO_SUID_DEV, c"mode=0755"),
    entry(c"tmpfs", "/tmp", NO_SUID_DEV, c"mode=1777"),
    entry(c"cgroup2", "/sys/fs/cgroup", NO_SUID_DEV_EXEC, c""),
];

/// Links that programs expect in /dev and that devtmpfs does not have.
const LINKS: &[(&str, &str)] = &[
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
];

/// Mounts the table. Failures are logged: a kernel may lack one of them on purpose.
pub fn mount_all() {
    for entry in TABLE {
        if let Err(error) = mount_entry(entry) {
            LOG.warn(&format!(
                "mount {} on {}: {}",
                entry.kind.to_string_lossy(),
                entry.target,
                error_text(&error)
            ));
        }
    }
    for (to, link) in LINKS {
        match std::os::unix::fs::symlink(to, link) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                LOG.warn(&format!("link {link}: {}", error_text(&error)));
            }
            _ => {}
        }
    }
}

fn mount_entry(entry: &Entry) -> io::Result<()> {
    let target = Path::new(entry.target);
    let source = Path::new(entry.kind.to_str().unwrap_or("none"));
    // By early userspace, which has data in /run, or by the kernel (CONFIG_DEVTMPFS_MOUNT).
    if is_mount_point(target) {
        return Ok(());
    }
    let try_mount = || mount(source, target, entry.kind, entry.flags, Some(entry.data));
    match try_mount() {
        // The mount point is made only where it is missing: nearly always it is there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(target)?;
            try_mount()
        }
        other => other,
    }
}

/// Whether another file system than that of the directory around it is mounted here.
fn is_mount_point(path: &Path) -> bool {
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let around = path.parent().and_then(device);
    device(path).is_some_and(|own| around.is_some_and(|around| around != own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points() {
        assert!(is_mount_point(Path::new("/proc")));
        for other in ["/", "/proc/self", "/does/not/exist"] {
            assert!(!is_mount_point(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_mount_point_comes_after_what_holds_it() {
        for (n, entry) in TABLE.iter().enumerate() {
            for later in &TABLE[n..] {
                assert!(!Path::new(entry.target).starts_with(later.target) || entry.target == later.target);
            }
        }
    }
}
