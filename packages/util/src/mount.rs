// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mount`: attaches file systems, or lists what is attached (mount(8)).

use crate::Failure;
use crate::mounts::{Line, Options, lines};
use lexopt::prelude::*;
use qos_sys::mount as sys;
use std::ffi::CString;
use std::io::{self, Write};
use std::path::Path;

const TABLE: &str = "/proc/self/mounts";
const FSTAB: &str = "/etc/fstab";
/// Numbers of errors that mean "not this type": ENODEV is a type that the kernel does not have.
const EINVAL: i32 = 22;

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = Options::default();
    let (mut all, mut kind, mut operands) = (false, None, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('a') | Long("all") => all = true,
            Short('r') | Long("read-only") => options.add("ro"),
            Short('w') | Long("rw" | "read-write") => options.add("rw"),
            Short('B') | Long("bind") => options.add("bind"),
            Short('R') | Long("rbind") => options.add("rbind"),
            Short('M') | Long("move") => options.add("move"),
            Short('o') | Long("options") => options.add(&parser.value()?.string()?),
            Short('t') | Long("types") => kind = Some(parser.value()?.string()?),
            Value(operand) => operands.push(operand.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    match operands.as_slice() {
        [] if all => mount_all(),
        [] => list(out, kind.as_deref()),
        [one] if options.remount => remount(one, &options),
        [one] => {
            let line = in_fstab(one)?;
            let mut given = Options::default();
            given.add(&line.options);
            mount(&line.source, &line.target, kind.as_deref().or(Some(&line.kind)), &given)
        }
        [_, target] if options.remount => remount(target, &options),
        [source, target] => mount(source, target, kind.as_deref(), &options),
        _ => Err(Failure::usage("too many operands: SOURCE and TARGET expected")),
    }
}

fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::at(path, &error))
}

fn list(out: &mut dyn Write, kind: Option<&str>) -> Result<(), Failure> {
    for line in lines(&read(TABLE)?).iter().filter(|line| kind.is_none_or(|kind| kind == line.kind)) {
        writeln!(out, "{} on {} type {} ({})", line.source, line.target, line.kind, line.options)?;
    }
    Ok(())
}

fn in_fstab(operand: &str) -> Result<Line, Failure> {
    let found =
        lines(&read(FSTAB)?).into_iter().find(|line| line.target == operand || line.source == operand);
    found.ok_or_else(|| Failure::new(format!("{operand}: not in {FSTAB}")))
}

/// Everything of /etc/fstab that is not mounted yet. Goes on after a failure, and fails in the end.
fn mount_all() -> Result<(), Failure> {
    let mounted = lines(&read(TABLE)?);
    let mut failed = false;
    for line in lines(&read(FSTAB)?) {
        let mut options = Options::default();
        options.add(&line.options);
        let skip =
            options.noauto || line.kind == "swap" || mounted.iter().any(|there| there.target == line.target);
        if skip {
            continue;
        }
        if let Err(failure) = mount(&line.source, &line.target, Some(&line.kind), &options) {
            if !options.nofail {
                eprintln!("mount: {}", failure.message().unwrap_or_default());
                failed = true;
            }
        }
    }
    if failed { Err(Failure::silent(32)) } else { Ok(()) }
}

fn data_of(options: &Options) -> Result<CString, Failure> {
    CString::new(options.data.as_str()).map_err(|_| Failure::usage("options have no NUL in them"))
}

fn remount(target: &str, options: &Options) -> Result<(), Failure> {
    let result = if options.bind.is_some() {
        sys::remount(Path::new(target), options.flags.0 | sys::MountFlags::BIND, c"")
    } else {
        sys::remount(Path::new(target), options.flags.0, &data_of(options)?)
    };
    result.map_err(|error| Failure::of(target, &error))
}

fn mount(source: &str, target: &str, kind: Option<&str>, options: &Options) -> Result<(), Failure> {
    let (from, to) = (Path::new(source), Path::new(target));
    let result = if let Some(recursive) = options.bind {
        sys::bind(from, to, recursive)
    } else if options.move_to {
        sys::move_to(from, to)
    } else {
        let data = data_of(options)?;
        match kind.filter(|kind| *kind != "auto") {
            Some(kind) => mount_as(from, to, kind, options, &data),
            None => probe(from, to, options, &data),
        }
    };
    result.map_err(|error| explain(source, target, kind, &error))
}

fn mount_as(source: &Path, target: &Path, kind: &str, options: &Options, data: &CString) -> io::Result<()> {
    let kind = CString::new(kind).map_err(io::Error::other)?;
    sys::mount(source, target, &kind, options.flags.0, Some(data))
}

/// Tries every type that the kernel has for block devices, as they stand in `/proc/filesystems`.
fn probe(source: &Path, target: &Path, options: &Options, data: &CString) -> io::Result<()> {
    let known = std::fs::read_to_string("/proc/filesystems")?;
    for kind in known.lines().filter_map(|line| line.strip_prefix('\t')) {
        match mount_as(source, target, kind, options, data) {
            Err(error) if error.raw_os_error() == Some(EINVAL) => {}
            other => return other,
        }
    }
    Err(io::Error::from_raw_os_error(EINVAL))
}

/// The kernel has one number for several causes: which of the two paths, or the type, is looked up here.
fn explain(source: &str, target: &str, kind: Option<&str>, error: &io::Error) -> Failure {
    const ENODEV: i32 = 19;
    const ENOTBLK: i32 = 15;
    if error.kind() == io::ErrorKind::NotFound {
        let missing = if Path::new(target).exists() { source } else { target };
        return Failure::of(missing, error);
    }
    match (error.raw_os_error(), kind) {
        (Some(ENODEV), Some(kind)) => Failure::new(format!(
            "{target}: the kernel has no file system of type {kind}: is its module loaded?"
        )),
        (Some(ENOTBLK), _) => Failure::new(format!("{source}: not a block device")),
        (Some(EINVAL), _) => Failure::new(format!(
            "{target}: {source} holds no {} file system, or an option is wrong: see dmesg",
            kind.unwrap_or("known")
        )),
        _ => Failure::of(target, error),
    }
}
