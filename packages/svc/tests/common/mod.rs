// SPDX-License-Identifier: MIT OR Apache-2.0
//! A root directory of a test, and a manager whose part the test plays.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A root directory, and a manager that answers.
pub struct System {
    pub root: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What a run of `svc` gave: status, output, messages. The root's path in them is `@`.
pub type Ran = (i32, String, String);

impl System {
    /// A system with these unit files; its manager has these replies, and `ok` for other requests.
    pub fn new(name: &str, files: &[(&str, &str)], replies: &[(&'static str, &'static str)]) -> Self {
        let root = std::env::temp_dir().join(format!("qos-svc-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("etc/systemd/system")).unwrap();
        let system = Self { root, requests: Arc::default() };
        for (path, text) in files {
            system.write(path, text);
        }
        let listener = UnixListener::bind(system.root.join("socket")).unwrap();
        let (requests, replies) =
            (Arc::clone(&system.requests), BTreeMap::from_iter(replies.iter().copied()));
        // It serves until the process of the test ends.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).unwrap();
                let line = line.trim_end().to_owned();
                let reply = replies.get(line.as_str()).copied().unwrap_or("ok\n");
                requests.lock().unwrap().push(line);
                (&stream).write_all(reply.as_bytes()).unwrap();
            }
        });
        system
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_svc"));
        command
            .arg("--root")
            .arg(&self.root)
            .arg("--socket")
            .arg(self.root.join("socket"))
            .args(line.split(' '));
        command
    }

    fn ran(&self, mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*self.root.to_string_lossy(), "@");
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// Runs `svc`.
    pub fn run(&self, line: &str) -> Ran {
        self.ran(self.command(line))
    }

    /// Runs `svc edit UNIT` with an editor that is this script of the shell; its `$1` is the file.
    pub fn edit(&self, unit: &str, script: &str) -> Ran {
        self.write("editor", &format!("#!/bin/sh\n{script}\n"));
        let editor = self.root.join("editor");
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = self.command(&format!("edit {unit}"));
        command.env("EDITOR", editor);
        self.ran(command)
    }

    /// The requests since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

pub fn good(output: &str) -> Ran {
    (0, output.to_owned(), String::new())
}

pub fn bad(status: i32, message: &str) -> Ran {
    (status, String::new(), format!("svc: {message}\n"))
}

/// A service.
pub const A: (&str, &str) = ("usr/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n");
