// SPDX-License-Identifier: MIT OR Apache-2.0
//! A guest that waits for gdb, and that is killed whenever this program ends.

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use qos_host::root;
use qos_host::ui::{Result, interrupted};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often it is looked whether QEMU has made its socket.
const TICK: Duration = Duration::from_millis(20);

/// A guest that waits for gdb. It is ended, and its socket removed, when this is dropped.
pub struct Guest {
    runner: Child,
    folder: PathBuf,
    /// The file that its console is written to.
    pub console: PathBuf,
}

impl Guest {
    /// Starts it, stopped, with further arguments for the runner.
    ///
    /// # Errors
    ///
    /// The runner cannot be run, or there is no place for the socket or the console.
    pub fn start(runner: &Path, kernel: &Path, arguments: &[OsString]) -> Result<Guest> {
        let scratch = root::scratch(root::root()).join("gdb");
        let console = scratch.join("console.log");
        let cannot = |error: std::io::Error| format!("cannot write {}: {error}", console.display());
        let log = fs::create_dir_all(&scratch).and_then(|()| File::create(&console)).map_err(cannot)?;
        let copy = log.try_clone().map_err(cannot)?;
        // Whoever can open the socket controls the guest. The path has to be short (unix(7)).
        let folder = std::env::temp_dir().join(format!("qos-gdb-{}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let mut command = Command::new(runner);
        command
            .arg("--gdb")
            .arg(folder.join("socket"))
            .arg("--console")
            .arg("--kernel")
            .arg(kernel)
            .args(arguments)
            // Never written to: the guest's shell waits for as long as gdb is there.
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(copy)
            // Ctrl-C at the terminal is for gdb alone.
            .process_group(0);
        // A stopped guest would outlive this program if it is killed, and nothing would continue it.
        let end_with_us = || Ok(set_pdeathsig(Signal::SIGTERM)?);
        // SAFETY: Between fork and exec it makes one system call and allocates nothing.
        unsafe { command.pre_exec(end_with_us) };
        match command.spawn() {
            Ok(runner) => Ok(Guest { runner, folder, console }),
            Err(error) => {
                let _ = fs::remove_dir(&folder);
                Err(format!("cannot run {}: {error}", runner.display()).into())
            }
        }
    }

    /// Where gdb finds it.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Waits until QEMU has made the socket.
    ///
    /// # Errors
    ///
    /// The runner has ended instead, with its message; or the user interrupts.
    pub fn wait_for_socket(&mut self) -> Result<()> {
        while !self.socket().exists() {
            let ended =
                self.runner.try_wait().map_err(|error| format!("cannot wait for the runner: {error}"))?;
            if ended.is_some() {
                let said = fs::read_to_string(&self.console).unwrap_or_default();
                return Err(format!("no guest was started: {}", said.trim_end()).into());
            }
            if interrupted() {
                return Err("interrupted".into());
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // The runner ends QEMU. Once it has been waited for, its number can be another process's.
        if let (Ok(None), Ok(id)) = (self.runner.try_wait(), i32::try_from(self.runner.id())) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
            let _ = self.runner.wait();
        }
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_dir(&self.folder);
    }
}
