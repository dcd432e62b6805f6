// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs a case in a shell.

use crate::Case;
use crate::directory::Directory;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command};
use std::time::Duration;

/// A shell to run cases by.
#[derive(Clone, Debug)]
pub struct Shell {
    /// What `differs` of a case calls it.
    pub name: String,
    /// The program and the arguments that make it the shell, such as `bash --posix`.
    pub command: Vec<OsString>,
    /// Where the script's programs are: the value of `PATH`.
    pub path: OsString,
    /// How long a case may take.
    pub timeout: Duration,
}

/// What a shell did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// Bytes on the standard output.
    pub stdout: Vec<u8>,
    /// Bytes on the standard error.
    pub stderr: Vec<u8>,
    /// The exit status; 128 + N where signal N ended the shell.
    pub status: i32,
}

impl Shell {
    /// A shell by name and command line, with this process's `PATH` and 30 seconds for a case.
    #[must_use]
    pub fn new(name: &str, command: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            command: command.iter().map(OsString::from).collect(),
            path: std::env::var_os("PATH").unwrap_or_default(),
            timeout: Duration::from_secs(30),
        }
    }

    /// Runs `case` in an empty directory, with no variables but `HOME`, `LC_ALL=C` and `PATH`. What the shell leaves
    /// in the background is killed when the shell has ended.
    ///
    /// # Errors
    ///
    /// The shell cannot be started, or does not end in time; it and its child processes are killed then.
    pub fn run(&self, case: &Case) -> Result<Outcome, String> {
        let outcome =
            self.try_run(case).map_err(|error| format!("cannot run {:?}: {error}", self.command))?;
        outcome.ok_or_else(|| format!("not finished after {} s; killed", self.timeout.as_secs()))
    }

    fn try_run(&self, case: &Case) -> io::Result<Option<Outcome>> {
        // The files stand beside the working directory, which the script finds empty.
        let directory = Directory::new()?;
        let file = |name: &str| directory.path().join(name);
        let work = file("work");
        fs::create_dir(&work)?;
        fs::write(file("script"), &case.script)?;
        fs::write(file("stdin"), &case.stdin)?;

        let (program, args) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
        let mut child = Command::new(program)
            .args(args)
            .arg(file("script"))
            .args(&case.args)
            .current_dir(&work)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &work)
            .env("LC_ALL", "C")
            .stdin(File::open(file("stdin"))?)
            .stdout(File::create(file("stdout"))?)
            .stderr(File::create(file("stderr"))?)
            .process_group(0)
            .spawn()?;
        let group = Pid::from_child(&child);
        let in_time = wait(&child, self.timeout);
        // Nothing may be left in the group: that is no error.
        let _ = kill_process_group(group, Signal::KILL);
        let status = child.wait()?;
        if !in_time? {
            return Ok(None);
        }
        Ok(Some(Outcome {
            stdout: fs::read(file("stdout"))?,
            stderr: fs::read(file("stderr"))?,
            status: status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1),
        }))
    }
}

/// Waits until `child` ends; false if it did not in time.
fn wait(child: &Child, timeout: Duration) -> io::Result<bool> {
    let fd = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
    let ended = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout))?;
    Ok(ended > 0)
}
