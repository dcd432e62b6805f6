// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mount`: attaches file systems, or lists the attached ones (mount(8)).

#[cfg(feature = "probe")]
mod contents;

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::mount as sys;
use qos_sys::mount_options::Options;
use qos_sys::mounts::{Line, fstab, mounts};
use std::ffi::{CString, OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const TABLE: &str = "/proc/self/mounts";
const FSTAB: &str = "/etc/fstab";
/// Numbers of errors that mean "not this type": ENODEV is a type that the kernel does not have.
const EINVAL: i32 = 22;

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut request = Request::default();
    let (mut all, mut operands) = (false, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('a') | Long("all") => all = true,
            Short('r') | Long("read-only") => request.add("ro".as_ref()),
            Short('w') | Long("rw" | "read-write") => request.add("rw".as_ref()),
            Short('B') | Long("bind") => request.add("bind".as_ref()),
            Short('R') | Long("rbind") => request.add("rbind".as_ref()),
            Short('M') | Long("move") => request.add("move".as_ref()),
            Short('o') | Long("options") => request.add(&parser.value()?),
            Short('t') | Long("types") => request.kind = Some(parser.value()?),
            Value(operand) => operands.push(PathBuf::from(operand)),
            _ => return Err(arg.unexpected().into()),
        }
    }
    match operands.as_slice() {
        [] if all => mount_all(&request),
        [] => list(out, &request),
        [one] => mount(&request.one(one, &fstab(&read_fstab()?), &table()?)?),
        [source, target] => mount(&request.two(source, target)),
        _ => Err(Failure::usage("too many operands: SOURCE and TARGET expected")),
    }
}

fn table() -> Result<Vec<Line>, Failure> {
    let table = std::fs::read(TABLE).map_err(|error| Failure::at(TABLE, &error))?;
    Ok(mounts(&table))
}

/// The text of /etc/fstab; nothing if there is no such file.
fn read_fstab() -> Result<Vec<u8>, Failure> {
    match std::fs::read(FSTAB) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| Failure::at(FSTAB, &error)),
    }
}

/// What the command line says besides its operands.
#[derive(Default)]
struct Request {
    /// Type of the file system.
    kind: Option<OsString>,
    /// Options, with commas between them.
    options: OsString,
}

/// One call of mount(2), or the few that do the same.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    source: PathBuf,
    target: PathBuf,
    kind: Option<OsString>,
    options: Options,
}

impl Request {
    fn add(&mut self, options: &OsStr) {
        if !self.options.is_empty() {
            self.options.push(",");
        }
        self.options.push(options);
    }

    fn two(&self, source: &Path, target: &Path) -> Call {
        let mut options = Options::default();
        options.add(&self.options);
        Call { source: source.into(), target: target.into(), kind: self.kind.clone(), options }
    }

    /// A mount of which only one operand is given: the rest is in fstab(5). The options of the command line follow those
    /// of the table, so that they win (mount(8), `--options-mode=prepend`). A remount of what is not in fstab begins with
    /// the flags that the mount has.
    fn one(&self, operand: &Path, fstab: &[Line], mounted: &[Line]) -> Result<Call, Failure> {
        let call = self.two(operand, operand);
        let found = fstab.iter().find(|line| line.target == operand || line.source == *operand);
        if let Some(line) = found {
            return Ok(self.of_line(line));
        }
        if !call.options.remount {
            return Err(Failure::new(format!("{}: not in {FSTAB}", operand.display())));
        }
        let mut options = Options::default();
        let there = mounted.iter().rev().find(|line| line.target == operand);
        options.add(there.map_or(OsStr::new(""), |line| &line.options));
        // The file system keeps its own options, unless the command line has them.
        options.data.clear();
        options.add(&self.options);
        Ok(Call { options, ..call })
    }

    fn of_line(&self, line: &Line) -> Call {
        let mut options = Options::default();
        options.add(&line.options);
        options.add(&self.options);
        let kind = self.kind.clone().unwrap_or_else(|| line.kind.clone());
        Call { source: line.source.clone().into(), target: line.target.clone(), kind: Some(kind), options }
    }

    /// Whether `-t` has this type: a list with commas, of types that are not meant if it begins with `no`.
    fn wants(&self, kind: &OsStr) -> bool {
        let Some(list) = &self.kind else { return true };
        let (list, meant) = match list.as_bytes().strip_prefix(b"no") {
            Some(rest) => (rest, false),
            None => (list.as_bytes(), true),
        };
        list.split(|&byte| byte == b',').any(|one| one == kind.as_bytes()) == meant
    }
}

