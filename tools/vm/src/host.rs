// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU as a process. Its channels are inherited file descriptors: they need no names in the file system, no waiting and no
//! removal, and they are closed when either side ends.

use crate::accel::Accel;
use crate::error::{Error, Result};
use crate::inputs;
use crate::machine::{Config, Session};
use crate::program::Program;
use crate::wiring::{Chardev, Wiring};
use duct::{Expression, Handle};
use rustix::fs::{Access, MemfdFlags, access};
use rustix::io::FdFlags;
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;

/// The console must never make QEMU wait. A guest writes on after 10 ms (drivers/tty/serial/8250, `wait_for_lsr`), and what
/// the port has not got rid of by then is lost; a golden guest that finds the port busy runs other instructions. A pipe
/// of this size (the most an ordinary user gets) holds the whole log of a boot, where a socket holds 278 bytes that
/// come one by one.
const CONSOLE_PIPE: usize = 1 << 20;

/// The runner's ends of QEMU's channels.
pub(crate) struct Channels {
    /// Console, read.
    pub serial: File,
    /// Writing end of the console, if a user or a test operates it.
    pub keyboard: Option<UnixStream>,
    /// Verdict channel, read.
    pub verdict: File,
    /// Control channel.
    pub qmp: UnixStream,
    /// QEMU's standard error, read.
    pub stderr: File,
    /// Standard input, output, error of the guest's main program.
    pub streams: Option<[UnixStream; 3]>,
}

/// A running QEMU. It is ended when this is dropped.
pub(crate) struct Qemu {
    handle: Arc<Handle>,
    /// Its command line, for messages.
    pub command_line: Vec<OsString>,
}

/// Starts QEMU for `config` under `accel`.
///
/// It is ended when the calling thread ends: that thread has to be the one that supervises the run.
pub(crate) fn start(config: &Config, program: &Program, accel: Accel) -> Result<(Qemu, Channels)> {
    let failed = |error: io::Error| Error::io("cannot make the channels for QEMU", &error);
    let (wiring, channels, inherited, stderr) = wire(config).map_err(failed)?;
    let mut arguments = program.arguments.clone();
    arguments.extend(config.arguments(accel, &wiring));
    let mut command_line = vec![program.path.clone().into_os_string()];
    command_line.extend(arguments.iter().cloned());

    let mut expression =
        duct::cmd(&program.path, arguments).stdin_null().stdout_null().stderr_file(stderr).unchecked();
    for (name, value) in &program.environment {
        expression = expression.env(name, value);
    }
    // QEMU writes the changes of a snapshot to TMPDIR, but to /var/tmp in place of /tmp (create_tmp_file() in its block.c). A sandbox
    // may have no /var/tmp; `/tmp/.` is not replaced.
    if access("/var/tmp", Access::WRITE_OK).is_err() {
        expression = expression.env("TMPDIR", std::env::temp_dir().join("."));
    }
    let handle = with_inheritance(expression, inherited)
        .start()
        .map_err(|error| Error::file("cannot start QEMU", &program.path, &error))?;
    Ok((Qemu { handle: Arc::new(handle), command_line }, channels))
}

/// Has the child keep `inherited`, be the leader of a process group, and die with the thread that starts it.
fn with_inheritance(expression: Expression, inherited: Vec<OwnedFd>) -> Expression {
    let inherited = Arc::new(inherited);
    let parent = rustix::process::getpid();
    expression.before_spawn(move |command: &mut Command| {
        // A group of its own: the terminal's Ctrl-C is for the runner, which ends QEMU in its own way.
        command.process_group(0);
        let inherited = Arc::clone(&inherited);
        let prepare = move || -> io::Result<()> {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // The runner can have ended before the line above took effect.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::Error::from_raw_os_error(rustix::io::Errno::SRCH.raw_os_error()));
            }
            for fd in inherited.iter() {
                rustix::io::fcntl_setfd(fd, FdFlags::empty())?;
            }
            Ok(())
        };
        // SAFETY: between fork and exec only async-signal-safe things may happen. The closure makes three kinds of
        // system calls (prctl, getppid, fcntl), reads a list made before the fork, and does not allocate.
        unsafe { command.pre_exec(prepare) };
        Ok(())
    })
}

