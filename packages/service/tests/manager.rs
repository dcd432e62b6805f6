// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manager as a process, with real services in a directory of its own.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A manager that runs; it is stopped at the end.
struct Manager {
    directory: PathBuf,
    child: Child,
}

/// Units: name, and text in which @ stands for the test's directory.
fn manager(name: &str, units: &[(&str, &str)]) -> Manager {
    let directory = std::env::temp_dir().join(format!("qos-manager-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let at = |text: &str| text.replace('@', &directory.to_string_lossy());
    for (unit, text) in units {
        let path = directory.join("etc/systemd/system").join(unit);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, at(text)).unwrap();
    }
    let log = fs::File::create(directory.join("log")).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_manager"))
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
    manager.until("the socket is there", || manager.directory.join("run/init.sock").exists());
    manager
}

/// Sends a signal by the shell's own `kill`: a host may have no program of that name.
fn kill(signal: &str, pid: &str) {
    assert!(Command::new("sh").args(["-c", "kill -s $0 $1", signal, pid]).status().unwrap().success());
}

impl Manager {
    fn ask(&self, line: &str) -> String {
        let mut stream = UnixStream::connect(self.directory.join("run/init.sock")).unwrap();
        stream.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    fn value(&self, unit: &str, key: &str) -> String {
        let reply = self.ask(&format!("show {unit}"));
        let found =
            reply.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned));
        found.unwrap_or_default()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap_or_default()
    }

    fn until(&self, what: &str, is: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !is() {
            assert!(Instant::now() < end, "{what}: not within a minute; log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks for the end, and waits for it.
    fn end(mut self) -> String {
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

const TARGET: (&str, &str) =
    ("default.target", "[Unit]\nWants=a.service b.service\nAfter=a.service b.service\n");

#[test]
fn starts_restarts_and_stops() {
    let m = manager(
        "run",
        &[
            TARGET,
            (
                "a.service",
                "[Service]\nExecStart=/bin/sh -c 'echo hello; echo a >> @/order; exec sleep 1000'\nRestart=always\nExecStopPost=/bin/sh -c 'echo stop-a $SERVICE_RESULT >> @/order'\n",
            ),
            (
                "b.service",
                "[Unit]\nAfter=a.service\nRequires=a.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo b >> @/order'\nExecStop=/bin/sh -c 'echo stop-b >> @/order'\n",
            ),
        ],
    );
    m.until("the target is reached", || m.value("default.target", "ActiveState") == "active");
    m.until("a has begun", || m.file("order").contains("a\n"));
    assert_eq!((m.value("a", "SubState").as_str(), m.value("b", "SubState").as_str()), ("running", "exited"));
    m.until("output", || m.ask("log a") == "hello\nok\n");
    // Killed from outside, it comes back as another process.
    let pid = m.value("a", "MainPID");
    kill("KILL", &pid);
    m.until("another process", || ![pid.as_str(), "0", ""].contains(&m.value("a", "MainPID").as_str()));
    assert_eq!(m.value("a", "NRestarts"), "1");
    assert_eq!(m.ask("stop b"), "ok\n");
    assert_eq!(m.ask("start b"), "ok\n");
    assert!(m.ask("start none").starts_with("error none.service not found"));
    assert!(m.ask("nonsense").starts_with("error unknown request"));
    let order = m.directory.join("order");
    let pid = m.value("a", "MainPID");
    fs::write(&order, "").unwrap();
    let directory = m.directory.clone();
    let kept = std::env::temp_dir().join(format!("qos-manager-order-{}", std::process::id()));
    fs::hard_link(&order, &kept).unwrap();
    m.end();
    assert_eq!(fs::read_to_string(&kept).unwrap(), "stop-b\nstop-a success\n");
    fs::remove_file(&kept).unwrap();
    assert!(!directory.exists() && !Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn what_fails() {
    let m = manager(
        "fail",
        &[
            TARGET,
            ("a.service", "[Service]\nExecStart=/no/such/program\n[Unit]\nOnFailure=f.service\n"),
            ("b.service", "[Service]\nExecStart=/bin/sh -c 'echo last words; exit 7'\nUnknownKey=1\n"),
            ("f.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo f > @/f'\n"),
            ("bad.service", "[Service]\nType=notify\n"),
            ("crash.service", "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1ms\n"),
            ("user.service", "[Service]\nExecStart=/bin/true\nUser=no-such-user\n"),
        ],
    );
    m.until("b failed", || m.value("b", "ActiveState") == "failed");
    m.until("OnFailure=", || m.file("f") == "f\n");
    assert_eq!(
        (m.value("a", "ActiveState").as_str(), m.value("b", "MainEnded").as_str()),
        ("failed", "exited with status 7")
    );
    m.until("output", || m.ask("log b") == "last words\nok\n");
    assert!(m.ask("start bad").contains("has neither ExecStart= nor ExecStop="));
    m.ask("start crash");
    m.until("the start limit", || m.value("crash", "Result") == "start-limit-hit");
    m.ask("start user");
    assert_eq!(m.value("user", "ActiveState"), "failed");
    let log = m.end();
    for expect in [
        "a.service: cannot execute the program: No such file or directory",
        "b.service: main process exited with status 7",
        "b.service:3: unknown key UnknownKey= in [Service]: ignored",
        "crash.service: not started: 5 starts within 10s: start limit hit",
        "user.service: cannot start a process: User=no-such-user: no such user",
    ] {
        assert!(log.contains(expect), "{expect:?} is not in:\n{log}");
    }
}

/// No test of its own: the service of the next one.
#[test]
fn helper() {
    let (Some(socket), Ok(ready)) = (std::env::var_os("NOTIFY_SOCKET"), std::env::var("QOS_HELPER")) else {
        return;
    };
    std::thread::sleep(Duration::from_millis(200));
    UnixDatagram::unbound().unwrap().send_to(ready.replace(',', "\n").as_bytes(), socket).unwrap();
    std::thread::sleep(Duration::from_secs(1000));
}

#[test]
fn notifications_sockets_and_paths() {
    let helper = std::env::current_exe().unwrap();
    let service = |more: &str| {
        format!("[Service]\nType=notify\nExecStart={} --exact helper --nocapture\n{more}", helper.display())
    };
    let m = manager(
        "notify",
        &[
            ("default.target", "[Unit]\nWants=a.service s.socket p.path t.timer\nAfter=a.service\n"),
            (
                "a.service",
                &service(
                    "Environment=QOS_HELPER=READY=1,STATUS=works\nWatchdogSec=1\n[Unit]\nStartLimitIntervalSec=0\n",
                ),
            ),
            ("late.service", &service("Environment=QOS_HELPER=STATUS=never\nTimeoutStartSec=1\n")),
            ("s.socket", "[Socket]\nListenStream=@/socket\nAccept=yes\n"),
            ("s@.service", "[Service]\nStandardInput=socket\nExecStart=/bin/cat\n"),
            ("p.path", "[Path]\nPathExists=@/wanted\n"),
            ("p.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'rm @/wanted; echo p > @/p'\n"),
            ("t.timer", "[Timer]\nOnActiveSec=300ms\n"),
            ("t.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo t > @/t'\n"),
        ],
    );
    m.until("READY=1", || m.value("default.target", "ActiveState") == "active");
    assert_eq!(m.value("a", "StatusText"), "works");
    // No sign of life follows.
    m.until("the watchdog", || m.value("a", "Result") == "watchdog");
    assert_eq!(m.ask("start late"), "error job of late.service: failed\n");
    assert_eq!(m.value("late", "Result"), "timeout");
    let mut stream = UnixStream::connect(m.directory.join("socket")).unwrap();
    stream.write_all(b"echo").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "echo");
    fs::write(m.directory.join("wanted"), "").unwrap();
    m.until("the path", || m.file("p") == "p\n");
    m.until("the timer", || m.file("t") == "t\n");
    m.end();
}
