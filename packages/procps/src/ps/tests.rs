// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ps` of a system that is a directory of files.

use super::*;
use std::fs;

/// A system with init, a shell at ttyS0, its child, a thread of the kernel, and a user's program.
fn system() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("proc/uptime", "1000.00 900.00\n");
    write("proc/stat", "cpu 1 2\nbtime 984657600\n");
    write("proc/meminfo", "MemTotal:       100000 kB\n");
    write("proc/sys/kernel/pid_max", "32768\n");
    write("etc/passwd", "root:x:0:0::/:/bin/sh\nalongername:x:1000:1000::/:/bin/sh\n");
    write("etc/group", "root:x:0:\nusers:x:1000:\n");
    for (pid, comm, state, ppid, sid, tty, ticks, start, uid, cmdline) in [
        (1, "init", 'S', 0, 1, 0, 100, 0, 0, "/init\0"),
        (2, "kthreadd", 'S', 0, 0, 0, 0, 0, 0, ""),
        (10, "sh", 'S', 1, 10, 0x440, 6250, 50000, 0, "-sh\0"),
        (11, "ps", 'R', 10, 10, 0x440, 0, 99900, 0, "ps\0-ef\0"),
        (120, "a.out", 'S', 1, 120, 0, 50, 10, 1000, "a.out\0x y\0"),
    ] {
        write(
            &format!("proc/{pid}/stat"),
            &format!(
                "{pid} ({comm}) {state} {ppid} {pid} {sid} {tty} 11 4194304 1 0 2 0 {ticks} 0 0 0 20 0 1 0 {start} 2048000 250 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0\n"
            ),
        );
        write(
            &format!("proc/{pid}/status"),
            &format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{uid}\t{uid}\n"),
        );
        write(&format!("proc/{pid}/cmdline"), cmdline);
    }
    root
}

fn ps(args: &str) -> Result<String, Failure> {
    let root = system();
    let args: Vec<OsString> = args.split('|').filter(|arg| !arg.is_empty()).map(OsString::from).collect();
    let mut out = Vec::new();
    run(root.path(), 11, Some(80), &args, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn check(args: &str, expect: &str) {
    assert_eq!(ps(args).unwrap(), expect, "ps {args}");
}

#[test]
fn plain() {
    check("", "  PID TTY          TIME CMD\n   10 ttyS0    00:01:02 sh\n   11 ttyS0    00:00:00 ps\n");
}

#[test]
fn posix_output() {
    check("-o|comm=|-p|1", "init\n");
    check("-o|pid=", "   10\n   11\n");
    check("-o|pid=|-p1", "    1\n");
    check("-p|1|-o|user=NAME OF USER", "NAME OF USER\nroot\n");
    check(
        "-p|1,120|-o|pid,user,args",
        "  PID USER     COMMAND\n    1 root     /init\n  120 alonger+ a.out x y\n",
    );
    check(
        "-p|10|-o|etime,pcpu,vsz,nice,tty",
        "    ELAPSED %CPU    VSZ  NI TT\n      08:20 12.5   2000   0 ttyS0\n",
    );
    check("-p|2|-o|args=|-o|stat=", "[kthreadd]                  S\n");
    check("-u|alongername|-o|pid=,ruid=,rgroup=", "  120  1000 users\n");
    check("-G|users|-o|pid=", "  120\n");
    check("-t|ttyS0|-o|pid=,s=", "   10 S\n   11 R\n");
    check("-a|-o|pid=", "   11\n");
    check("-d|-o|pid=", "    2\n   11\n");
    check("-g|10|-o|pid=", "   10\n   11\n");
}

#[test]
fn full_and_long() {
    check(
        "-fp1",
        &format!(
            "UID        PID  PPID  C STIME TTY          TIME CMD\nroot         1     0  0 {} ?        00:00:01 /init\n",
            ps("-p|1|-o|stime=").unwrap().trim()
        ),
    );
    check(
        "-lp|1",
        "F S   UID   PID  PPID  C PRI  NI ADDR SZ WCHAN  TTY          TIME CMD\n0 S     0     1     0  0  80   0 -   500 -      ?        00:00:01 init\n",
    );
}

#[test]
fn bsd() {
    assert_eq!(
        ps("aux").unwrap().lines().next(),
        Some("USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND")
    );
    assert_eq!(ps("aux").unwrap().lines().count(), 6);
    assert_eq!(ps("-aux").unwrap().lines().count(), 6);
    check("axo|pid=,comm", "      COMMAND\n    1 init\n    2 kthreadd\n   10 sh\n   11 ps\n  120 a.out\n");
    check(
        "x",
        "  PID TTY      STAT   TIME COMMAND\n    1 ?        Ss     0:01 /init\n    2 ?        S      0:00 [kthreadd]\n   10 ttyS0    Ss     1:02 -sh\n   11 ttyS0    R+     0:00 ps -ef\n",
    );
    check(
        "axfho|pid,cmd",
        "    1 /init\n   10  \\_ -sh\n   11  |   \\_ ps -ef\n  120  \\_ a.out x y\n    2 [kthreadd]\n",
    );
    check("-e|--sort=-pid|-o|pid=", "  120\n   11\n   10\n    2\n    1\n");
}

#[test]
fn a_terminal_is_not_overrun() {
    assert!(ps("-e|-o|pid,args:70,comm").unwrap().lines().all(|line| line.len() <= 80));
}

#[test]
fn failures() {
    assert_eq!(ps("-p|99").unwrap_err().status(), 1);
    for bad in ["-Z", "-p|x", "-o|nope", "-p", "--nope", "Q"] {
        assert_eq!(ps(bad).unwrap_err().status(), 2, "{bad}");
    }
    assert_eq!(ps("-u|nobody-here").unwrap_err().message(), Some("nobody-here: no such user"));
}
