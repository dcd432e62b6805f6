// SPDX-License-Identifier: MIT OR Apache-2.0
//! `daemon-reexec`: the manager goes on as another program, and its services notice nothing.

mod common;

use common::{Manager, kill, manager_of};
use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One test at a time copies and executes programs: a child of the other one would have the copy open for writing (ETXTBSY).
static ALONE: Mutex<()> = Mutex::new(());

/// How many descriptors the service of the test gives to the manager.
const STORED: usize = 300;

/// Copies the manager to `directory/manager`, by a rename as a package manager does; its inode.
fn install(directory: &Path) -> u64 {
    let (new, path) = (directory.join("manager.new"), directory.join("manager"));
    fs::copy(env!("CARGO_BIN_EXE_manager"), &new).unwrap();
    fs::rename(&new, &path).unwrap();
    fs::metadata(path).unwrap().ino()
}

fn installed(name: &str, units: &[(&str, &str)]) -> Manager {
    let program = |directory: &Path| -> PathBuf {
        install(directory);
        directory.join("manager")
    };
    manager_of(program, name, units)
}

/// The inode of the program that the manager is.
fn program(m: &Manager) -> u64 {
    fs::metadata(format!("/proc/{}/exe", m.child.id())).unwrap().ino()
}

/// No test of its own: a service that says that it is ready when `QOS_GO` is there, and gives descriptors to keep.
#[test]
fn helper() {
    let (Some(socket), Some(go)) = (std::env::var_os("NOTIFY_SOCKET"), std::env::var_os("QOS_GO")) else {
        return;
    };
    while !Path::new(&go).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    if std::env::var_os("QOS_STORE").is_some() {
        let file = fs::File::open("/dev/null").unwrap();
        for number in 0..STORED {
            let text = format!("FDSTORE=1\nFDNAME={number}");
            qos_sys::message::send(socket.as_ref(), text.as_bytes(), &[file.as_fd()]).unwrap();
        }
    }
    UnixDatagram::unbound().unwrap().send_to(b"READY=1\nSTATUS=ready", socket).unwrap();
    std::thread::sleep(Duration::from_secs(1000));
}

