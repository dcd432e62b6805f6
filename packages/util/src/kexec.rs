// SPDX-License-Identifier: MIT OR Apache-2.0
//! `kexec`: loads a kernel that takes over without the firmware, and starts it (kexec(8)).

pub(crate) mod unified;

use crate::Failure;
use lexopt::prelude::*;
use qos_sys::kexec::{is_loaded, load, unload};
use qos_sys::power::{self, Action};
use qos_sys::{Errno, inherit};
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

#[derive(Debug, PartialEq, Eq)]
enum Request {
    Load(Load),
    Unload,
    Execute,
}

/// What is loaded.
#[derive(Debug, Default, PartialEq, Eq)]
struct Load {
    kernel: PathBuf,
    initramfs: Option<PathBuf>,
    reuse: bool,
    append: Option<String>,
}

pub fn main(options: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    match Request::parse(options)? {
        Request::Load(request) => request.load(),
        Request::Unload => unload().map_err(|error| explain(&error, "kexec_file_load(2)")),
        Request::Execute if is_loaded(Path::new("/")).unwrap_or(false) => {
            power::sync();
            Err(Failure::of("reboot(2)", &power::now(Action::Kexec)))
        }
        Request::Execute => Err(Failure::new("no kernel is loaded: load one with `kexec -l KERNEL` first")),
    }
}

impl Request {
    fn parse(mut options: lexopt::Parser) -> Result<Self, Failure> {
        let mut actions = Vec::new();
        let mut kernel = None;
        let mut request = Load::default();
        while let Some(arg) = options.next()? {
            match arg {
                Short('l') | Long("load") => actions.push('l'),
                Short('u') | Long("unload") => actions.push('u'),
                Short('e') | Long("exec") => actions.push('e'),
                // kexec_load(2), the other way, is not needed: every kernel here has this one.
                Short('s' | 'a') | Long("kexec-file-syscall" | "kexec-syscall-auto") => {}
                Long("initrd" | "ramdisk") => request.initramfs = Some(options.value()?.into()),
                Long("append" | "command-line") => request.append = Some(options.value()?.string()?),
                Long("reuse-cmdline") => request.reuse = true,
                Value(file) if kernel.is_none() => kernel = Some(PathBuf::from(file)),
                _ => return Err(arg.unexpected().into()),
            }
        }
        match (actions.as_slice(), kernel) {
            (['l'], Some(kernel)) => Ok(Self::Load(Load { kernel, ..request })),
            (['l'], None) => Err(Failure::usage("file of the kernel expected")),
            (['u'], None) if request == Load::default() => Ok(Self::Unload),
            (['e'], None) if request == Load::default() => Ok(Self::Execute),
            (['u' | 'e'], _) => Err(Failure::usage("a kernel and its options go with -l only")),
            _ => Err(Failure::usage("one of -l, -e and -u expected")),
        }
    }
}

impl Load {
    fn load(&self) -> Result<(), Failure> {
        let file = open(&self.kernel)?;
        let unified = unified::of(&file).map_err(|error| Failure::at(&self.kernel, &error))?;
        let part =
            |part: unified::Part| in_memory(&file, part).map_err(|error| Failure::at(&self.kernel, &error));
        let initramfs = match (&self.initramfs, unified.as_ref().and_then(|parts| parts.initramfs)) {
            (Some(path), _) => Some(open(path)?),
            (None, own) => own.map(part).transpose()?,
        };
        let own = match unified.as_ref().and_then(|parts| parts.cmdline) {
            Some(part) => read(&file, part).map_err(|error| Failure::at(&self.kernel, &error))?,
            None => Vec::new(),
        };
        let kernel = unified.map(|parts| part(parts.kernel)).transpose()?.unwrap_or(file);
        let running =
            || std::fs::read_to_string("/proc/cmdline").map_err(|error| Failure::at("/proc/cmdline", &error));
        let running = if self.reuse { running()? } else { String::new() };
        let cmdline = self.cmdline(&running, &String::from_utf8_lossy(&own));
        let cmdline = CString::new(cmdline).map_err(|_| Failure::usage("a command line has no NUL in it"))?;
        load(kernel.as_fd(), initramfs.as_ref().map(AsFd::as_fd), &cmdline)
            .map_err(|error| explain(&error, &self.kernel.display().to_string()))
    }

    /// The command line: that of the running kernel if it is asked for, then the words that are given; without both, that of a unified
    /// image.
    fn cmdline(&self, running: &str, own: &str) -> String {
        // The firmware's loader names its files there, which play no part now.
        let kept = running.split_whitespace().filter(|word| !word.starts_with("BOOT_IMAGE="));
        let given = self.append.as_deref().map(str::trim);
        match (self.reuse, given) {
            (false, None) => own.trim().to_owned(),
            (true, _) => kept.chain(given).collect::<Vec<_>>().join(" "),
            (false, Some(given)) => given.to_owned(),
        }
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure::at(path, &error))
}

