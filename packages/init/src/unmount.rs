// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unmounts at the end: every file system with data to write back, wherever it is mounted.

use crate::LOG;
use qos_sys::error_text;
use qos_sys::mount::{MountFlags, UnmountFlags, remount, unmount};
use qos_sys::mounts::{Mount, mountinfo};

const TABLE: &str = "/proc/self/mountinfo";

/// Types of file systems whose contents do not survive the kernel.
const IN_MEMORY: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "proc",
    "ramfs",
    "rootfs",
    "securityfs",
    "sysfs",
    "tmpfs",
    "tracefs",
];

/// Unmounts what [`to_unmount`] lists; what cannot be unmounted becomes read-only.
pub fn all() {
    let table = match std::fs::read(TABLE) {
        Ok(table) => table,
        Err(error) => {
            return LOG.error(&format!("nothing is unmounted: {TABLE}: {}", error_text(&error)));
        }
    };
    for mount in to_unmount(&mountinfo(&table)) {
        let target = &mount.target;
        if unmount(target, UnmountFlags::empty()).is_err() {
            if let Err(error) = remount(target, MountFlags::RDONLY, c"") {
                LOG.error(&format!("unmount {}: {}", target.display(), error_text(&error)));
            }
        }
    }
}

/// The mounts of file systems with something to write back, and what keeps these from being unmounted, in the order of
/// unmounting.
///
/// Type decides, not the path: a disk may be mounted on /tmp or /run, above a tmpfs. A file system in memory goes only if
/// it is mounted on one that goes, or if it hides the mount point of one.
fn to_unmount(mounts: &[Mount]) -> Vec<&Mount> {
    let mut goes: Vec<bool> =
        mounts.iter().map(|mount| !IN_MEMORY.iter().any(|kind| mount.kind == *kind)).collect();
    // A mount that goes brings others, which bring others in turn.
    loop {
        let before = goes.clone();
        for (n, mount) in mounts.iter().enumerate() {
            let on_one = mounts.iter().zip(&before).any(|(other, goes)| *goes && mount.parent == other.id);
            let hides_one = mounts[..n]
                .iter()
                .zip(&before)
                .any(|(earlier, goes)| *goes && earlier.target.starts_with(&mount.target));
            goes[n] |= on_one || hides_one;
        }
        if goes == before {
            break;
        }
    }
    let mut order: Vec<_> =
        mounts.iter().zip(goes).filter_map(|(mount, goes)| goes.then_some(mount)).collect();
    order.reverse();
    // mount(8)'s --move can put a mount on one that was mounted later.
    order.sort_by_key(|mount| std::cmp::Reverse(depth(mounts, mount)));
    order
}

/// How many mounts are between `mount` and the root.
fn depth(mounts: &[Mount], mount: &Mount) -> usize {
    let mut depth = 0;
    let mut at = mount;
    while let Some(parent) = mounts.iter().find(|other| other.id == at.parent && other.id != at.id) {
        depth += 1;
        at = parent;
        // The table is read while others may change it: a circle must not hold up the end.
        if depth > mounts.len() {
            break;
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    /// Mounts of every boot, and then `table`: the unmounted ones, in order.
    fn check(table: &[u8], expect: &[&[u8]]) {
        let own = b"\
21 1 0:2 / / rw - rootfs rootfs rw
22 21 0:5 / /dev rw - devtmpfs devtmpfs rw
23 21 0:20 / /proc rw - proc proc rw
24 21 0:21 / /run rw - tmpfs tmpfs rw
25 21 0:22 / /tmp rw - tmpfs tmpfs rw
";
        let mounts = mountinfo(&[own, table].concat());
        let found: Vec<_> =
            to_unmount(&mounts).iter().map(|mount| mount.target.as_os_str().as_bytes()).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn only_what_can_be_written_back() {
        check(b"", &[]);
        check(b"30 21 0:30 / /srv rw - tmpfs tmpfs rw\n", &[]);
        check(
            b"30 21 254:0 / /mnt/a\\040b rw - ext4 /dev/vda rw\n31 30 254:1 / /mnt/a\\040b/c ro - ext4 /dev/vdb ro\n",
            &[b"/mnt/a b/c", b"/mnt/a b"],
        );
    }

    #[test]
    fn a_disk_on_a_mount_point_of_init() {
        check(
            b"30 25 254:0 / /tmp rw - ext4 /dev/vda rw\n31 24 254:1 / /run/x rw - ext4 /dev/vdb rw\n",
            &[b"/run/x", b"/tmp"],
        );
    }

    #[test]
    fn bytes_that_are_no_text() {
        check(
            b"30 21 254:0 / /mnt/\xff\\043 rw - ext4 /dev/vda rw\n31 21 254:1 / /b rw - vfat /dev/vdb rw\n",
            &[b"/b", b"/mnt/\xff#"],
        );
    }

    #[test]
    fn what_is_above_a_disk_goes_first() {
        // a tmpfs on the disk, and one that hides another disk
        check(
            b"\
30 21 254:0 / /a rw - ext4 /dev/vda rw
31 30 0:30 / /a/x rw - tmpfs tmpfs rw
32 21 254:1 / /b/y rw - ext4 /dev/vdb rw
33 21 0:31 / /b rw - tmpfs tmpfs rw
",
            &[b"/a/x", b"/b", b"/b/y", b"/a"],
        );
        // moved onto one that was mounted later
        check(
            b"30 31 254:0 / /a/x rw - ext4 /dev/vda rw\n31 21 254:1 / /a rw - ext4 /dev/vdb rw\n",
            &[b"/a/x", b"/a"],
        );
    }

    #[test]
    fn a_circle_ends() {
        check(b"30 31 254:0 / /a rw - ext4 a rw\n31 30 254:1 / /b rw - ext4 b rw\n", &[b"/b", b"/a"]);
    }
}
