// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manager goes on as another program in the same process: `daemon-reexec`.
//!
//! The state is [text](crate::saved) in a file in memory; that file, sockets, pipes and what services gave to keep are handed on by
//! execve(2). Signals stay blocked and pending, children stay children, so that nothing is lost in between.

use super::control::Control;
use super::kept::{Kept, descriptor};
use super::listen::Sockets;
use super::output::Outputs;
use super::{LOG, Real, Runner, now};
use crate::event::Level;
use crate::manager::Manager;
use crate::run::Config;
use crate::saved::{Record, Saved, Time};
use qos_sys::error_text;
use qos_sys::inherit;
use qos_sys::launch::Launched;
use qos_sys::message::Receiver;
use qos_sys::process::{Exit, kill};
use qos_sys::signal::{Blocked, SIGKILL};
use qos_unit::Name;
use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The argument with the number of the descriptor of the state.
pub const RESUME: &str = "--resume=";

/// The argument of a program that is asked whether it can read a state, which is its standard input ([`check_state`]).
pub const CHECK: &str = "--check-state";

/// How long the successor may take to read the state.
const CHECK_LIMIT: Duration = Duration::from_secs(10);

/// Says by its status whether the state at standard input can be read.
///
/// # Errors
/// What is wrong in it.
pub fn check_state() -> Result<(), String> {
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text).map_err(|error| error_text(&error))?;
    Saved::parse(&text).map(drop)
}

/// The descriptor of the state, if this program is a successor.
#[must_use]
pub fn resumed() -> Option<RawFd> {
    std::env::args().find_map(|argument| argument.strip_prefix(RESUME)?.parse().ok())
}

impl Runner {
    /// Goes on as the program that is now at the path of this one; `caller` is what the caller wants back from [`Runner::resume`].
    /// Comes back only if that cannot be, and all is as before: the reason is in the log, and told to those who asked.
    pub fn reexec(&mut self, caller: Record) {
        let Err(error) = self.become_successor(caller);
        let text = format!("daemon-reexec: {}", error_text(&error));
        self.log(Level::Error, &text);
        self.control.reply_of_successor(&Err(text));
    }

    fn become_successor(&self, caller: Record) -> io::Result<Infallible> {
        let program = program()?;
        let mut kept = self.save();
        kept.saved.push(caller);
        let mut state = inherit::memory(kept.saved.text().as_bytes())?;
        // A program that does not read the state would start all services a second time.
        check(&program, &state)?;
        state.rewind()?;
        let mut arguments: Vec<OsString> = std::env::args_os()
            .filter(|argument| !argument.as_encoded_bytes().starts_with(RESUME.as_bytes()))
            .collect();
        arguments.push(format!("{RESUME}{}", state.as_raw_fd()).into());
        kept.descriptors.push(state.as_fd());
        Err(inherit::exec(&program, &arguments, &kept.descriptors))
    }

