// SPDX-License-Identifier: MIT OR Apache-2.0
//! `umount`: detaches file systems (umount(8)).

use crate::Failure;
use crate::mounts::lines;
use lexopt::prelude::*;
use qos_sys::mount::{UnmountFlags, unmount};
use std::io::{self, Write};
use std::path::Path;

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
            Value(operand) => operands.push(operand.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if operands.is_empty() && !all {
        return Err(Failure::usage("TARGET expected"));
    }
    let table = std::fs::read_to_string(TABLE).map_err(|error| Failure::at(TABLE, &error))?;
    let targets = if all { everything(&table) } else { operands };
    let mut failed = false;
    for operand in &targets {
        let target = target_of(&table, operand);
        if let Err(error) = unmount(Path::new(&target), flags) {
            eprintln!("umount: {}", explain(&target, &error));
            failed = true;
        }
    }
    if failed { Err(Failure::silent(32)) } else { Ok(()) }
}

/// What `-a` means: all but the root and what the system itself stands on, the last first.
fn everything(table: &str) -> Vec<String> {
    const STAYS: &[&str] = &["proc", "sysfs", "devtmpfs", "devpts", "rootfs", "cgroup2"];
    let lines = lines(table).into_iter().rev();
    lines
        .filter(|line| line.target != "/" && !STAYS.contains(&line.kind.as_str()))
        .map(|line| line.target)
        .collect()
}

/// The mount point that `operand` stands for: it may name the source. Of several, the last one.
fn target_of(table: &str, operand: &str) -> String {
    let found = lines(table).into_iter().rev().find(|line| line.source == operand && line.target != operand);
    found.map_or_else(|| operand.to_owned(), |line| line.target)
}

fn explain(target: &str, error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(EINVAL) => format!("{target}: not mounted"),
        _ if error.kind() == io::ErrorKind::ResourceBusy => format!("{target}: target is busy"),
        _ => format!("{target}: {}", qos_sys::error_text(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
rootfs / rootfs rw 0 0
proc /proc proc rw 0 0
/dev/vda /mnt ext4 rw 0 0
tmpfs /mnt/x tmpfs rw 0 0
";

    #[test]
    fn last_first() {
        assert_eq!(everything(MOUNTS), ["/mnt/x", "/mnt"]);
    }

    #[test]
    fn source_or_target() {
        assert_eq!(target_of(MOUNTS, "/dev/vda"), "/mnt");
        assert_eq!(target_of(MOUNTS, "/mnt/x"), "/mnt/x");
        assert_eq!(target_of(MOUNTS, "/nowhere"), "/nowhere");
    }
}
