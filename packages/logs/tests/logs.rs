// SPDX-License-Identifier: MIT OR Apache-2.0
//! logd as a process with its sockets in a directory of its own, and logctl as the reader.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A daemon that runs; it is killed at the end.
struct Daemon {
    directory: TempDir,
    child: Child,
}

fn kill(signal: &str, child: &Child) {
    assert!(
        Command::new("sh")
            .args(["-c", "kill -s $0 $1", signal, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

impl Daemon {
    fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), options)
    }

    fn start_in(directory: TempDir, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_logd"));
        let child = spawn(&mut command, directory.path(), options);
        Daemon { directory, child }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A socket that is connected with the daemon's.
    fn datagrams(&self, name: &str) -> UnixDatagram {
        let socket = UnixDatagram::unbound().unwrap();
        socket.connect(self.path(name)).unwrap();
        socket
    }

    fn stream(&self, text: &str) -> UnixStream {
        let mut stream = UnixStream::connect(self.path("run/stdout")).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// What logctl prints with `options`, separated by spaces.
    fn logctl(&self, options: &str) -> String {
        let output = logctl(&self.path("store"), options).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until logctl prints what is expected.
    fn until(&self, options: &str, is: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let text = self.logctl(options);
            if is(&text) {
                return text;
            }
            assert!(Instant::now() < end, "logctl {options}: {text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks for the end; the directory stays.
    fn end(mut self) -> TempDir {
        kill("TERM", &self.child);
        assert!(self.child.wait().unwrap().success());
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the daemon, and waits until it says that it is ready.
fn spawn(command: &mut Command, directory: &Path, options: &[&str]) -> Child {
    let notify = directory.join("notify");
    let _ = fs::remove_file(&notify);
    let socket = UnixDatagram::bind(&notify).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let at = |name: &str| directory.join(name);
    let child = command
        .arg("--directory")
        .arg(at("store"))
        .arg("--runtime")
        .arg(at("run"))
        .arg("--dev-log")
        .arg(at("log"))
        .args(["--kmsg", "none"])
        .args(options)
        .env("NOTIFY_SOCKET", &notify)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut bytes = [0; 64];
    let count = socket.recv(&mut bytes).unwrap();
    assert_eq!(&bytes[..count], b"READY=1");
    child
}

fn logctl(store: &Path, options: &str) -> Command {
    // By its name, as in the image.
    let link = store.with_file_name("logctl");
    let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_logd"), &link);
    let mut command = Command::new(link);
    command.arg("-D").arg(store).args(options.split(' ').filter(|option| !option.is_empty()));
    command
}

#[test]
fn each_protocol() {
    let daemon = Daemon::start(&[]);
    let pid = std::process::id();
    daemon.datagrams("log").send(b"<86>Nov 28 12:00:00 su[12]: by syslog").unwrap();
    daemon.datagrams("log").send(b"<35>1 - - app 9 ID [a b=\"c\"] by RFC 5424").unwrap();
    let native = daemon.datagrams("run/socket");
    native.send(b"MESSAGE\n\x09\0\0\0\0\0\0\0by\nnative\nPRIORITY=2\nFOO=bar\n_PID=1\n").unwrap();
    let stream = daemon.stream("prog\nx.service\n30\n1\n0\n0\n0\n<3>an error\nby stdout\n");
    drop(stream);
    daemon.until("-o cat", |text| text.contains("by stdout"));
    // Only root says which unit a stream is of; the test may be an ordinary user.
    let text = daemon.logctl("-t prog -o cat");
    assert_eq!(text, "an error\nby stdout\n");
    let json = daemon.logctl("-o json FOO=bar");
    for expect in [
        &format!("\"_PID\":\"{pid}\""),
        "\"MESSAGE\":\"by\\nnative\"",
        "\"PRIORITY\":\"2\"",
        "\"_TRANSPORT\":\"journal\"",
        "\"_COMM\"",
    ] {
        assert!(json.contains(expect), "{expect}: {json}");
    }
    assert_eq!(daemon.logctl("-o cat -p err..crit -n 1"), "an error\n");
    assert_eq!(daemon.logctl("-o cat -t su"), "by syslog\n");
    assert_eq!(daemon.logctl("-o cat SYSLOG_MSGID=ID"), "by RFC 5424\n");
    assert_eq!(daemon.logctl("-o cat -g RFC"), "by RFC 5424\n");
    assert_eq!(daemon.logctl("-o cat -g RFC -t su"), "");
    assert_eq!(daemon.logctl("-o cat -r -n 2 -t prog"), "by stdout\nan error\n");
    assert_eq!(daemon.logctl("-o cat -S tomorrow"), "");
    assert_eq!(daemon.logctl("-o cat -b -S -1h -U now -t su"), "by syslog\n");
    assert_eq!(daemon.logctl("-F FOO"), "bar\n");
    assert!(daemon.logctl("-N").contains("SYSLOG_MSGID\n"));
    assert_eq!(daemon.logctl("--list-boots").lines().count(), 1);
    assert!(daemon.logctl("--verify").ends_with(": 5 entries, good\n"));
    assert_eq!(daemon.logctl("-k"), "-- No entries --\n");
}

#[test]
fn long_messages() {
    let daemon = Daemon::start(&[]);
    let text = "x".repeat(300_000);
    for name in ["run/socket", "log"] {
        let socket = daemon.datagrams(name);
        rustix::net::sockopt::set_socket_send_buffer_size(&socket, 400_000).unwrap();
        let head = if name == "log" { "<13>a: " } else { "FOO=bar\nMESSAGE=" };
        socket.send(format!("{head}{text}").as_bytes()).unwrap();
        daemon.until("-o cat", |log| log == format!("{text}\n"));
        assert_eq!(daemon.logctl("_TRUNCATED=1"), "-- No entries --\n");
        assert!(daemon.logctl("--vacuum-size 0").contains("removed"));
        kill("USR2", &daemon.child);
        daemon.until("--vacuum-size 0", |text| text.contains("removed 1 segments"));
    }
    // More than is taken: the beginning is there, and marked.
    let memory = rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
    let mut file = fs::File::from(memory);
    let length = 2_000_000_usize;
    let message =
        [b"FOO=bar\nMESSAGE\n", &(length as u64).to_le_bytes()[..], &vec![b'y'; length], b"\n"].concat();
    file.write_all(&message).unwrap();
    for _ in 0..2 {
        qos_sys::message::send(&daemon.path("run/socket"), b"", &[std::os::fd::AsFd::as_fd(&file)]).unwrap();
    }
    daemon.until("-o cat -g ^y _TRUNCATED=1", |log| log.lines().count() == 2);
    let warnings = daemon.logctl("-o cat -t logd");
    assert!(
        warnings.ends_with(" was cut: it had more than 1572864 bytes\n") && warnings.lines().count() == 1,
        "{warnings}"
    );
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let none = directory.path().join("none");
    for options in ["", "--verify", "--list-boots", "--disk-usage", "-F X", "-N", "--vacuum-size 1M", "-f"] {
        let output = logctl(&none, options).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{options}");
        assert_eq!(error, format!("logctl: {}: No such file or directory\n", none.display()), "{options}");
    }
    // An empty one is an empty log.
    let empty = directory.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let output = logctl(&empty, "--list-boots").output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
}

#[test]
fn what_the_manager_says_of_a_unit_and_what_others_claim() {
    let directory = tempfile::tempdir().unwrap();
    let kmsg = directory.path().join("kmsg");
    fs::write(&kmsg, "14,7,1,-;qos-init: ne.service: started\n").unwrap();
    let daemon = Daemon::start_in(directory, &["--kmsg", &kmsg.display().to_string()]);
    daemon
        .datagrams("run/socket")
        .send(b"MESSAGE=forged\nUNIT=ne.service\nCOREDUMP_UNIT=ne.service\n")
        .unwrap();
    daemon.until("-o cat", |text| text.contains("forged"));
    assert_eq!(daemon.logctl("-u ne -o cat"), "ne.service: started\n");
}

#[test]
fn follows_over_rotation() {
    let daemon = Daemon::start(&[]);
    let socket = daemon.datagrams("log");
    socket.send(b"<13>a: zero").unwrap();
    daemon.until("-o cat", |text| text == "zero\n");
    let mut follower =
        logctl(&daemon.path("store"), "-f -o cat -n 1").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    assert_eq!(lines.next().as_deref(), Some("zero"));
    for text in ["one", "two", "three"] {
        socket.send(format!("<13>a: {text}").as_bytes()).unwrap();
        assert_eq!(lines.next().as_deref(), Some(text));
        kill("USR2", &daemon.child);
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
    assert_eq!(daemon.logctl("-o cat"), "zero\none\ntwo\nthree\n");
}

#[test]
fn killed_at_any_moment() {
    let mut daemon = Daemon::start(&["--rate-burst", "0"]);
    let mut sent = 0;
    for round in 0..10 {
        let socket = daemon.datagrams("log");
        for _ in 0..=round * 37 {
            socket.send(format!("<13>a: {sent}").as_bytes()).unwrap();
            sent += 1;
        }
        // Of what is sent the socket keeps some, which ends with the daemon: only order and wholeness are certain.
        daemon.child.kill().unwrap();
        daemon.child.wait().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_logd"));
        daemon.child = spawn(&mut command, daemon.directory.path(), &["--rate-burst", "0"]);
        let numbers: Vec<u32> = daemon.logctl("-o cat").lines().map(|line| line.parse().unwrap()).collect();
        assert!(numbers.is_sorted() && numbers.len() <= sent);
        assert!(daemon.logctl("--verify").lines().all(|line| line.ends_with("good")));
    }
}

#[test]
fn a_second_daemon_is_refused_and_a_restart_goes_on() {
    let daemon = Daemon::start(&[]);
    daemon.datagrams("log").send(b"<13>a: one").unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_logd"))
        .arg("--directory")
        .arg(daemon.path("store"))
        .arg("--runtime")
        .arg(daemon.path("other"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&second.stderr).contains("another logd writes this log"));
    assert!(!second.status.success());
    let daemon = Daemon::start_in(daemon.end(), &[]);
    daemon.datagrams("log").send(b"<13>a: two").unwrap();
    daemon.until("-o cat", |text| text == "one\ntwo\n");
    assert_eq!(fs::read_dir(daemon.path("store")).unwrap().count(), 2);
}

#[test]
fn a_flood_is_limited_and_counted() {
    let daemon = Daemon::start(&["--rate-burst", "5", "--rate-interval", "300ms"]);
    let socket = daemon.datagrams("log");
    for _ in 0..20 {
        socket.send(b"<13>a: flood").unwrap();
    }
    let text = daemon.until("-o cat", |text| text.contains("Suppressed"));
    let dropped: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("Suppressed ")?.split(' ').next()?.parse().ok())
        .unwrap();
    assert_eq!(text.lines().filter(|line| *line == "flood").count() + dropped, 20);
    assert!(dropped >= 10, "{text}");
}

/// Starts a daemon whose files may have `limit` blocks of 512 bytes.
fn limited(limit: u32) -> Daemon {
    let directory = tempfile::tempdir().unwrap();
    let script = format!("trap '' XFSZ; ulimit -S -f {limit}; exec {} \"$@\"", env!("CARGO_BIN_EXE_logd"));
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).stderr(Stdio::null());
    let child = spawn(&mut command, directory.path(), &["--rate-burst", "0", "--max-use", "1M"]);
    Daemon { directory, child }
}

#[test]
fn files_that_cannot_grow() {
    // A file may have 1 KiB: a write fails in the middle of a record, and what waits in the socket is longer than a file.
    let daemon = limited(2);
    let socket = daemon.datagrams("log");
    let last = 300;
    let message = |number: usize| format!("<13>a: {number:0100}").into_bytes();
    kill("STOP", &daemon.child);
    socket.set_nonblocking(true).unwrap();
    let waiting = (0..last).take_while(|number| socket.send(&message(*number)).is_ok()).count();
    assert!(waiting > 8, "{waiting}");
    kill("CONT", &daemon.child);
    socket.set_nonblocking(false).unwrap();
    for number in waiting..=last {
        socket.send(&message(number)).unwrap();
    }
    let text = daemon.until("-o cat", |text| text.lines().last() == Some(&format!("{last:0100}")));
    let numbers: Vec<usize> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert!(numbers.iter().copied().eq(0..=last));
    assert!(daemon.logctl("--verify").lines().all(|line| line.ends_with("good")));
}

#[test]
fn a_full_disk() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let daemon = limited(0);
    let socket = daemon.datagrams("log");
    for number in 0..10 {
        socket.send(format!("<13>a: {number}").as_bytes()).unwrap();
    }
    // The end of a stream is read after those.
    drop(daemon.stream("prog\n\n30\n1\n0\n0\n0\n"));
    assert_eq!(daemon.logctl("-o cat"), "");
    // There is space again.
    let pid = Pid::from_child(&daemon.child);
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: None, maximum: None }).unwrap();
    socket.send(b"<13>a: after").unwrap();
    let text = daemon.until("-o cat", |text| text.ends_with("after\n"));
    // Those that were still in the socket are there.
    let lost =
        text.lines().find_map(|line| line.split_once(" messages could not be written")?.0.parse().ok());
    let lost: usize = lost.unwrap_or(0);
    assert_eq!(text.lines().count(), 10 - lost + 2 - usize::from(lost == 0), "{text}");
    assert!(
        lost == 0
            || text.contains("messages could not be written to") && text.contains("are lost: File too large")
    );
}

#[test]
fn forwards() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let daemon = Daemon::start(&["--forward", &listener.local_addr().unwrap().to_string()]);
    daemon.datagrams("log").send(b"<35>su[12]: text").unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut reader = BufReader::new(stream);
    let mut length = Vec::new();
    reader.read_until(b' ', &mut length).unwrap();
    let length: usize = String::from_utf8(length).unwrap().trim().parse().unwrap();
    let mut message = vec![0; length];
    std::io::Read::read_exact(&mut reader, &mut message).unwrap();
    let message = String::from_utf8(message).unwrap();
    assert!(
        message.starts_with("<35>1 ") && message.ends_with(" text") && message.contains(" su 12 - "),
        "{message}"
    );
}

#[test]
fn forwarding_that_fails_is_in_the_log() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let daemon = Daemon::start(&["--forward", &address.to_string()]);
    daemon.datagrams("log").send(b"<35>su[12]: text").unwrap();
    let expect =
        format!("messages are not forwarded to {address}: Connection refused; logd goes on trying\n");
    daemon.until("-o cat -p warning -t logd", |text| text == expect);
}

#[test]
fn forwarding_without_authorities_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_logd"))
        .arg("--directory")
        .arg(directory.path().join("store"))
        .args(["--forward-tls", "localhost", "--forward-ca", "/none/ca.pem"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "logd: /none/ca.pem: No such file or directory; give the certificates that may sign the server's with --forward-ca\n"
    );
    assert!(!directory.path().join("store").exists(), "logd began to work");
}

#[test]
fn vacuum() {
    let daemon = Daemon::start(&[]);
    let socket = daemon.datagrams("log");
    for number in 0..4 {
        socket.send(format!("<13>a: {number}").as_bytes()).unwrap();
        daemon.until("-o cat", |text| text.ends_with(&format!("{number}\n")));
        kill("USR2", &daemon.child);
        daemon.until("--verify", |text| text.lines().all(|line| line.contains(".gz: 1 entries, good")));
    }
    assert_eq!(daemon.logctl("--disk-usage").lines().count(), 1);
    // A file takes less than a block of a megabyte.
    assert!(daemon.logctl("--vacuum-size 4M").contains("removed 0 segments"));
    assert_eq!(daemon.logctl("-o cat"), "0\n1\n2\n3\n");
    assert_eq!(daemon.logctl("-o cat -n +2"), "0\n1\n");
    assert_eq!(daemon.logctl("-o cat -n 2"), "2\n3\n");
    assert_eq!(daemon.logctl("-o cat -n +0"), "");
    let time = daemon.logctl("-o short-iso -n 1");
    assert_eq!(
        daemon.logctl(&format!("-o cat -n 1 -S {}", time.split(' ').next().unwrap())),
        "3\n",
        "{time}"
    );
    assert!(daemon.logctl("--vacuum-size 0").contains("removed 4 segments"));
    assert_eq!(daemon.logctl("-o cat"), "");
}