    fn save(&self) -> Kept<'_> {
        let mut kept = Kept::default();
        self.manager.save(&mut kept.saved);
        let fd = kept.keep(self.notify.as_fd());
        kept.saved.push(Record::new("notify", "").set("fd", fd));
        self.control.save(&mut kept);
        self.outputs.save(&mut kept);
        self.sockets.save(&mut kept);
        self.watches.save(&mut kept.saved);
        let (soft, hard) = self.open_files;
        kept.saved.push(Record::new("open-files", "").set_some("soft", soft).set_some("hard", hard));
        for (pid, (launched, steps)) in &self.launched {
            let fd = kept.keep(launched.status.as_fd());
            kept.saved.push(Record::new("launched", pid).set("fd", fd).set_list("steps", steps));
        }
        for (pid, reason) in &self.reasons {
            kept.saved.push(Record::new("reason", pid).set("text", reason));
        }
        for (unit, leaders) in &self.leaders {
            kept.saved.push(Record::new("leaders", unit).set_list("processes", leaders));
        }
        for (unit, stored) in &self.stored {
            for (name, stored) in stored {
                let fd = kept.keep(stored.as_fd());
                kept.saved.push(Record::new("stored", unit).set("fd", fd).set("name", name));
            }
        }
        for (unit, id) in &self.invocations {
            kept.saved.push(Record::new("invocation", unit).set("id", id));
        }
        for (unit, until) in &self.searched {
            kept.saved.push(Record::new("searched", unit).set("until", Time(*until)));
        }
        kept
    }

    /// Goes on where [`Runner::reexec`] of the program before ended: the manager, and what its caller wanted back.
    ///
    /// # Errors
    /// When there is no state at the descriptor, or the manager's sockets were not handed on.
    pub fn resume(config: Config, signals: Blocked, state: RawFd) -> io::Result<(Self, Record)> {
        let mut text = Vec::new();
        File::from(inherit::take(state)?).read_to_end(&mut text)?;
        let saved = Saved::parse(&text).map_err(io::Error::other)?;
        let manager = Manager::restore(Real::new(&config.root), now(), &saved);
        let notify = Receiver::from(descriptor(&saved.first("notify"))?);
        let control = Control::restore(&saved)?;
        let outputs = Outputs::restore(config.root.join(LOG), &saved);
        let mut runner = Runner::with(config, signals, manager, notify, control)?;
        (runner.outputs, runner.sockets) = (outputs, Sockets::restore(&saved));
        let limits = saved.first("open-files");
        runner.open_files = (limits.get("soft"), limits.get("hard"));
        runner.restore_processes(&saved);
        for record in saved.of("invocation") {
            if let (Ok(unit), Some(id)) = (Name::new(&record.name), record.get("id")) {
                runner.invocations.insert(unit, id);
            }
        }
        for record in saved.of("stored") {
            if let (Ok(unit), Ok(stored)) = (Name::new(&record.name), descriptor(record)) {
                let name = record.get("name").unwrap_or_default();
                runner.stored.entry(unit).or_default().push((name, stored));
            }
        }
        runner.restore_watches(&saved);
        // Those that ended in between.
        runner.reap()?;
        let (units, processes) = (saved.of("unit").count(), saved.of("process").count());
        runner
            .log(Level::Info, &format!("goes on after daemon-reexec: {units} units, {processes} processes"));
        runner.control.reply_of_successor(&Ok(()));
        Ok((runner, saved.first("caller")))
    }

    fn restore_processes(&mut self, saved: &Saved) {
        for record in saved.of("launched") {
            if let (Ok(pid), Ok(status)) = (record.name.parse(), descriptor(record)) {
                self.launched.insert(pid, (Launched { pid, status: status.into() }, record.list("steps")));
            }
        }
        for record in saved.of("reason") {
            if let (Ok(pid), Some(text)) = (record.name.parse(), record.get("text")) {
                self.reasons.insert(pid, text);
            }
        }
        for record in saved.of("leaders") {
            if let Ok(unit) = Name::new(&record.name) {
                self.leaders.entry(unit).or_default().extend(record.list::<i32>("processes"));
            }
        }
        for record in saved.of("searched") {
            if let (Ok(unit), Some(until)) = (Name::new(&record.name), record.time("until")) {
                self.searched.insert(unit, until);
            }
        }
    }
}

/// The path of the successor: the first argument, where it is one (of process 1 it is, and can be a link that leads to another program
/// now), or the file that this program is of, or was of before it was replaced.
fn program() -> io::Result<PathBuf> {
    let first = std::env::args_os().next().map(PathBuf::from);
    if let Some(first) = first.filter(|first| first.is_absolute() && first.is_file()) {
        return Ok(first);
    }
    Ok(replaced(&std::fs::read_link("/proc/self/exe")?))
}

/// The path without what the kernel says of a file that is gone (proc_pid_exe(5)).
fn replaced(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    text.strip_suffix(" (deleted)").map_or(path.to_owned(), PathBuf::from)
}

/// Asks the program whether it can read the state.
fn check(program: &Path, state: &File) -> io::Result<()> {
    let mut asked = Command::new(program);
    asked.arg(CHECK).stdin(Stdio::from(state.try_clone()?)).stdout(Stdio::null()).stderr(Stdio::null());
    let shown = program.display();
    let mut child =
        asked.spawn().map_err(|error| io::Error::other(format!("{shown}: {}", error_text(&error))))?;
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    if !qos_sys::poll::readable([Exit::of(pid)?.as_fd()], Some(CHECK_LIMIT))?[0] {
        // It is a child that nobody has waited for: the number is its own.
        kill(pid, SIGKILL)?;
    }
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{shown} cannot read the state: {status}")))
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;
    use std::path::Path;

    #[test]
    fn paths_of_replaced_programs() {
        for (path, expect) in [("/a/init (deleted)", "/a/init"), ("/a/init", "/a/init")] {
            assert_eq!(replaced(Path::new(path)), Path::new(expect));
        }
    }
}
