// SPDX-License-Identifier: MIT OR Apache-2.0
//! `umount`: detaches file systems (umount(8)).

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::mount::{UnmountFlags, unmount};
use qos_sys::mounts::{Line, mounts};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const TABLE: &str = "/proc/self/mounts";
/// Nothing is mounted there.
const EINVAL: i32 = 22;

pub fn main(mut options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let mut flags = UnmountFlags::empty();
    let (mut all, mut operands) = (false, Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            Short('a') | Long("all") => all = true,
            Short('f') | Long("force") => flags |= UnmountFlags::FORCE,
            Short('l') | Long("lazy") => flags |= UnmountFlags::DETACH,
            Value(operand) => operands.push(PathBuf::from(operand)),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if operands.is_empty() && !all {
        return Err(Failure::usage("TARGET expected"));
    }
    let table = mounts(&std::fs::read(TABLE).map_err(|error| Failure::at(TABLE, &error))?);
    let targets = if all { everything(&table) } else { operands };
    let mut failed = false;
    for operand in &targets {
        let target = target_of(&table, operand);
        if let Err(error) = unmount(target, flags) {
            eprintln!("umount: {}", explain(target, &error));
            failed = true;
        }
    }
    if failed { Err(Failure::silent(32)) } else { Ok(()) }
}

/// What `-a` means: all but the root and what the system itself stands on, the last first.
fn everything(table: &[Line]) -> Vec<PathBuf> {
    const STAYS: &[&str] = &["proc", "sysfs", "devtmpfs", "devpts", "rootfs", "cgroup2"];
    let stays = |kind: &OsStr| STAYS.iter().any(|stays| kind == *stays);
    let lines = table.iter().rev().filter(|line| line.target != Path::new("/") && !stays(&line.kind));
    lines.map(|line| line.target.clone()).collect()
}

/// The mount point that `operand` stands for: it may name the source. Of several, the last one.
fn target_of<'a>(table: &'a [Line], operand: &'a Path) -> &'a Path {
    let found = table.iter().rev().find(|line| line.source == *operand && line.target != operand);
    found.map_or(operand, |line| &line.target)
}

fn explain(target: &Path, error: &io::Error) -> String {
    let name = target.display();
    match error.raw_os_error() {
        Some(EINVAL) => format!("{name}: not mounted"),
        _ if error.kind() == io::ErrorKind::ResourceBusy => format!("{name}: target is busy"),
        _ => format!("{name}: {}", qos_sys::error_text(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    const MOUNTS: &[u8] = b"\
rootfs / rootfs rw 0 0
proc /proc proc rw 0 0
/dev/vda /mnt ext4 rw 0 0
tmpfs /mnt/x tmpfs rw 0 0
";

    #[test]
    fn last_first() {
        assert_eq!(everything(&mounts(MOUNTS)), [Path::new("/mnt/x"), Path::new("/mnt")]);
    }

    #[test]
    fn source_or_target() {
        let table = mounts(MOUNTS);
        for (operand, expect) in [("/dev/vda", "/mnt"), ("/mnt/x", "/mnt/x"), ("/nowhere", "/nowhere")] {
            assert_eq!(target_of(&table, Path::new(operand)), Path::new(expect));
        }
    }

    #[test]
    fn a_mount_point_that_is_not_text() {
        let table = mounts(b"/dev/vda /mnt/\xff\\043 ext4 rw 0 0\n");
        let target = Path::new(OsStr::from_bytes(b"/mnt/\xff#"));
        assert_eq!(everything(&table), [target]);
        assert_eq!(target_of(&table, Path::new("/dev/vda")), target);
    }
}
