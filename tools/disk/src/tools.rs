// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs of a sysroot (an unpacked set of Debian packages): `mke2fs`, `cryptsetup` and so on.

use crate::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many of a program's last lines an error has.
const TAIL: usize = 8;

/// The sysroot that the programs are taken from.
#[derive(Clone, Debug)]
pub struct Tools {
    root: PathBuf,
}

impl Tools {
    /// The programs of the sysroot at `root`.
    ///
    /// # Errors
    /// There is no sysroot.
    pub fn in_sysroot(root: &Path) -> Result<Self, Error> {
        let tools = Tools { root: root.to_owned() };
        match tools.loader().is_file() {
            true => Ok(tools),
            false => Err(Error::new(format!(
                "{} is not a sysroot with the programs for disks; run `cargo xtask setup --tree disk`",
                root.display()
            ))),
        }
    }

    fn loader(&self) -> PathBuf {
        self.root.join("usr/lib64/ld-linux-x86-64.so.2")
    }

    /// A file of the sysroot.
    #[must_use]
    pub fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A command that runs the program `name` through the sysroot's own loader, with no variable of the caller's environment: times
    /// are those of 1970, and no setting of the host's is read.
    ///
    /// # Errors
    /// The sysroot has no such program.
    pub fn command(&self, name: &str) -> Result<Tool, Error> {
        let program = ["usr/sbin", "usr/bin"].map(|directory| self.root.join(directory).join(name));
        let program = program
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| Error::new(format!("{} has no program {name}", self.root.display())))?;
        let mut command = Command::new(self.loader());
        command
            .arg("--library-path")
            .arg(self.root.join("usr/lib/x86_64-linux-gnu"))
            .arg("--argv0")
            .arg(name);
        command.arg(program).env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("SOURCE_DATE_EPOCH", "0");
        command.env("MKE2FS_CONFIG", self.root.join("etc/mke2fs.conf"));
        command.stdin(Stdio::null());
        Ok(Tool { name: name.to_owned(), command })
    }
}

/// A program to run.
#[derive(Debug)]
pub struct Tool {
    name: String,
    command: Command,
}

impl Tool {
    /// With these arguments behind the others.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// With this argument behind the others.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// With this variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With this file as its standard input.
    #[must_use]
    pub fn stdin(mut self, file: File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Runs it to its end, and gives its standard output.
    ///
    /// # Errors
    /// It cannot be started, or fails: its status and last lines.
    pub fn run(mut self) -> Result<String, Error> {
        let output = self
            .command
            .output()
            .map_err(|error| Error::new(format!("cannot run {}: {error}", self.name)))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        let all = text + &String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = all.lines().filter(|line| !line.trim().is_empty()).collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
        Err(Error::new(format!("{} failed ({}):\n{tail}", self.name, output.status)))
    }
}