fn wire(config: &Config) -> io::Result<(Wiring, Channels, Vec<OwnedFd>, File)> {
    let mut inherited: Vec<OwnedFd> = Vec::new();
    let mut fw_cfg = Vec::new();
    for file in &config.fw_cfg {
        let fd = memory_file(file.name, &file.contents)?;
        fw_cfg.push(fd_path(&fd));
        inherited.push(fd);
    }

    let initramfs = match config.initramfs.as_slice() {
        [] => None,
        [one] => Some(one.clone().into_os_string()),
        several => {
            let fd = memory_file("initramfs", &[])?;
            inputs::concatenate(several, &mut duplicate(&fd)?)?;
            let path = fd_path(&fd);
            inherited.push(fd);
            Some(path)
        }
    };

    let (serial_chardev, serial, keyboard) = if config.session == Session::Console {
        let (ours, theirs) = UnixStream::pair()?;
        let chardev = Chardev::Socket(theirs.as_raw_fd());
        inherited.push(theirs.into());
        let keyboard = Some(ours.try_clone()?);
        (chardev, File::from(OwnedFd::from(ours)), keyboard)
    } else {
        // Nobody types.
        let (ours, theirs) = pipe()?;
        // A smaller size still holds most logs; on a very busy host, bytes or determinism can be lost.
        let _ = rustix::pipe::fcntl_setpipe_size(&theirs, CONSOLE_PIPE);
        let chardev = Chardev::File(fd_path(&theirs));
        inherited.push(theirs);
        (chardev, ours, None)
    };

    let (verdict, verdict_theirs) = pipe()?;
    let verdict_chardev = Chardev::File(fd_path(&verdict_theirs));
    inherited.push(verdict_theirs);
    let (qmp, qmp_theirs) = UnixStream::pair()?;
    let qmp_chardev = Chardev::Socket(qmp_theirs.as_raw_fd());
    inherited.push(qmp_theirs.into());

    let streams = match config.session {
        Session::Streams => {
            let pairs = [UnixStream::pair()?, UnixStream::pair()?, UnixStream::pair()?];
            let chardevs = pairs.each_ref().map(|(_, theirs)| Chardev::Socket(theirs.as_raw_fd()));
            let ours = pairs.map(|(ours, theirs)| {
                inherited.push(theirs.into());
                ours
            });
            Some((chardevs, ours))
        }
        Session::Console | Session::Golden => None,
    };
    let (chardevs, streams) = streams.unzip();
    let (stderr, stderr_theirs) = pipe()?;

    let wiring = Wiring {
        kernel: config.kernel.clone().into_os_string(),
        initramfs,
        fw_cfg,
        serial: serial_chardev,
        verdict: verdict_chardev,
        qmp: Some(qmp_chardev),
        streams: chardevs,
    };
    let channels = Channels { serial, keyboard, verdict, qmp, stderr, streams };
    Ok((wiring, channels, inherited, File::from(stderr_theirs)))
}

fn pipe() -> io::Result<(File, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    Ok((File::from(read), write))
}

/// A file without a name, with `contents`.
pub(crate) fn memory_file(name: &str, contents: &[u8]) -> io::Result<OwnedFd> {
    let fd = rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC)?;
    let mut file = File::from(fd);
    file.write_all(contents)?;
    Ok(file.into())
}

/// The name under which QEMU opens a descriptor that it inherits.
pub(crate) fn fd_path(fd: &impl AsFd) -> OsString {
    format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd()).into()
}

impl Qemu {
    /// A handle for a thread that waits for the end.
    pub(crate) fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.handle)
    }

    /// Kills it, with its child processes.
    pub(crate) fn kill(&self) {
        if matches!(self.handle.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = self.handle.pids().first().and_then(|&pid| Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(group) = group {
            // It may just have ended; then there is nothing to do.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        let _ = self.handle.kill();
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A second descriptor of the same open file.
pub(crate) fn duplicate(fd: &impl AsFd) -> io::Result<File> {
    fd.as_fd().try_clone_to_owned().map(File::from)
}
