// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that change accounts, beside each other and killed in the middle.

use crate::system::System;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn eight_at_once() {
    let system = System::new();
    let spawn = |number: u32| system.command("useradd", &["-m", &format!("user{number}")]).spawn().unwrap();
    for mut child in (0..8).map(spawn).collect::<Vec<_>>() {
        assert!(child.wait().unwrap().success());
    }
    let passwd = system.read("etc/passwd");
    let mut uids: Vec<u32> = passwd
        .lines()
        .filter(|line| line.starts_with("user"))
        .map(|line| line.split(':').nth(2).unwrap().parse().unwrap())
        .collect();
    uids.sort_unstable();
    assert_eq!(uids, (1000..1008).collect::<Vec<_>>(), "{passwd}");
    for file in ["shadow", "group", "gshadow"] {
        let text = system.read(&format!("etc/{file}"));
        let is_new = |line: &&str| line.starts_with("user") && !line.starts_with("users:");
        assert_eq!(text.lines().filter(is_new).count(), 8, "{file}:\n{text}");
    }
    assert_eq!(std::fs::read_dir(system.path("home")).unwrap().count(), 8);
}

#[test]
fn killed_at_any_moment() {
    let system = System::new();
    // Long files, so that a write takes a while.
    let mut passwd = system.read("etc/passwd");
    (0..20_000)
        .for_each(|n| passwd += &format!("bulk{n}:x:{}:100:{}:/:/bin/false\n", 70_000 + n, "x".repeat(60)));
    system.write("etc/passwd", &passwd);
    let whole = |text: &str, count: usize| {
        text.ends_with('\n') && text.lines().all(|line| line.split(':').count() == count)
    };
    // How long all of it takes, so that the moments of death are spread over it.
    let start = Instant::now();
    system.does("useradd", &["first"]);
    let duration = start.elapsed();
    let (mut added, mut killed) = (0, 0);
    for round in 0..300_u32 {
        if round >= 60 && added > 0 && killed > 0 {
            break;
        }
        let name = format!("user{round}");
        let mut command = system.command("useradd", &[&name]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(duration * (round % 60) / 50);
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let (passwd, shadow) = (system.read("etc/passwd"), system.read("etc/shadow"));
        assert!(whole(&passwd, 7) && whole(&shadow, 9) && passwd.len() > 1_000_000, "round {round}");
        assert!(
            whole(&system.read("etc/group"), 4) && whole(&system.read("etc/gshadow"), 4),
            "round {round}"
        );
        // A user that is there is there with the rest of the account.
        if passwd.contains(&format!("\n{name}:")) {
            added += 1;
            assert!(shadow.contains(&format!("\n{name}:!:")), "round {round}");
        }
    }
    // The next one is not held up by a lock or a file that the dead left.
    let start = Instant::now();
    system.does("useradd", &["-N", "last"]);
    assert!(start.elapsed() < Duration::from_secs(10));
    eprintln!("{killed} killed, {added} added, each taking {duration:?}");
    assert!(killed > 0 && added > 0);
}

#[test]
fn the_life_of_an_account() {
    let system = System::new();
    system.write("etc/passwd", &format!("{}# a comment\nodd:line\n", system.read("etc/passwd")));
    system.does("groupadd", &["staff"]);
    system.does("useradd", &["-m", "-s", "/bin/false", "-G", "staff,users", "-e", "2040-02-03", "bob"]);
    system.passwords("bob:bob-pw\n");
    assert!(system.does("passwd", &["-S", "bob"]).starts_with("bob P 20"));
    assert!(
        system
            .does("chage", &["-l", "-i", "bob"])
            .contains("Account expires                                         : 2040-02-03\n")
    );
    system.does("usermod", &["-l", "rob", "-d", "/home/rob", "-m", "-u", "2000", "-L", "bob"]);
    let home = std::fs::metadata(system.path("home/rob")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&home), 2000);
    assert!(system.does("passwd", &["-S", "rob"]).starts_with("rob L "));
    assert!(
        system.read("etc/passwd").contains("# a comment\nodd:line\nrob:x:2000:1001::/home/rob:/bin/false\n")
    );
    assert!(system.read("etc/group").contains("staff:x:1000:rob\nbob:x:1001:\n"));
    for (name, args, status) in [
        ("useradd", &["rob"][..], 9),
        ("useradd", &["-g", "none", "x"], 6),
        ("useradd", &["a:b"], 3),
        ("useradd", &["-c", "a:b", "x"], 3),
        ("groupdel", &["bob"], 8),
        ("groupdel", &["none"], 6),
        ("userdel", &["none"], 6),
        ("userdel", &[], 2),
        ("useradd", &["-N", "-u", "4294967295", "x"], 3),
        ("useradd", &["-g", "4294967295", "x"], 6),
        ("useradd", &["-d", "relative", "x"], 3),
        ("useradd", &["-s", "nosuch", "x"], 3),
        ("usermod", &["-d", "relative", "rob"], 3),
        ("useradd", &["-o", "x"], 2),
        ("groupadd", &["-o", "x"], 2),
        ("groupadd", &["-g", "abc", "x"], 3),
        ("usermod", &["-u", "4294967295", "rob"], 3),
        ("groupadd", &["-g", "4294967295", "x"], 3),
    ] {
        assert_eq!(system.run(name, args).status.code(), Some(status), "{name} {args:?}");
    }
    // To another file system and back, and not where something is: then nothing is changed.
    system.write("home/rob/letter", "text");
    let letter = |path: &str| {
        let metadata = std::fs::metadata(format!("{path}/letter")).unwrap();
        (
            std::os::unix::fs::MetadataExt::uid(&metadata),
            std::fs::read_to_string(format!("{path}/letter")).unwrap(),
        )
    };
    let there = format!("/dev/qos-test-{}", std::process::id());
    let before = letter(system.path("home/rob").to_str().unwrap());
    system.does("usermod", &["-m", "-d", &there, "rob"]);
    assert_eq!((letter(&there), system.path("home/rob").exists()), (before.clone(), false));
    assert!(system.read("etc/passwd").contains(&format!(":{there}:")));
    system.does("usermod", &["-m", "-d", "/home/rob", "rob"]);
    assert_eq!(letter(system.path("home/rob").to_str().unwrap()), before);
    assert!(!std::path::Path::new(&there).exists());
    let passwd = system.read("etc/passwd");
    for to in ["/home", "/home/rob/in/itself", "/proc/rob"] {
        assert_eq!(
            system.run("usermod", &["-m", "-d", to, "-c", "new", "rob"]).status.code(),
            Some(12),
            "{to}"
        );
        assert_eq!(system.read("etc/passwd"), passwd, "{to}");
        assert!(system.path("home/rob/letter").exists() && !system.path("home/rob/in").exists(), "{to}");
    }
    // Root is in use as long as the system runs.
    let before = system.read("etc/passwd");
    for (name, args) in [
        ("userdel", &["root"][..]),
        ("userdel", &["-r", "root"]),
        ("usermod", &["-u", "5", "root"]),
        ("usermod", &["-l", "toor", "root"]),
        ("usermod", &["-m", "-d", "/root2", "root"]),
    ] {
        let output = system.run(name, args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(8), "{name} {args:?}");
        assert!(
            message.starts_with(&format!("{name}: user root is currently used by process ")),
            "{message}"
        );
        assert_eq!(system.read("etc/passwd"), before);
    }
    system.does("userdel", &["-r", "rob"]);
    assert!(!system.path("home/rob").exists() && !system.read("etc/shadow").contains("rob"));
    assert!(!system.read("etc/group").contains("rob"));
    system.does("groupdel", &["staff"]);
}

