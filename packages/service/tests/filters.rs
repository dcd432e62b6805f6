// SPDX-License-Identifier: MIT OR Apache-2.0
//! Filters of system calls in the kernel: children of this test make calls under the keys of a unit.

use qos_service::accounts::Accounts;
use qos_service::event::Role;
use qos_service::exec::{Request, plan};
use qos_sys::launch::{Launch, Launched, Step, launch};
use qos_sys::probe::{Probe, probe};
use qos_sys::process::{Ended, Reaped};
use qos_unit::specifier::Facts;
use qos_unit::{Name, Unit, syntax};
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// CLONE_NEWUSER.
const NEWUSER: i32 = 0x1000_0000;

/// Calls by name; `None` if it is not one of this test's.
fn call(name: &str) -> Option<io::Result<()>> {
    let file = std::env::temp_dir().join(format!("qos-filter-{}", std::process::id()));
    let with_mode = |mode: u32| {
        File::create(&file)?;
        let result = fs::set_permissions(&file, Permissions::from_mode(mode));
        fs::remove_file(&file)?;
        result
    };
    Some(match name {
        "write-execute" => probe(Probe::WriteExecute),
        "protect" => probe(Probe::Protect),
        "personality" => probe(Probe::Personality),
        // SCHED_BATCH; SCHED_FIFO.
        "batch" => probe(Probe::Scheduler(3)),
        "realtime" => probe(Probe::Scheduler(1)),
        "unshare-user" => probe(Probe::Unshare(NEWUSER)),
        "set-clock" => probe(Probe::SetClock),
        "io-level" => probe(Probe::IoLevel),
        "socket-unix" => probe(Probe::Socket(1)),
        "socket-inet" => probe(Probe::Socket(2)),
        "socket-inet6" => probe(Probe::Socket(10)),
        "suid" => with_mode(0o4644),
        "mode" => with_mode(0o600),
        "chown" => File::create(&file).and_then(|_| {
            let result = std::os::unix::fs::chown(&file, None, None);
            fs::remove_file(&file)?;
            result
        }),
        "fork" => Command::new("/bin/true").status().map(drop),
        "link" => std::os::unix::fs::symlink("a", &file).and_then(|()| fs::remove_file(&file)),
        _ => return None,
    })
}

/// No test of its own: makes the calls of QOS_CALLS, and prints each with its error number, 0 if there was none.
#[test]
fn child() {
    let Ok(calls) = std::env::var("QOS_CALLS") else { return };
    for name in calls.split(' ') {
        let result = call(name).unwrap_or_else(|| panic!("{name}"));
        let error = result.map_or_else(|error| error.raw_os_error().unwrap_or(-1), |()| 0);
        println!("\n={name} {error}");
    }
}

/// Runs [`child`] under `keys`: the calls with their errors, and how it ended.
fn run(keys: &str, calls: &str) -> (Vec<(String, i32)>, Ended) {
    let program = std::env::current_exe().unwrap();
    // One thread: the test harness makes others, which MemoryDenyWriteExecute= must not hinder either.
    let content = format!(
        "[Service]\nExecStart={} --exact child --nocapture --test-threads=1\nEnvironment=\"QOS_CALLS={calls}\"\n{keys}\n",
        program.display()
    );
    let name = Name::new("a.service").unwrap();
    let (assignments, _) = syntax::parse("f", content.as_bytes());
    let (unit, warnings) = Unit::new(&name, &assignments, &Facts::new());
    assert!(warnings.is_empty(), "{warnings:?}");
    let service = unit.service().unwrap();
    let planned = plan(
        &Request {
            name: &name,
            exec: &service.exec,
            resources: &service.resources,
            role: Role::Start,
            command: &service.start[0],
            main: None,
            told: &[],
            notify: None,
            watchdog: Duration::ZERO,
            descriptors: &[],
            group: None,
            private: Path::new("/nowhere"),
            inherited: &[],
        },
        &Accounts::new(Path::new("/")),
    )
    .unwrap();
    // What is left out needs root's rights and has nothing to do with filters.
    let steps = planned.steps.into_iter();
    let steps: Vec<_> =
        steps.filter(|step| matches!(step, Step::NoNewPrivileges | Step::Filter(_))).collect();
    assert!(steps.iter().any(|step| matches!(step, Step::Filter(_))) || keys.is_empty(), "{keys}");
    let (mut output, input) = qos_sys::pipe::new().unwrap();
    let null = File::options().read(true).write(true).open("/dev/null").unwrap();
    let launched = launch(&Launch {
        programs: planned.programs,
        arguments: planned.arguments,
        environment: planned.environment,
        descriptors: vec![null.as_fd(), input.as_fd(), null.as_fd()],
        steps,
        ignore_sigpipe: true,
    })
    .unwrap();
    drop(input);
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    let results = text.lines().filter_map(|line| line.strip_prefix('=')?.split_once(' '));
    let results = results.map(|(name, error)| (name.to_owned(), error.parse().unwrap())).collect();
    (results, end(launched))
}

