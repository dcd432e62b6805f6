// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc` as a program: verbs about files in a root directory of its own, and verbs that a manager answers, of which the test plays the part.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A root directory, and a manager that answers.
struct System {
    root: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What a run of `svc` gave: status, output, messages. The root's path in them is `@`.
type Ran = (i32, String, String);

impl System {
    /// A system with these unit files; its manager has these replies, and `ok` for other requests.
    fn new(name: &str, files: &[(&str, &str)], replies: &[(&'static str, &'static str)]) -> Self {
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

    fn write(&self, path: &str, text: &str) {
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
    fn run(&self, line: &str) -> Ran {
        self.ran(self.command(line))
    }

    /// Runs `svc edit UNIT` with an editor that is this script of the shell; its `$1` is the file.
    fn edit(&self, unit: &str, script: &str) -> Ran {
        self.write("editor", &format!("#!/bin/sh\n{script}\n"));
        let editor = self.root.join("editor");
        fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = self.command(&format!("edit {unit}"));
        command.env("EDITOR", editor);
        self.ran(command)
    }

    /// The requests since the last call.
    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn good(output: &str) -> Ran {
    (0, output.to_owned(), String::new())
}

fn bad(status: i32, message: &str) -> Ran {
    (status, String::new(), format!("svc: {message}\n"))
}

const A: (&str, &str) = ("usr/lib/systemd/system/a.service", "[Service]\nExecStart=/bin/a\n");

#[test]
fn cat() {
    let drop_in = ("etc/systemd/system/a.service.d/b.conf", "[Unit]\nDescription=B\n");
    let system = System::new(
        "cat",
        &[
            A,
            drop_in,
            ("etc/systemd/system/rescue.target.d/c.conf", "[Unit]\nDescription=C\n"),
            ("etc/fstab", "/dev/vdb /srv ext4 ro 0 0\n"),
        ],
        &[],
    );
    let own = format!("# @/{}\n{}\n# @/{}\n{}\n", A.0, A.1, drop_in.0, drop_in.1);
    assert_eq!(system.run("cat a"), good(&own));
    assert_eq!(system.run("cat a.service a").1, own.repeat(2));
    // A unit that is built in, and one of fstab(5), have no file; a drop-in of such a unit has one.
    let (status, text, _) = system.run("cat rescue.target");
    assert_eq!(status, 0);
    assert!(text.starts_with("# without a file\n[Unit]\n"), "{text}");
    assert!(
        text.ends_with("# @/etc/systemd/system/rescue.target.d/c.conf\n[Unit]\nDescription=C\n\n"),
        "{text}"
    );
    let (status, text, _) = system.run("cat srv.mount");
    assert!(status == 0 && text.contains("What=/dev/vdb\n") && text.contains("Options=ro\n"), "{text}");
    assert_eq!(system.run("cat none"), bad(1, "none.service not found"));
    assert_eq!(system.run("cat").0, 2);
    assert!(system.requests().is_empty());
}

#[test]
fn edit() {
    let system = System::new("edit", &[A], &[]);
    let file = system.root.join("etc/systemd/system/a.service.d/override.conf");
    assert_eq!(system.edit("a", "printf '[Unit]\\nDescription=Mine\\n' >$1"), good(""));
    assert_eq!(system.requests(), ["daemon-reload"]);
    assert!(system.run("cat a").1.ends_with("/override.conf\n[Unit]\nDescription=Mine\n\n"));
    // It edits what is there.
    assert_eq!(system.edit("a", "echo Documentation=man:a >>$1"), good(""));
    assert_eq!(fs::read_to_string(&file).unwrap(), "[Unit]\nDescription=Mine\nDocumentation=man:a\n");
    system.requests();
    let (status, _, message) = system.edit("a", "exit 3");
    assert_eq!((status, message.as_str()), (1, "svc: @/editor failed: nothing is reloaded\n"));
    assert!(system.requests().is_empty() && file.exists());
    // Nothing is left of a drop-in that is empty.
    assert_eq!(system.edit("a", ": >$1"), good(""));
    assert!(!file.parent().unwrap().exists());
    assert_eq!(system.edit("none", "echo x >$1"), bad(1, "none.service not found"));
    assert!(!system.root.join("etc/systemd/system/none.service.d").exists());
}

#[test]
fn mask_and_unmask() {
    let own = ("etc/systemd/system/own.service", "[Service]\nExecStart=/bin/b\n");
    let system = System::new("mask", &[A, own], &[]);
    let link = system.root.join("etc/systemd/system/a.service");
    assert_eq!(system.run("mask --now a"), good("created @/etc/systemd/system/a.service -> /dev/null\n"));
    assert_eq!(fs::read_link(&link).unwrap(), PathBuf::from("/dev/null"));
    assert_eq!(system.requests(), ["daemon-reload", "stop a.service"]);
    assert_eq!(system.run("is-enabled a"), (1, "masked\n".into(), String::new()));
    assert_eq!(system.run("verify a"), (1, "a: masked\n".into(), String::new()));
    assert_eq!(system.run("cat a"), good("# a.service is masked\n"));
    assert_eq!(system.run("mask a"), good(""));
    system.requests();
    // It is not started by that.
    assert_eq!(system.run("unmask --now a"), good("removed @/etc/systemd/system/a.service\n"));
    assert_eq!(system.requests(), ["daemon-reload"]);
    assert_eq!(system.run("is-enabled a"), good("static\n"));
    assert_eq!(
        system.run("mask own"),
        bad(1, "@/etc/systemd/system/own.service is a file of its own: remove it first")
    );
    assert_eq!(system.run("unmask own"), good(""));
    assert!(system.root.join(own.0).exists());
    // An image that is being prepared has no manager.
    fs::remove_file(system.root.join("socket")).unwrap();
    assert_eq!(system.run("mask --now a"), good("created @/etc/systemd/system/a.service -> /dev/null\n"));
}

#[test]
fn verify() {
    let odd = (
        "etc/systemd/system/odd.service",
        "[Unit]\nAfter=a.service\n[Service]\nExecStart=-/bin/b\nOdd=1\nNice=x\n",
    );
    let system = System::new("verify", &[A, odd, ("bin/a", "")], &[]);
    assert_eq!(system.run("verify a"), good(""));
    let (status, text, _) = system.run("verify odd a");
    assert_eq!(status, 0, "what is ignored is no failure");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0], "/etc/systemd/system/odd.service:5: unknown key Odd= in [Service]: ignored");
    assert!(lines[1].starts_with("/etc/systemd/system/odd.service:6: Nice=x: "), "{text}");
    // A program that is missing; a path of a file; a unit that is missing.
    fs::remove_file(system.root.join("bin/a")).unwrap();
    assert_eq!(system.run("verify a"), (1, "a: program /bin/a not found\n".into(), String::new()));
    system.write("bad.service", "[Service]\nType=notify\n");
    let path = system.root.join("bad.service");
    let (status, text, _) = system.run(&format!("verify {}", path.display()));
    assert_eq!((status, text.as_str()), (1, "@/bad.service: has neither ExecStart= nor ExecStop=\n"));
    assert_eq!(system.run("verify none"), (1, "none: not found\n".into(), String::new()));
    assert_eq!(system.run("verify /no/such.service"), bad(1, "/no/such.service: No such file or directory"));
}

#[test]
fn log() {
    let replies =
        [("log a.service b.timer", "one\ntwo words\nok\n"), ("log c.service", "error no unit c.service\n")];
    let system = System::new("log", &[], &replies);
    assert_eq!(system.run("log a b.timer"), good("one\ntwo words\n"));
    assert_eq!(system.run("log c"), bad(1, "no unit c.service"));
    let (status, text, message) = system.run("log");
    assert_eq!((status, text.as_str()), (2, ""));
    assert!(message.starts_with("svc: log needs the name of a unit"), "{message}");
    assert_eq!(system.requests().len(), 2);
}

#[test]
fn critical_chain() {
    let list = "Id=a.service\nInactiveExit=1000000\nActiveEnter=3500000\nActiveState=active\n\n\
        Id=b.service\nInactiveExit=1000000\nActiveEnter=2000000\nActiveState=active\n\n\
        Id=default.target\nInactiveExit=3600000\nActiveEnter=3600000\nAfter=a.service b.service\nActiveState=active\n\n\
        ok\n";
    let system = System::new("chain", &[], &[("list", list)]);
    assert_eq!(system.run("critical-chain"), good("default.target @3.600s\n└─a.service @3.500s +2.500s\n"));
    assert_eq!(system.run("critical-chain b"), good("b.service @2.000s +1.000s\n"));
    let empty = System::new("chain-empty", &[], &[("list", "ok\n")]);
    assert_eq!(empty.run("critical-chain"), bad(1, "no unit is active"));
}

#[test]
fn kexec() {
    let system = System::new("kexec", &[], &[]);
    let (status, _, message) = system.run("kexec");
    assert_eq!(status, 1);
    assert!(message.starts_with("svc: /sys/kernel/kexec_loaded: absent: "), "{message}");
    system.write("sys/kernel/kexec_loaded", "0\n");
    let (status, _, message) = system.run("kexec");
    assert_eq!(status, 1);
    assert!(message.starts_with("svc: no kernel is loaded: `kexec -l KERNEL"), "{message}");
    assert!(system.requests().is_empty());
    system.write("sys/kernel/kexec_loaded", "1\n");
    assert_eq!(system.run("kexec"), good(""));
    assert_eq!(system.requests().iter().map(|line| line.trim()).collect::<Vec<_>>(), ["kexec"]);
}

#[test]
fn requests() {
    let replies = [("reload a.service", "error job of a.service: failed\n")];
    let system = System::new("requests", &[], &replies);
    assert_eq!(system.run("reload a"), bad(1, "job of a.service: failed"));
    assert_eq!(system.run("reload b c.mount --no-block"), good(""));
    assert_eq!(
        system.requests().iter().map(|line| line.trim()).collect::<Vec<_>>(),
        ["reload a.service", "reload b.service c.mount --no-block"]
    );
    assert_eq!(system.run("frobnicate").0, 2);
    fs::remove_file(system.root.join("socket")).unwrap();
    let (status, _, message) = system.run("reload a");
    assert_eq!(
        (status, message.as_str()),
        (1, "svc: @/socket: No such file or directory: the manager of services does not run\n")
    );
}
