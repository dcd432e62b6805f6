// SPDX-License-Identifier: MIT OR Apache-2.0
//! No program ends with status 0 when its output was lost, and none says a word when nobody reads it any more.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A call of each program that writes, in a directory of two files `f` and `g` that are the same; `< f` is its standard
/// input.
const WRITES: &[&str] = &[
    "arch",
    "b2sum f",
    "base32 f",
    "base64 f",
    "basename a/b",
    "basenc --base64 f",
    "blkid -o device swap",
    "cat f",
    "cksum f",
    "cmp f other",
    "comm f g",
    "cp -v f new",
    "csplit f 1",
    "cut -c 1 f",
    "date",
    "dd",
    "df .",
    "diff f other",
    "dir",
    "dircolors -p",
    "dirname a/b",
    "du f",
    "echo a",
    "egrep a f",
    "env",
    "expand f",
    "expr 1 + 1",
    "fgrep a f",
    "find .",
    "findfs f",
    "fmt f",
    "fold f",
    "getconf PAGESIZE",
    "grep a f",
    "groups",
    "gunzip -c f.gz",
    "gzip -c f",
    "head f",
    "id",
    "join f g",
    "kill -l",
    "less f",
    "ls",
    "md5sum f",
    "mkdir -v directory",
    "mktemp -u",
    "more f",
    "mv -v g moved",
    "nice",
    "nl f",
    "nproc",
    "numfmt 1",
    "od f",
    "paste f",
    "patch -o copy f changes",
    "pgrep -f .",
    "pr f",
    "printenv PATH",
    "printf a",
    "ps",
    "ptx f",
    "pwd",
    "readlink -f f",
    "realpath f",
    "rm -v f",
    "sed p f",
    "seq 3",
    "sha1sum f",
    "sha224sum f",
    "sha256sum f",
    "sha384sum f",
    "sha512sum f",
    "shuf f",
    "sort f",
    "stat f",
    "strings -n 1 f",
    "sum f",
    "sysctl kernel.ostype",
    "tac f",
    "tail f",
    "tar -cf - f",
    "tee",
    "top -b -n 1",
    "tr a b",
    "tsort f",
    "tty",
    "uname",
    "unexpand f",
    "uniq f",
    "unxz -c f.xz",
    "unzstd -c f.zst",
    "vdir",
    "vmstat",
    "wc f",
    "which ls",
    "xargs echo",
    "xxd f",
    "xz -c f",
    "xzcat f.xz",
    "yes",
    "zcat f.gz",
    "zstd -c f",
    "zstdcat f.zst",
    // What a library writes, of its own accord.
    "cat --help",
    "cat --version",
    "find --help",
    "grep --help",
    "sed --help",
];

/// A directory of its own for a test, with the files that the calls need.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // It may be there from an earlier run.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for file in ["f", "g"] {
            fs::write(path.join(file), "a b\n").unwrap();
        }
        fs::write(path.join("other"), "c d\n").unwrap();
        fs::write(path.join("changes"), "--- f\n+++ f\n@@ -1 +1 @@\n-a b\n+a c\n").unwrap();
        // The smallest thing that blkid knows.
        let mut swap = vec![0; 64 << 10];
        swap[4086..4096].copy_from_slice(b"SWAPSPACE2");
        swap[1024..1032].copy_from_slice(&[1, 0, 0, 0, 15, 0, 0, 0]);
        swap[1036..1052].fill(0x11);
        fs::write(path.join("swap"), swap).unwrap();
        let directory = Directory(path);
        for compress in ["gzip -k f", "xz -k f", "zstd -qk f"] {
            assert!(directory.call(compress).status().unwrap().success(), "{compress}");
        }
        directory
    }

    fn call(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qos"));
        command.args(line.split(' ')).current_dir(&self.0);
        command.stdin(File::open(self.0.join("f")).unwrap());
        command
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left is removed by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_full_device_is_an_error() {
    let mut silent = Vec::new();
    for line in WRITES {
        let directory = Directory::new("full");
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = directory.call(line).stdout(full).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        // A signal is not an error to report, and 101 and 134 are a panic's.
        if code.is_none_or(|code| [0, 101, 134].contains(&code))
            || !message.contains("No space left on device")
        {
            silent.push(format!("{line}: {}: {message:?}", output.status));
        }
    }
    assert!(silent.is_empty(), "output was lost, and not rightly reported:\n{}", silent.join("\n"));
}

#[test]
fn a_reader_that_ends_is_no_error() {
    let directory = Directory::new("pipe");
    fs::write(directory.0.join("long"), "line\n".repeat(1_000_000)).unwrap();
    for line in [
        "yes",
        "cat long",
        "sed p long",
        "grep line long",
        "sort long",
        "seq 1000000",
        "od long",
        "tail -n +1 long",
    ] {
        let mut child = directory.call(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&output.status),
            Some(13),
            "{line}: {}",
            output.status
        );
    }
}

/// Programs that do not write, or only what the programs that they start do, or only to a terminal.
const SILENT: &[&str] = &[
    "[", "chgrp", "chmod", "chown", "chroot", "edit", "false", "install", "kibi", "link", "ln", "logger",
    "mkfifo", "mknod", "nohup", "pathchk", "rmdir", "shred", "sleep", "split", "stty", "sync", "test",
    "time", "timeout", "touch", "true", "truncate", "unlink",
];

/// Programs of no wide use in a test on a host: they look at or change the system, or need its accounts. Their output goes through
/// `qos_command::run`, which [`a_full_device_is_an_error`] sees at work in grep.
const SYSTEM: &[&str] = &[
    "clear", "dmesg", "free", "halt", "hostname", "insmod", "kexec", "killall", "logname", "lsblk", "lsmod",
    "modprobe", "mount", "pidof", "pkill", "poweroff", "reboot", "rmmod", "umount", "uptime", "watch",
    "whoami",
];

#[test]
fn every_program_is_accounted_for() {
    let called: Vec<&str> = WRITES.iter().filter_map(|line| line.split(' ').next()).collect();
    for name in qos_qos::names() {
        // The agent needs the channels of a guest.
        let agent = name == "qos-agent";
        let lists = [called.contains(&name), SILENT.contains(&name), SYSTEM.contains(&name), agent];
        assert_eq!(lists.iter().filter(|known| **known).count(), 1, "{name} belongs into one of the lists");
    }
    assert!(Path::new("/dev/full").exists());
}