/// How a child that has closed its output ended.
fn end(mut launched: Launched) -> Ended {
    loop {
        match qos_sys::process::reap().unwrap() {
            Reaped::Child(pid, ended) if pid == launched.pid => {
                let failed = launched.outcome().unwrap().flatten();
                assert!(failed.is_none(), "{failed:?}");
                return ended;
            }
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Keys, with the calls that they refuse (and the error) and those that work.
const CASES: &[(&str, &str)] = &[
    ("MemoryDenyWriteExecute=yes", "write-execute=1 protect=1 fork=0 mode=0"),
    ("LockPersonality=yes", "personality=1 fork=0"),
    ("RestrictRealtime=yes", "realtime=1 batch=0"),
    ("RestrictSUIDSGID=yes", "suid=1 mode=0"),
    ("RestrictNamespaces=yes", "unshare-user=1 fork=0"),
    ("ProtectClock=yes", "set-clock=1"),
    ("PrivateDevices=yes", "io-level=1"),
    ("RestrictAddressFamilies=AF_UNIX", "socket-unix=0 socket-inet=97 socket-inet6=97"),
    ("RestrictAddressFamilies=~AF_INET6", "socket-unix=0 socket-inet=0 socket-inet6=97"),
    ("RestrictAddressFamilies=none", "socket-unix=97"),
    ("SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM", "set-clock=1 chown=0 fork=0 link=0"),
    (
        "SystemCallFilter=@system-service\nSystemCallFilter=~@chown symlink:EXDEV symlinkat:EXDEV\nSystemCallErrorNumber=EACCES",
        "chown=13 link=18 mode=0 socket-inet=0",
    ),
    ("SystemCallFilter=~symlink symlinkat\nSystemCallErrorNumber=ENOSYS", "link=38 chown=0"),
    ("SystemCallArchitectures=native", "write-execute=0 fork=0"),
    // All at once, as a hardened unit has them.
    (
        "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\nSystemCallArchitectures=native\nMemoryDenyWriteExecute=yes\n\
         RestrictRealtime=yes\nRestrictSUIDSGID=yes\nRestrictNamespaces=yes\nLockPersonality=yes\nProtectClock=yes\n\
         ProtectKernelLogs=yes\nProtectKernelModules=yes\nProtectHostname=yes\nRestrictAddressFamilies=AF_UNIX AF_INET",
        "write-execute=1 realtime=1 suid=1 unshare-user=1 set-clock=1 socket-inet6=97 socket-inet=0 fork=0 mode=0 chown=0",
    ),
];

/// One test: the children that it waits for are all of this process.
#[test]
fn calls_of_children() {
    // Without a filter, what the host allows: realtime scheduling and namespaces are not for everybody, and not each kernel has iopl(2).
    let all =
        "write-execute protect personality batch suid mode set-clock socket-unix socket-inet chown fork link";
    let (results, ended) = run("", all);
    assert_eq!(ended, Ended::Exited(0));
    for (name, error) in &results {
        assert_eq!(*error, if name == "set-clock" { 22 } else { 0 }, "{name} without a filter");
    }
    for (keys, calls) in CASES {
        let expected: Vec<(String, i32)> = calls
            .split(' ')
            .map(|call| call.split_once('=').unwrap())
            .map(|(name, error)| (name.to_owned(), error.parse().unwrap()))
            .collect();
        let names: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
        let (results, ended) = run(&format!("NoNewPrivileges=yes\n{keys}"), &names.join(" "));
        assert_eq!((results, ended), (expected, Ended::Exited(0)), "{keys}");
    }
    // SIGSYS, where no error is named.
    for keys in [
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@clock",
        "SystemCallFilter=~clock_settime:kill\nSystemCallErrorNumber=EPERM",
    ] {
        let (results, ended) = run(&format!("NoNewPrivileges=yes\n{keys}"), "mode set-clock fork");
        assert_eq!((results, ended), (vec![("mode".to_owned(), 0)], Ended::Killed(31)), "{keys}");
    }
}