fn read(file: &File, part: unified::Part) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(part.size).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, part.offset.into())?;
    Ok(bytes)
}

/// A file with a part of another, which nobody has open for writing.
fn in_memory(file: &File, part: unified::Part) -> io::Result<File> {
    let memory = inherit::memory(&read(file, part)?)?;
    File::open(format!("/proc/self/fd/{}", memory.as_raw_fd()))
}

/// What an error of kexec_file_load(2) means, and what to do.
fn explain(error: &io::Error, what: &str) -> Failure {
    let why = match Errno::from_io_error(error) {
        Some(Errno::NOSYS) => {
            "this kernel has no CONFIG_KEXEC_FILE, and cannot start another; reboot instead"
        }
        Some(Errno::PERM) => {
            "only root may load a kernel (CAP_SYS_BOOT), and only while /proc/sys/kernel/kexec_load_disabled is 0"
        }
        Some(Errno::NOEXEC) => {
            "not a kernel that can be started: a relocatable bzImage for x86-64 is needed, or a unified kernel image with one"
        }
        Some(Errno::INVAL) => {
            "refused: the kernel or its initramfs is empty or not a file, or the command line has more than 2,047 bytes"
        }
        Some(Errno::TXTBSY) => {
            "the kernel or its initramfs is open for writing; try again when it is complete"
        }
        Some(Errno::NOMEM | Errno::ADDRNOTAVAIL) => {
            "there is no room in memory for the kernel and its initramfs"
        }
        _ => return Failure::of(what, error),
    };
    Failure::new(format!("{what}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, Failure> {
        Request::parse(lexopt::Parser::from_iter(line.split(' ')))
    }

    #[test]
    fn actions() {
        let loads = |kernel: &str| Load { kernel: kernel.into(), ..Load::default() };
        assert_eq!(parse("kexec -l /k"), Ok(Request::Load(loads("/k"))));
        assert_eq!(
            parse("kexec -s /k --load --initrd=/i --append=quiet --reuse-cmdline"),
            Ok(Request::Load(Load {
                initramfs: Some("/i".into()),
                append: Some("quiet".into()),
                reuse: true,
                ..loads("/k")
            }))
        );
        assert_eq!(parse("kexec --unload"), Ok(Request::Unload));
        assert_eq!(parse("kexec -e"), Ok(Request::Execute));
        for line in [
            "kexec",
            "kexec /k",
            "kexec -l",
            "kexec -l /k /j",
            "kexec -le /k",
            "kexec -e /k",
            "kexec -u --initrd=/i",
        ] {
            assert!(parse(line).unwrap_err().is_usage(), "{line}");
        }
    }

    #[test]
    fn command_lines() {
        let cmdline = |line: &str, running: &str| match parse(line) {
            Ok(Request::Load(request)) => request.cmdline(running, "own\n"),
            other => panic!("{other:?}"),
        };
        assert_eq!(cmdline("kexec -l /k", ""), "own");
        assert_eq!(cmdline("kexec -l /k --append=a", ""), "a");
        assert_eq!(cmdline("kexec -l /k --append=", ""), "");
        assert_eq!(
            cmdline("kexec -l /k --reuse-cmdline", "BOOT_IMAGE=/x root=/dev/vda  rw\n"),
            "root=/dev/vda rw"
        );
        assert_eq!(cmdline("kexec -l /k --reuse-cmdline --append=a", "rw\n"), "rw a");
    }

    #[test]
    fn errors_say_what_to_do() {
        for (errno, expect) in [
            (Errno::NOSYS, "/k: this kernel has no CONFIG_KEXEC_FILE"),
            (Errno::NOEXEC, "/k: not a kernel"),
            (Errno::PERM, "/k: only root"),
            (Errno::BUSY, "/k: Device or resource busy"),
        ] {
            let failure = explain(&errno.into(), "/k");
            assert!(failure.message().is_some_and(|text| text.starts_with(expect)), "{failure:?}");
        }
    }

    #[test]
    fn parts_are_files_that_nobody_writes() {
        let whole = inherit::memory(b"abcdef").unwrap();
        let file = in_memory(&whole, unified::Part { offset: 2, size: 3 }).unwrap();
        assert_eq!(std::io::read_to_string(&file).unwrap(), "cde");
        assert!((&file).write_all(b"x").is_err());
        assert!(in_memory(&whole, unified::Part { offset: 4, size: 3 }).is_err());
    }
}
