// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that rules run: with a limit of time and of output.

use qos_sys::process::Exit;
use qos_sys::spawn::{Session, spawn};
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What is kept of the output.
const OUTPUT: usize = 16 << 10;

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// It exited with 0.
    pub success: bool,
    /// The end, as words.
    pub end: String,
    /// The begin of its standard output.
    pub output: String,
}

/// Runs the program at `path`. At its end, or after `limit`, all processes of its process group are killed.
///
/// # Errors
/// It cannot be run; [`io::ErrorKind::TimedOut`] when it is killed.
pub fn run(
    path: &Path,
    arguments: &[String],
    environment: &[(OsString, OsString)],
    limit: Duration,
) -> io::Result<Outcome> {
    let end = Instant::now() + limit;
    let mut command = Command::new(path);
    command.args(arguments).env_clear().envs(environment.iter().map(|(key, value)| (key, value)));
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command.current_dir("/").process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = spawn(command, Session::Same)?;
    let outcome = output(&mut child, end);
    // What it left behind ends with it (udev(7), RUN). Until the wait the process group cannot be another's.
    let group = i32::try_from(child.id()).unwrap_or(0);
    let _ = qos_sys::process::kill(-group, qos_sys::signal::SIGKILL);
    let status = child.wait()?;
    let output = outcome?;
    Ok(Outcome { success: status.success(), end: status.to_string(), output })
}

/// The output up to the end of the program, which is not waited for yet.
fn output(child: &mut Child, end: Instant) -> io::Result<String> {
    let exit = Exit::of(i32::try_from(child.id()).unwrap_or(0))?;
    let mut output = Vec::new();
    let mut pipe = child.stdout.take();
    loop {
        let left = Some(end.saturating_duration_since(Instant::now()));
        let ready = match &pipe {
            Some(pipe) => qos_sys::poll::readable([exit.as_fd(), pipe.as_fd()], left)?,
            None => [qos_sys::poll::readable([exit.as_fd()], left)?[0], false],
        };
        match (ready, &mut pipe) {
            ([false, false], _) => return Err(io::ErrorKind::TimedOut.into()),
            // Output is read before the end is looked at, so that none is lost.
            ([_, true], Some(open)) => {
                let mut part = [0; 4096];
                match open.read(&mut part)? {
                    0 => pipe = None,
                    read => output.extend_from_slice(&part[..read.min(OUTPUT - output.len().min(OUTPUT))]),
                }
            }
            _ => break,
        }
    }
    Ok(String::from_utf8_lossy(&output).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> io::Result<Outcome> {
        let environment = [("A".into(), "from the device".into())];
        run(Path::new("/bin/sh"), &["-c".into(), script.into()], &environment, limit)
    }

    #[test]
    fn output_and_end() {
        let long = Duration::from_secs(60);
        let outcome = shell("echo $A; exit 0", long).unwrap();
        assert_eq!((outcome.success, outcome.output.as_str()), (true, "from the device\n"));
        assert!(!shell("exit 3", long).unwrap().success);
        // More than is kept, and a process that keeps the pipe open after the program has ended.
        let outcome = shell("head -c 100000 /dev/zero | tr '\\0' x; sleep 60 & exit 0", long).unwrap();
        assert_eq!(outcome.output.len(), OUTPUT);
        assert!(run(Path::new("/no/such/program"), &[], &[], long).is_err());
    }

    #[test]
    fn a_limit_of_time() {
        let begin = Instant::now();
        let error = shell("sleep 60", Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() < Duration::from_secs(30));
    }
}