fn list(out: &mut dyn Write, request: &Request) -> Result<(), Failure> {
    for line in table()?.iter().filter(|line| request.wants(&line.kind)) {
        let fields: [&[u8]; 7] = [
            line.source.as_bytes(),
            b" on ",
            line.target.as_os_str().as_bytes(),
            b" type ",
            line.kind.as_bytes(),
            b" (",
            line.options.as_bytes(),
        ];
        out.write_all(&fields.concat())?;
        out.write_all(b")\n")?;
    }
    Ok(())
}

/// Everything of /etc/fstab that is not mounted yet. Goes on after a failure, and fails in the end.
fn mount_all(request: &Request) -> Result<(), Failure> {
    let mounted = table()?;
    let text = std::fs::read(FSTAB).map_err(|error| Failure::at(FSTAB, &error))?;
    let mut failed = false;
    for line in fstab(&text).iter().filter(|line| request.wants(&line.kind)) {
        // `-t` has chosen the line; the line says the type.
        let call = Request { kind: None, options: request.options.clone() }.of_line(line);
        let there = mounted.iter().any(|there| there.target == line.target) && !call.options.remount;
        if call.options.noauto || line.kind == "swap" || there {
            continue;
        }
        if let Err(failure) = mount(&call)
            && !call.options.nofail
        {
            eprintln!("mount: {}", failure.message().unwrap_or_default());
            failed = true;
        }
    }
    if failed { Err(Failure::silent(32)) } else { Ok(()) }
}

/// Without the library of `blkid`: sources have no tags, and each type that the kernel has registered is tried.
#[cfg(not(feature = "probe"))]
mod contents {
    use super::{Failure, Path, PathBuf};

    pub fn device(source: &Path) -> Result<PathBuf, Failure> {
        Ok(source.to_owned())
    }

    pub fn kind(_: &Path) -> Result<Option<String>, Failure> {
        Ok(None)
    }
}

fn mount(call: &Call) -> Result<(), Failure> {
    let Call { source, target, kind, options } = call;
    let data =
        CString::new(options.data.as_slice()).map_err(|_| Failure::usage("options have no NUL in them"))?;
    let flags = options.flags.0;
    let result = if options.remount {
        let result = if options.bind.is_some() {
            sys::remount(target, flags | sys::MountFlags::BIND, c"")
        } else {
            sys::remount(target, flags, &data)
        };
        return result.map_err(|error| Failure::at(target, &error));
    } else if let Some(recursive) = options.bind {
        bind(source, target, recursive, flags)
    } else if options.move_to {
        sys::move_to(source, target)
    } else {
        return attach(call, &data);
    };
    result.map_err(|error| explain(source, target, kind.as_deref(), &error))
}

/// Mounts a file system, of the type that is on the device if none is given: the kernel loads its module.
fn attach(call: &Call, data: &CString) -> Result<(), Failure> {
    let Call { source, target, kind, options } = call;
    let source = &contents::device(source)?;
    let given = kind.clone().filter(|kind| kind != "auto");
    let kind = match given {
        None => contents::kind(source)?.map(OsString::from),
        given => given,
    };
    match &kind {
        Some(kind) => mount_as(source, target, kind.as_bytes(), options, data),
        None => try_all(source, target, options, data),
    }
    .map_err(|error| explain(source, target, kind.as_deref(), &error))
}

/// A bind mount; the kernel takes its flags in a second call only.
fn bind(source: &Path, target: &Path, recursive: bool, flags: sys::MountFlags) -> io::Result<()> {
    sys::bind(source, target, recursive)?;
    if flags.is_empty() {
        return Ok(());
    }
    sys::remount(target, flags | sys::MountFlags::BIND, c"").inspect_err(|_| {
        // What is not as it was asked for must not stay; the error of the remount is the one to tell.
        let _ = sys::unmount(target, sys::UnmountFlags::DETACH);
    })
}

fn mount_as(source: &Path, target: &Path, kind: &[u8], options: &Options, data: &CString) -> io::Result<()> {
    let kind = CString::new(kind).map_err(io::Error::other)?;
    sys::mount(source, target, &kind, options.flags.0, Some(data))
}

/// Tries every type that the kernel has for block devices, as they stand in `/proc/filesystems`.
fn try_all(source: &Path, target: &Path, options: &Options, data: &CString) -> io::Result<()> {
    let known = std::fs::read_to_string("/proc/filesystems")?;
    for kind in known.lines().filter_map(|line| line.strip_prefix('\t')) {
        match mount_as(source, target, kind.as_bytes(), options, data) {
            Err(error) if error.raw_os_error() == Some(EINVAL) => {}
            other => return other,
        }
    }
    Err(io::Error::from_raw_os_error(EINVAL))
}

