// SPDX-License-Identifier: MIT OR Apache-2.0
//! A manager of a test, in a directory of its own.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A manager that runs; it is stopped at the end.
pub struct Manager {
    pub directory: PathBuf,
    pub child: Child,
}

/// Units: name, and text in which @ stands for the test's directory.
pub fn manager(name: &str, units: &[(&str, &str)]) -> Manager {
    manager_of(|_| env!("CARGO_BIN_EXE_manager").into(), name, units)
}

/// As [`manager`], of the program that `program` makes in the directory.
pub fn manager_of(program: impl Fn(&Path) -> PathBuf, name: &str, units: &[(&str, &str)]) -> Manager {
    let directory = std::env::temp_dir().join(format!("qos-manager-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let at = |text: &str| text.replace('@', &directory.to_string_lossy());
    for (unit, text) in units {
        let path = directory.join("etc/systemd/system").join(unit);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, at(text)).unwrap();
    }
    let log = fs::File::create(directory.join("log")).unwrap();
    let child = Command::new(program(&directory))
        .arg("--root")
        .arg(&directory)
        .arg("--runtime")
        .arg(directory.join("run"))
        .arg("--group")
        .arg(format!("/sys/fs/cgroup/unified/qos-test-{name}-{}", std::process::id()))
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let manager = Manager { directory, child };
    // It is there a moment before anybody listens.
    manager.until("the socket", || UnixStream::connect(manager.directory.join("run/init.sock")).is_ok());
    manager
}

/// Sends a signal by the shell's own `kill`: a host may have no program of that name.
pub fn kill(signal: &str, pid: &str) {
    assert!(Command::new("sh").args(["-c", "kill -s $0 $1", signal, pid]).status().unwrap().success());
}

impl Manager {
    pub fn ask(&self, line: &str) -> String {
        let mut stream = UnixStream::connect(self.directory.join("run/init.sock")).unwrap();
        stream.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    pub fn value(&self, unit: &str, key: &str) -> String {
        let reply = self.ask(&format!("show {unit}"));
        let found =
            reply.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned));
        found.unwrap_or_default()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap()
    }

    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap_or_default()
    }

    pub fn until(&self, what: &str, is: impl Fn() -> bool) {
        self.until_within(Duration::from_secs(60), what, is);
    }

    /// As [`Manager::until`], for what takes a loaded machine more than a minute.
    pub fn until_within(&self, limit: Duration, what: &str, is: impl Fn() -> bool) {
        let end = Instant::now() + limit;
        while !is() {
            assert!(Instant::now() < end, "{what}: not within {limit:?}; log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it has ended.
    pub fn is_gone(&self) -> bool {
        let state = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        state.rsplit(')').next().is_none_or(|rest| rest.trim_start().starts_with('Z'))
    }

    /// Asks for the end, and waits for it.
    pub fn end(mut self) -> String {
        kill("TERM", &self.child.id().to_string());
        let status = self.child.wait().unwrap();
        let log = self.log();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
