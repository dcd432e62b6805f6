// SPDX-License-Identifier: MIT OR Apache-2.0
//! `udevadm settle`: waits until all events up to now are processed.

use super::seconds;
use crate::control::{Request, send};
use crate::database::Database;
use lexopt::prelude::*;
use qos_command::Failure;
use qos_sys::watch::Watcher;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub fn main(mut parser: lexopt::Parser, root: &Path, _: &mut dyn Write) -> Result<(), Failure> {
    let mut limit = Duration::from_secs(120);
    let mut file = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('t') | Long("timeout") => limit = seconds(&mut parser)?,
            Short('E') | Long("exit-if-exists") => file = Some(PathBuf::from(parser.value()?)),
            _ => return Err(arg.unexpected().into()),
        }
    }
    settle(root, limit, file)
}

/// Waits for the daemon, or until `file` exists. Without a daemon there is nothing to wait for.
///
/// # Errors
/// When `limit` goes by before.
pub fn settle(root: &Path, limit: Duration, file: Option<PathBuf>) -> Result<(), Failure> {
    let socket = Database::new(root).control();
    let late = || Failure::new(format!("events are still processed after {} s", limit.as_secs()));
    let answer = |outcome: io::Result<()>| match outcome {
        Ok(()) => Ok(()),
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused].contains(&error.kind()) => {
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(late()),
        Err(error) => Err(Failure::at(&socket, &error)),
    };
    let Some(file) = file else { return answer(send(&socket, &Request::Settle, Some(limit))) };
    // The answer comes in a thread, which writes to the pipe; the file shows in its directory.
    let failed = |error: io::Error| Failure::at(&file, &error);
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let watcher = Watcher::new().map_err(failed)?;
    // Where the directory is not there, the file is not either.
    let _ = watcher.add(directory, false);
    let (done, mut wake) = qos_sys::pipe::new().map_err(failed)?;
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread_socket = socket.clone();
    std::thread::spawn(move || {
        // Who waits no longer does not read them.
        let _ = sender.send(send(&thread_socket, &Request::Settle, Some(limit)));
        let _ = wake.write_all(b"x");
    });
    let end = Instant::now() + limit;
    loop {
        if file.exists() {
            return Ok(());
        }
        let left = end.saturating_duration_since(Instant::now());
        match qos_sys::poll::readable([done.as_fd(), watcher.as_fd()], Some(left)).map_err(failed)? {
            [false, false] => return Err(late()),
            [true, _] => return answer(receiver.recv().unwrap_or(Ok(()))),
            _ => watcher.drain(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufRead;
    use std::os::unix::net::UnixListener;

    #[test]
    fn without_a_daemon_all_is_settled() {
        let root = tempfile::tempdir().unwrap();
        assert!(settle(root.path(), Duration::from_secs(60), None).is_ok());
    }

    #[test]
    fn ends_by_answer_by_file_and_by_limit() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("run/udev")).unwrap();
        let listener = UnixListener::bind(root.path().join("run/udev/control")).unwrap();
        assert_eq!(settle(root.path(), Duration::from_millis(50), None).unwrap_err().status(), 1);
        let file = root.path().join("file");
        assert_eq!(
            settle(root.path(), Duration::from_millis(50), Some(file.clone())).unwrap_err().status(),
            1
        );
        let later = std::thread::spawn({
            let file = file.clone();
            move || {
                std::thread::sleep(Duration::from_millis(50));
                std::fs::write(file, "").unwrap();
            }
        });
        settle(root.path(), Duration::from_secs(60), Some(file)).unwrap();
        later.join().unwrap();
        // The three that were given up are still in the queue of the socket.
        let daemon = std::thread::spawn(move || {
            for stream in listener.incoming().take(4) {
                let mut stream = stream.unwrap();
                let mut line = String::new();
                std::io::BufReader::new(&stream).read_line(&mut line).unwrap();
                assert_eq!(line, "settle\n");
                let _ = writeln!(stream, "ok");
            }
        });
        settle(root.path(), Duration::from_secs(60), None).unwrap();
        daemon.join().unwrap();
    }
}
