// SPDX-License-Identifier: MIT OR Apache-2.0
//! What processes of services find: descriptors, signals, a name in the log.

mod common;

use common::{Manager, manager};
use qos_sys::poll::readable;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// A socket unit for two services: each says in its file what it got.
fn with_sockets(keys: &str) -> Manager {
    let look = "grep flags /proc/self/fdinfo/3; grep SigIgn /proc/self/status";
    let run =
        format!("ExecStart=/bin/sh -c '{{ echo $LISTEN_FDNAMES; {look}; }} > @/out.new; mv @/out.new @/out'");
    let m = manager(
        &format!("surroundings-{}", keys.len()),
        &[
            ("default.target", "[Unit]\nWants=one.socket two.socket\n"),
            ("one.socket", "[Socket]\nListenStream=@/one\nService=web.service\n"),
            ("two.socket", "[Socket]\nListenStream=@/two\n[Unit]\nRequires=one.socket\n"),
            ("two.service", "[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
            ("web.service", &format!("[Service]\n{keys}{run}\n")),
        ],
    );
    for socket in ["one.socket", "two.socket"] {
        m.until(socket, || m.value(socket, "SubState") == "listening");
    }
    m.ask("start web");
    m.until("the service has looked", || m.directory.join("out").exists());
    m
}

/// The number of a line `NAME:<blank>NUMBER`.
fn number(text: &str, name: &str, base: u32) -> u64 {
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    u64::from_str_radix(line.trim(), base).unwrap()
}

/// O_NONBLOCK of open(2), and SIGPIPE in a mask of /proc/PID/status.
const NON_BLOCKING: u64 = 0o4000;
const PIPE: u64 = 1 << 12;

#[test]
fn sockets_and_signals() {
    for (keys, non_blocking, ignored) in
        [("", 0, PIPE), ("NonBlocking=yes\nIgnoreSIGPIPE=no\n", NON_BLOCKING, 0)]
    {
        let m = with_sockets(&format!("Sockets=one.socket two.socket\n{keys}"));
        let out = m.file("out");
        assert!(out.starts_with("one.socket:two.socket\n"), "{out}");
        assert_eq!(number(&out, "flags:", 8) & NON_BLOCKING, non_blocking, "{keys}: {out}");
        assert_eq!(number(&out, "SigIgn:", 16) & PIPE, ignored, "{keys}: {out}");
        // A connection at the socket with Service= is for that service.
        fs::remove_file(m.directory.join("out")).unwrap();
        m.until("the socket listens again", || m.value("one.socket", "SubState") == "listening");
        let _client = UnixStream::connect(m.directory.join("one")).unwrap();
        m.until("the service runs for a connection", || m.directory.join("out").exists());
        m.end();
    }
}

#[test]
fn names_in_the_log() {
    let print = "ExecStart=/bin/sh -c 'read line <@/go; echo printed'\n";
    let m = manager(
        "identifier",
        &[
            ("default.target", "[Unit]\nWants=make.service\n"),
            ("make.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=mkfifo @/go\n"),
            ("own.service", &format!("[Service]\nSyslogIdentifier=my-name\n{print}")),
            ("program.service", &format!("[Service]\n{print}")),
        ],
    );
    m.until("the FIFO", || m.value("make", "SubState") == "exited");
    let directory = m.directory.join("run/systemd/journal");
    fs::create_dir_all(&directory).unwrap();
    let listener = UnixListener::bind(directory.join("stdout")).unwrap();
    for (unit, expect) in [("own.service", "my-name"), ("program.service", "sh")] {
        m.ask(&format!("start {unit}"));
        fs::write(m.directory.join("go"), "go\n").unwrap();
        m.until("a stream", || readable([listener.as_fd()], Some(Duration::ZERO)).unwrap()[0]);
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let lines: Vec<String> = BufReader::new(stream).lines().map(Result::unwrap).collect();
        assert_eq!((lines[0].as_str(), lines[1].as_str()), (expect, unit));
        assert_eq!(lines.last().unwrap(), "printed");
    }
    m.end();
}
