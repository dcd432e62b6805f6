// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replaces the agent by the main program.

use crate::environment::Environment;
use crate::plan::{Plan, Streams};
use crate::ports;
use qos_protocol::verdict;
use qos_sys::error_text;
use qos_sys::spawn::{Session, exec};
use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Makes this process the main program. Its parent is init, which sees how it ends. Returns only if that
/// fails, with the exit status and the message.
pub fn start(plan: &Plan, environment: &Environment) -> (u8, String) {
    if let Some(fault) = &plan.fault {
        return (verdict::INIT_FAULT, fault.clone());
    }
    let (command, session) = match command(plan, environment) {
        Ok(found) => found,
        Err(failed) => return failed,
    };
    let error = exec(command, session);
    let status = match error.kind() {
        io::ErrorKind::NotFound => verdict::NOT_FOUND,
        _ => verdict::NOT_EXECUTABLE,
    };
    (status, format!("{}: {}", plan.program.to_string_lossy(), error_text(&error)))
}

fn command(plan: &Plan, environment: &Environment) -> Result<(Command, Session), (u8, String)> {
    let failed = |path: &Path, error: io::Error| {
        (verdict::INIT_FAULT, format!("{}: {}", path.display(), error_text(&error)))
    };
    let mut command = Command::new(&plan.program);
    if let Some(name) = plan.name {
        command.arg0(name);
    }
    command.args(&plan.arguments).env_clear().envs(environment);
    if let Some(home) = environment.get(std::ffi::OsStr::new("HOME")).filter(|home| Path::new(home).is_dir())
    {
        command.current_dir(home);
    }
    let session = match &plan.streams {
        Streams::Console => {
            let open = || OpenOptions::new().read(true).write(true).open(&plan.console);
            let console = open().map_err(|error| failed(&plan.console, error))?;
            if let Some(size) = plan.winsize {
                // A console without a size is still one.
                let _ = qos_sys::tty::set_size(&console, size.rows, size.cols);
            }
            let copy = || console.try_clone().map_err(|error| failed(&plan.console, error));
            command.stdin(copy()?).stdout(copy()?).stderr(console);
            Session::OwnWithTerminal
        }
        Streams::Ports([stdin, stdout, stderr]) => {
            let reader = |path: &Path| OpenOptions::new().read(true).open(path).map_err(|e| failed(path, e));
            let writer = |path: &Path| OpenOptions::new().write(true).open(path).map_err(|e| failed(path, e));
            let (input, output) = (reader(stdin)?, writer(stdout)?);
            // Before the host is seen to be there, reading gives the end of the file. Output is what tells: a host that
            // has nothing to say may have closed the input again by now, and would be waited for in vain. The kernel
            // hears of the ports in their order, so the input's side is known when the output's is.
            let _ = qos_sys::port::wait_connected(&output, ports::LIMIT);
            command.stdin(input).stdout(output).stderr(writer(stderr)?);
            Session::Own
        }
    };
    Ok((command, session))
}