#[test]
fn under_a_directory() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("etc")).unwrap();
    std::fs::write(root.path().join("etc/passwd"), "root:x:0:0::/root:/bin/sh\n").unwrap();
    let run = |name: &str, args: &[&str], input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_login"));
        command.arg0(name).arg("-R").arg(root.path()).args(args);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait().unwrap().code()
    };
    let read = |name: &str| std::fs::read_to_string(root.path().join("etc").join(name)).unwrap();
    assert_eq!(run("groupadd", &["-r", "staff"], ""), Some(0));
    assert_eq!(run("useradd", &["-G", "staff", "ann"], ""), Some(0));
    assert_eq!(run("chpasswd", &["-c", "SHA512"], "ann:secret word\nroot:other word\n"), Some(0));
    assert_eq!(run("chpasswd", &[], "ann:new\nnobody:x\n"), Some(1));
    assert_eq!(run("chpasswd", &["-e"], "ann:plain\n"), Some(1));
    assert_eq!(read("passwd"), "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
    assert_eq!(read("group"), "staff:x:999:ann\nann:x:1000:\n");
    let shadow = read("shadow");
    assert!(shadow.starts_with("ann:$6$rounds=5000$") && shadow.contains("\nroot:$6$"), "{shadow}");
    let mode = std::fs::metadata(root.path().join("etc/shadow")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(run("userdel", &["ann"], ""), Some(0));
    assert_eq!(read("group"), "staff:x:999:\n");
}