#[test]
fn services_go_on() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let helper = std::env::current_exe().unwrap();
    let notify = |name: &str, more: &str| {
        let run = format!("exec {} --exact helper --nocapture", helper.display());
        format!(
            "[Service]\nType=notify\nEnvironment=QOS_GO=@/go-{name}\n{more}ExecStart=/bin/sh -c 'echo $LISTEN_FDS >> @/fds-{name}; {run}'\n"
        )
    };
    let m = installed(
        "reexec",
        &[
            ("default.target", "[Unit]\nWants=a.service s.socket q.socket p.path t.timer\n"),
            (
                "a.service",
                "[Service]\nRestart=always\nExecStart=/bin/sh -c 'while read line; do echo $line; done <@/pipe'\nExecStartPre=/bin/sh -c 'test -p @/pipe || mkfifo @/pipe'\n",
            ),
            ("late.service", &notify("late", "")),
            (
                "store.service",
                &notify("store", "Environment=QOS_STORE=1\nFileDescriptorStoreMax=1000\nRestart=always\n"),
            ),
            ("s.socket", "[Socket]\nListenStream=@/socket\nAccept=yes\n"),
            ("s@.service", "[Service]\nStandardInput=socket\nExecStart=/bin/cat\n"),
            ("q.socket", "[Socket]\nListenStream=@/queue\n"),
            (
                "q.service",
                "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo $LISTEN_FDS > @/queued; exec sleep 1000'\n",
            ),
            ("p.path", "[Path]\nPathChanged=@/watched\n"),
            ("p.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo p >> @/p'\n"),
            ("t.timer", "[Timer]\nOnActiveSec=2\n"),
            ("t.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo t >> @/t'\n"),
        ],
    );
    for unit in ["a.service", "s.socket", "q.socket", "p.path", "t.timer"] {
        m.until(unit, || m.value(unit, "ActiveState") == "active");
    }
    // Output of before, and half a line.
    let mut pipe = fs::File::options().write(true).open(m.directory.join("pipe")).unwrap();
    pipe.write_all(b"one\n").unwrap();
    m.until("output", || m.ask("log a") == "one\nok\n");
    // A connection that is served, a client that waits for a job, and a queued connection.
    let mut served = UnixStream::connect(m.directory.join("socket")).unwrap();
    served.write_all(b"x").unwrap();
    served.read_exact(&mut [0]).unwrap();
    let mut client = UnixStream::connect(m.directory.join("run/init.sock")).unwrap();
    client.write_all(b"start late\n").unwrap();
    m.until("the job", || m.value("late", "SubState") == "start");
    let pids = |m: &Manager| ["a", "late", "s@1"].map(|unit| m.value(unit, "MainPID"));
    let (before, old) = (pids(&m), program(&m));

    // The manager stands still, so that all that follows waits for it.
    let manager = m.child.id().to_string();
    kill("STOP", &manager);
    let mut asking = UnixStream::connect(m.directory.join("run/init.sock")).unwrap();
    asking.write_all(b"daemon-reexec\n").unwrap();
    let new = install(&m.directory);
    kill("CONT", &manager);
    let mut reply = String::new();
    asking.read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "ok\n", "{}", m.log());

    assert!(program(&m) == new && new != old, "another program");
    assert_eq!(pids(&m), before, "no service is another process");
    assert_eq!(m.value("a", "NRestarts"), "0");
    pipe.write_all(b"two\n").unwrap();
    m.until("output of both", || m.ask("log a") == "one\ntwo\nok\n");
    served.write_all(b"y").unwrap();
    served.read_exact(&mut [0]).unwrap();
    // READY=1 comes after; who asked for the start is answered by the other program.
    fs::write(m.directory.join("go-late"), "").unwrap();
    reply.clear();
    client.read_to_string(&mut reply).unwrap();
    assert_eq!((reply.as_str(), m.value("late", "StatusText").as_str()), ("ok\n", "ready"));
    fs::write(m.directory.join("watched"), "x").unwrap();
    m.until("the path", || m.file("p") == "p\n");
    m.until("the timer, once", || m.file("t") == "t\n");

    // Connections that are queued while the program changes are there for the next one.
    kill("STOP", &manager);
    let queued = UnixStream::connect(m.directory.join("queue")).unwrap();
    let accepted = UnixStream::connect(m.directory.join("socket")).unwrap();
    let mut asking = UnixStream::connect(m.directory.join("run/init.sock")).unwrap();
    asking.write_all(b"daemon-reexec\n").unwrap();
    kill("CONT", &manager);
    m.until("the service of the queued connection", || m.file("queued") == "1\n");
    m.until("the instance", || m.value("s@2", "SubState") == "running");
    drop((queued, accepted));

    // Messages and descriptors are sent all the time while the program changes.
    m.ask("start --no-block store");
    fs::write(m.directory.join("go-store"), "").unwrap();
    for _ in 0..3 {
        assert_eq!(m.ask("daemon-reexec"), "ok\n", "{}", m.log());
    }
    m.until("READY=1", || m.value("store", "SubState") == "running");
    kill("KILL", &m.value("store", "MainPID"));
    m.until("all descriptors", || m.file("fds-store") == format!("\n{STORED}\n"));

    // A process that ends has its consequences, and all ends in order.
    kill("KILL", &m.value("a", "MainPID"));
    m.until("a restart", || m.value("a", "NRestarts") == "1" && m.value("a", "SubState") == "running");
    assert_eq!(m.value("t.service", "NRestarts"), "0");
    assert_eq!(m.file("t"), "t\n");
    let log = m.end();
    assert_eq!(log.matches("goes on after daemon-reexec").count(), 5, "{log}");
}

/// A program that cannot go on does not become the manager.
#[test]
fn a_successor_that_does_not_read_the_state() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let m = installed(
        "reexec-bad",
        &[
            ("default.target", "[Unit]\nWants=a.service\n"),
            ("a.service", "[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
        ],
    );
    m.until("a", || m.value("a", "SubState") == "running");
    let (pid, old) = (m.value("a", "MainPID"), program(&m));
    let (path, away) = (m.directory.join("manager"), m.directory.join("away"));
    fs::rename(&path, &away).unwrap();
    fs::write(&path, "no program").unwrap();
    let reply = m.ask("daemon-reexec");
    assert!(reply.starts_with("error daemon-reexec: ") && reply.contains("Permission denied"), "{reply}");
    fs::copy("/bin/false", &path).unwrap();
    let reply = m.ask("daemon-reexec");
    assert!(reply.contains("cannot read the state: exit status: 1"), "{reply}");
    assert_eq!((m.value("a", "MainPID"), program(&m)), (pid.clone(), old));
    fs::rename(&away, &path).unwrap();
    assert_eq!(m.ask("daemon-reexec"), "ok\n");
    assert_eq!(m.value("a", "MainPID"), pid);
    m.end();
}