/// The kernel has one number for several causes: which of the two paths, or the type, is looked up here.
fn explain(source: &Path, target: &Path, kind: Option<&OsStr>, error: &io::Error) -> Failure {
    const ENODEV: i32 = 19;
    const ENOTBLK: i32 = 15;
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::at(if target.exists() { source } else { target }, error);
    }
    let (from, to, kind) = (source.display(), target.display(), kind.map(OsStr::to_string_lossy));
    match (error.raw_os_error(), &kind) {
        (Some(ENODEV), Some(kind)) => {
            Failure::new(format!("{to}: the kernel has no file system of type {kind}: is its module loaded?"))
        }
        (Some(ENOTBLK), _) => Failure::new(format!("{from}: not a block device")),
        (Some(EINVAL), _) => Failure::new(format!(
            "{to}: {from} holds no {} file system, or an option is wrong: see dmesg",
            kind.as_deref().unwrap_or("known")
        )),
        _ => Failure::at(target, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sys::MountFlags;

    const FSTAB: &[u8] = b"/dev/vda /mnt ext4 rw,noatime,data=ordered 0 2\n/dev/vdb /srv vfat ro,umask=077\n";
    const MOUNTED: &[u8] = b"tmpfs /tmp tmpfs rw,nosuid,nodev,size=10k 0 0\n";

    fn request(kind: Option<&str>, options: &[&str]) -> Request {
        let mut request = Request { kind: kind.map(OsString::from), ..Request::default() };
        options.iter().for_each(|option| request.add(option.as_ref()));
        request
    }

    /// What `mount [-t KIND] -o OPTIONS… OPERAND` asks the kernel for.
    fn check(
        kind: Option<&str>,
        options: &[&str],
        operand: &str,
        expect: (&str, &str, &str, MountFlags, &str),
    ) {
        let call = request(kind, options).one(Path::new(operand), &fstab(FSTAB), &mounts(MOUNTED)).unwrap();
        let (source, target, kind, flags, data) = expect;
        assert_eq!((call.source.as_path(), call.target.as_path()), (Path::new(source), Path::new(target)));
        assert_eq!(call.kind.unwrap_or_default(), kind, "{options:?}");
        assert_eq!(call.options.flags.0, flags, "{options:?}");
        assert_eq!(call.options.data, data.as_bytes(), "{options:?}");
    }

    #[test]
    fn options_of_the_command_line_win_over_fstab() {
        let noatime = MountFlags::NOATIME;
        let ro = MountFlags::RDONLY;
        let mnt = |flags, data| ("/dev/vda", "/mnt", "ext4", flags, data);
        check(None, &[], "/mnt", mnt(noatime, "data=ordered"));
        check(None, &["ro"], "/mnt", mnt(noatime | ro, "data=ordered"));
        check(None, &["ro"], "/dev/vda", mnt(noatime | ro, "data=ordered"));
        check(None, &["ro", "atime,data=journal"], "/mnt", mnt(ro, "data=ordered,data=journal"));
        check(None, &["rw"], "/srv", ("/dev/vdb", "/srv", "vfat", MountFlags::empty(), "umask=077"));
        check(Some("msdos"), &[], "/srv", ("/dev/vdb", "/srv", "msdos", ro, "umask=077"));
        let error = request(None, &["ro"]).one(Path::new("/x"), &fstab(FSTAB), &[]).unwrap_err();
        assert_eq!(error.message(), Some("/x: not in /etc/fstab"));
    }

    #[test]
    fn a_remount_keeps_flags() {
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        let tmp = |flags, data| ("/tmp", "/tmp", "", flags, data);
        check(None, &["remount", "ro"], "/tmp", tmp(flags | MountFlags::RDONLY, ""));
        check(None, &["remount,suid,size=1M"], "/tmp", tmp(MountFlags::NODEV, "size=1M"));
        check(None, &["remount"], "/x", ("/x", "/x", "", MountFlags::empty(), ""));
        let ro = MountFlags::NOATIME | MountFlags::RDONLY;
        check(None, &["remount,ro"], "/mnt", ("/dev/vda", "/mnt", "ext4", ro, "data=ordered"));
        // both operands: what the tables say is left aside
        let call = request(None, &["remount,ro"]).two(Path::new("/dev/vda"), Path::new("/mnt"));
        assert_eq!(call.options.flags.0, MountFlags::RDONLY);
    }

    #[test]
    fn lists_of_types() {
        for (list, kind, expect) in [
            (None, "ext4", true),
            (Some("ext4"), "ext4", true),
            (Some("vfat,ext4"), "ext4", true),
            (Some("vfat"), "ext4", false),
            (Some("novfat,proc"), "ext4", true),
            (Some("novfat,ext4"), "ext4", false),
        ] {
            assert_eq!(request(list, &[]).wants(kind.as_ref()), expect, "{list:?} {kind}");
        }
    }
}
