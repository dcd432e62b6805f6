// SPDX-License-Identifier: MIT OR Apache-2.0
//! A root directory with accounts of its own, and the host's programs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Names under which the program is linked.
const NAMES: &[&str] = &[
    "chage", "chpasswd", "getty", "groupadd", "groupdel", "last", "login", "passwd", "su", "useradd",
    "userdel", "usermod", "who",
];

/// Directories of the host that are seen in it.
const OF_HOST: &[&str] = &["bin", "dev", "lib", "lib64", "proc", "sbin", "usr"];

/// The system.
pub struct System {
    root: tempfile::TempDir,
}

impl System {
    /// A system in which root's password is `root-pw`, and in which login answers after a second.
    pub fn new() -> Self {
        assert!(qos_sys::process::is_root(), "these tests change the user: run them as root");
        let system = Self { root: tempfile::tempdir().unwrap() };
        for directory in OF_HOST.iter().chain(&["etc", "home", "qos", "run", "root", "tmp", "var/log"]) {
            fs::create_dir_all(system.path(directory)).unwrap();
        }
        fs::set_permissions(system.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_login"), system.path("qos/program")).unwrap();
        fs::set_permissions(system.path("qos/program"), fs::Permissions::from_mode(0o4755)).unwrap();
        for name in NAMES {
            symlink("program", system.path("qos").join(name)).unwrap();
        }
        for (name, text) in [
            ("passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
            ("group", "root:x:0:\ntty:x:5:\nusers:x:100:\n"),
            ("shadow", "root:*:20000:0:99999:7:::\nnobody:*:20000:0:99999:7:::\n"),
            ("gshadow", "root:*::\ntty:*::\nusers:*::\n"),
            ("shells", "/bin/sh\n"),
            (
                "login.defs",
                "FAIL_DELAY 1\nENV_PATH PATH=/qos:/usr/bin:/bin\nENV_SUPATH PATH=/qos:/usr/bin:/bin\n",
            ),
            ("issue", "Welcome at \\l: \\U\n"),
            ("motd", "Message of the day\n"),
        ] {
            system.write(&format!("etc/{name}"), text);
        }
        fs::set_permissions(system.path("etc/shadow"), fs::Permissions::from_mode(0o600)).unwrap();
        system.passwords("root:root-pw\n");
        system
    }

    /// A path in it, on the host.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file of it.
    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    /// The text of a file of it.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Sets passwords, in lines as chpasswd reads them.
    pub fn passwords(&self, lines: &str) {
        let input = self.path("tmp/passwords");
        fs::write(&input, lines).unwrap();
        let mut command = self.command("chpasswd", &["-c", "SHA256"]);
        let output = command.stdin(fs::File::open(&input).unwrap()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        fs::remove_file(input).unwrap();
    }

    /// A command that executes a program in it, as root, in a name space of mounts that ends with it.
    pub fn command(&self, name: &str, args: &[&str]) -> Command {
        let root = self.root.path().display();
        let mounts: Vec<_> = OF_HOST
            .iter()
            .map(|name| format!("test ! -d /{name} || mount --rbind /{name} {root}/{name}"))
            .collect();
        let script = format!("set -e; {}; exec chroot {root} /qos/{name} \"$@\"", mounts.join("; "));
        let mut command = Command::new("unshare");
        command.args(["-m", "--propagation", "private", "sh", "-c", &script, name]).args(args);
        command
    }

    /// Runs a program in it to its end.
    pub fn run(&self, name: &str, args: &[&str]) -> Output {
        self.command(name, args).output().unwrap()
    }

    /// Runs a program that must succeed; its output.
    pub fn does(&self, name: &str, args: &[&str]) -> String {
        let output = self.run(name, args);
        assert!(output.status.success(), "{name} {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}
