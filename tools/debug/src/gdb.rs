// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask gdb`: attaches gdb to a guest that waits at the start of the kernel, with the kernel's symbols and source, its
//! helper commands (`lx-…`), and the symbols of modules as they are loaded. The kernel is the variant `symbols`; the rest
//! of the guest is the image's.
//!
//! Documentation/process/debugging/gdb-kernel-debugging.rst of the kernel's source documents the helpers.

mod guest;

use crate::debug_info::DebugInfo;
use ::nix::sys::signal::{SigHandler, Signal, kill, signal};
use ::nix::unistd::Pid;
use clap::Args;
use guest::Guest;
use qos_host::runner::Runner;
use qos_host::ui::{Result, Ui, interrupted};
use qos_host::{nix, root};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::Duration;

/// How often it is looked whether gdb has ended.
const TICK: Duration = Duration::from_millis(100);

/// Arguments of `gdb`.
#[derive(Args)]
pub struct Gdb {
    /// A command of gdb, once it has stopped at the start of the kernel; may be given several times
    #[arg(long, value_name = "COMMAND")]
    ex: Vec<OsString>,
    /// A file of such commands, carried out before those of --ex
    #[arg(long, value_name = "FILE")]
    command: Option<PathBuf>,
    /// End after these commands, or when one of them fails
    #[arg(long)]
    batch: bool,
    #[command(flatten)]
    runner: Runner,
}

impl Gdb {
    /// Runs the verb; the exit status is gdb's. The guest ends with it.
    pub fn run(self) -> Result<ExitCode> {
        if let Some(file) = &self.command {
            // gdb itself would report it only after a kernel has been built, and continue.
            std::fs::File::open(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        }
        check_gdb()?;
        let ui = Ui::new(&self.runner.flags, "gdb.log")?;

        let info = DebugInfo::build(&ui)?;
        let runner = nix::build(&ui, "qemu")?.join("bin/qos-qemu");
        ui.summary();
        let words = self.runner.words();
        let mut guest = Guest::start(&runner, &info.bzimage(), &words)?;
        guest.wait_for_socket()?;
        ui.say(&format!("the guest's console: tail -f {}", guest.console.display()));
        drop(ui);
        let here = std::env::current_dir()
            .map_err(|error| format!("the current directory does not exist: {error}"))?;
        let mut gdb = Command::new("gdb");
        gdb.args(opening(&info, &guest.socket(), root::root(), &here));
        if let Some(file) = &self.command {
            gdb.arg("-x").arg(file);
        }
        for command in &self.ex {
            gdb.arg("-ex").arg(command);
        }
        gdb.args(self.batch.then_some("--batch")).arg(info.vmlinux());
        let status = front(&mut gdb)?;
        Ok(ExitCode::from(code(status)))
    }
}

/// The host's gdb, which has to be one with Python.
fn check_gdb() -> Result<()> {
    let advice = "install Debian's package `gdb`, or your distribution's";
    let output = Command::new("gdb").args(["-nx", "--batch", "-ex", "python print(6 * 7)"]).output();
    let output = output.map_err(|error| format!("cannot run gdb: {error}; {advice}"))?;
    match String::from_utf8_lossy(&output.stdout).trim() == "42" {
        true => Ok(()),
        false => Err(format!(
            "the gdb on PATH has no Python, in which the kernel's helpers are written; {advice}, not gdb-minimal"
        )
        .into()),
    }
}

/// What gdb is told before the user's own commands: where things are, and to go to the start of the kernel. Before that
/// there is no memory to read symbols' values from.
fn opening(info: &DebugInfo, socket: &Path, root: &Path, here: &Path) -> Vec<String> {
    let mut words = vec!["-q".to_owned()];
    let mut command = |text: String| words.extend(["-ex".to_owned(), text]);
    for (from, to) in info.source_folders() {
        command(format!("set substitute-path {} {}", from, to.display()));
    }
    command(format!("directory {}", root.join("kernel/modules").display()));
    // A breakpoint in a module that is not loaded yet.
    command("set breakpoint pending on".into());
    command(format!("source {}", info.gdb_scripts().display()));
    command(format!("target remote {}", socket.display()));
    command("thbreak start_kernel".into());
    command("continue".into());
    // It looks for modules below the current directory, which would be the whole of target/.
    command(format!("cd {}", info.modules().display()));
    command("lx-symbols".into());
    command(format!("cd {}", here.display()));
    words
}

/// Runs a program that has the terminal and its Ctrl-C, and waits for its end.
fn front(command: &mut Command) -> Result<ExitStatus> {
    let program = command.get_program().to_string_lossy().into_owned();
    let cannot = |error: io::Error| format!("cannot run {program}: {error}");
    // From here on Ctrl-C stops the guest, which is gdb's business. A hangup or SIGTERM is still noted (qos_host::ui).
    // SAFETY: A signal that is ignored runs no code of ours.
    let before = unsafe { signal(Signal::SIGINT, SigHandler::SigIgn) };
    before.map_err(|error| cannot(error.into()))?;
    let as_usual = || {
        // SAFETY: As above.
        unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }?;
        Ok(())
    };
    // SAFETY: Between fork and exec it makes one system call and allocates nothing.
    unsafe { command.pre_exec(as_usual) };
    let mut child = command.spawn().map_err(cannot)?;
    wait(&mut child).map_err(|error| format!("cannot wait for {program}: {error}").into())
}

fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if interrupted() && !told {
            told = true;
            if let Ok(id) = i32::try_from(child.id()) {
                // Gone already: then its end is on the way.
                let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
            }
        }
        std::thread::sleep(TICK);
    }
}

/// An exit status as a shell gives it: 128 and the signal, if one has ended the program.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expect: u8) {
        let status = Command::new("sh").args(["-c", script]).status().unwrap();
        assert_eq!(code(status), expect, "{script}");
    }

    #[test]
    fn statuses() {
        check("exit 0", 0);
        check("exit 3", 3);
        check("kill -9 $$", 137);
    }

    #[test]
    fn gdb_goes_to_the_kernel_before_it_looks_for_modules() {
        let info = DebugInfo::at(Path::new("/info"), Path::new("/shell"));
        let words = opening(&info, Path::new("/s/socket"), Path::new("/repository"), Path::new("/here"));
        let commands: Vec<&str> = words.iter().filter(|word| *word != "-ex").map(String::as_str).collect();
        assert_eq!(
            commands,
            [
                "-q",
                "set substitute-path /build/build /info/source",
                "set substitute-path /usr/lib/rustlib/src/rust /info/rust",
                "directory /repository/kernel/modules",
                "set breakpoint pending on",
                "source /info/gdb/vmlinux-gdb.py",
                "target remote /s/socket",
                "thbreak start_kernel",
                "continue",
                "cd /info/modules",
                "lx-symbols",
                "cd /here",
            ]
        );
    }
}
