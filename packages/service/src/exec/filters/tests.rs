// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs are run here by an interpreter, with calls that cost nothing; `tests/filters.rs` loads them into the kernel.

use super::*;
use qos_unit::specifier::Facts;
use qos_unit::{Name, Unit, syntax};
use seccompiler::sock_filter;

const ALLOW: u32 = 0x7fff_0000;
const KILL: u32 = 0x8000_0000;
const ERRNO: u32 = 0x0005_0000;

fn programs_of(content: &str) -> Vec<Program> {
    let (assignments, _) = syntax::parse("f", format!("[Service]\nExecStart=/a\n{content}").as_bytes());
    let (unit, warnings) = Unit::new(&Name::new("a.service").unwrap(), &assignments, &Facts::new());
    assert!(warnings.is_empty(), "{warnings:?}");
    programs(&unit.service().unwrap().exec.sandbox).unwrap()
}

/// What a program gives for a call: seccomp_data is number, architecture, instruction pointer, six arguments.
fn evaluate(program: &Program, data: &[u32; 16]) -> u32 {
    let (mut accumulator, mut at) = (0, 0);
    loop {
        let (code, jt, jf, k) = program[at];
        at += 1;
        let mut jump = |holds: bool| at += usize::from(if holds { jt } else { jf });
        match code {
            0x20 => accumulator = data[k as usize / 4],
            0x54 => accumulator &= k,
            0x05 => at += k as usize,
            0x15 => jump(accumulator == k),
            0x25 => jump(accumulator > k),
            0x35 => jump(accumulator >= k),
            0x06 => return k,
            _ => panic!("code {code:#x}"),
        }
    }
}

/// What the kernel does: the action of the highest precedence, which is the lowest as a signed number.
fn result(programs: &[Program], number: u32, arguments: &[u64]) -> u32 {
    let mut data = [0; 16];
    (data[0], data[1]) = (number, 0xc000_003e);
    for (at, argument) in arguments.iter().enumerate() {
        (data[4 + at * 2], data[5 + at * 2]) = (*argument as u32, (*argument >> 32) as u32);
    }
    let results = programs.iter().map(|program| evaluate(program, &data));
    results.min_by_key(|result| (result & 0xffff_0000) as i32).unwrap_or(ALLOW)
}

/// Checks calls with arguments against the expected error; 0 is allowed, -1 ends the process.
fn check(content: &str, calls: &[(&str, &[u64], i32)]) {
    let programs = programs_of(content);
    for (name, arguments, expect) in calls {
        let expect = match expect {
            0 => ALLOW,
            -1 => KILL,
            error => ERRNO | *error as u32,
        };
        let found = result(&programs, number(name).unwrap(), arguments);
        assert_eq!(found, expect, "{content}: {name} {arguments:x?}: {found:#x}");
    }
}

#[test]
fn protections_of_the_kernel() {
    check(
        "ProtectKernelModules=yes",
        &[("init_module", &[], 1), ("delete_module", &[], 1), ("read", &[], 0)],
    );
    check("ProtectClock=yes", &[("clock_settime", &[], 1), ("adjtimex", &[], 1), ("clock_gettime", &[], 0)]);
    check("ProtectKernelLogs=yes", &[("syslog", &[], 1), ("write", &[], 0)]);
    check("ProtectHostname=yes", &[("sethostname", &[], 1), ("setdomainname", &[], 1), ("uname", &[], 0)]);
    check("ProtectKernelTunables=yes", &[("_sysctl", &[], 1)]);
    check("PrivateDevices=yes", &[("ioperm", &[], 1), ("iopl", &[], 1), ("ioctl", &[], 0)]);
    assert!(programs_of("PrivateTmp=yes\nProtectSystem=strict\nNoNewPrivileges=yes").is_empty());
}

#[test]
fn memory_personality_and_realtime() {
    check(
        "MemoryDenyWriteExecute=yes",
        &[
            ("mmap", &[0, 4096, 7], 1),
            ("mmap", &[0, 4096, 6], 1),
            ("mmap", &[0, 4096, 5], 0),
            ("mmap", &[0, 4096, 3], 0),
            ("mprotect", &[0, 4096, 4], 1),
            ("mprotect", &[0, 4096, 3], 0),
            ("pkey_mprotect", &[0, 4096, 5], 1),
            ("shmat", &[0, 0, 0o100_000], 1),
            ("shmat", &[0, 0, 0], 0),
        ],
    );
    check("LockPersonality=yes", &[("personality", &[0], 0), ("personality", &[8], 1)]);
    check(
        "RestrictRealtime=yes",
        &[
            ("sched_setscheduler", &[0, 0], 0),
            ("sched_setscheduler", &[0, 1], 1),
            ("sched_setscheduler", &[0, 2], 1),
            ("sched_setscheduler", &[0, 3], 0),
            ("sched_setscheduler", &[0, 5], 0),
            ("sched_setscheduler", &[0, 6], 1),
            ("sched_setscheduler", &[0, 0x4000_0000], 1),
            ("sched_setattr", &[], 1),
        ],
    );
}

#[test]
fn files_with_a_mode_of_their_own() {
    check(
        "RestrictSUIDSGID=yes",
        &[
            ("chmod", &[0, 0o4755], 1),
            ("chmod", &[0, 0o2755], 1),
            ("chmod", &[0, 0o1755], 0),
            ("fchmod", &[0, 0o4000], 1),
            ("fchmodat", &[0, 0, 0o2000], 1),
            ("fchmodat2", &[0, 0, 0o2000], 1),
            ("mkdirat", &[0, 0, 0o2000], 1),
            ("mknod", &[0, 0o4000], 1),
            ("creat", &[0, 0o4000], 1),
            ("open", &[0, 0o100, 0o4000], 1),
            ("open", &[0, 0, 0o4000], 0),
            ("openat", &[0, 0, 0o102, 0o6000], 1),
            ("openat", &[0, 0, 0o20_200_002, 0o4000], 1),
            ("openat", &[0, 0, 0o102, 0o644], 0),
            ("openat2", &[], 38),
        ],
    );
}

#[test]
fn kinds_of_namespaces() {
    let (net, user) = (0x4000_0000, 0x1000_0000);
    check(
        "RestrictNamespaces=yes",
        &[
            ("unshare", &[net], 1),
            ("unshare", &[0x200], 0),
            ("clone", &[user | 17], 1),
            ("clone", &[17], 0),
            ("clone3", &[], 38),
            ("setns", &[0, 0], 1),
        ],
    );
    check(
        "RestrictNamespaces=net",
        &[
            ("unshare", &[net], 0),
            ("unshare", &[net | user], 1),
            ("setns", &[0, net], 0),
            ("setns", &[0, 0], 1),
            ("setns", &[0, user], 1),
        ],
    );
    check("RestrictNamespaces=~user", &[("clone", &[user], 1), ("clone", &[net], 0)]);
    assert!(programs_of("RestrictNamespaces=no").is_empty());
}

#[test]
fn address_families() {
    check(
        "RestrictAddressFamilies=AF_UNIX AF_INET",
        &[("socket", &[1], 0), ("socket", &[2], 0), ("socket", &[10], 97), ("socket", &[0], 97)],
    );
    check("RestrictAddressFamilies=~AF_PACKET AF_NETLINK", &[("socket", &[17], 97), ("socket", &[1], 0)]);
    check("RestrictAddressFamilies=none", &[("socket", &[1], 97), ("bind", &[], 0)]);
    check(
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\nRestrictAddressFamilies=~AF_INET",
        &[("socket", &[2], 97), ("socket", &[10], 0)],
    );
}

#[test]
fn lists_of_calls() {
    check("SystemCallFilter=@system-service", &[("read", &[], 0), ("mount", &[], -1), ("reboot", &[], -1)]);
    check(
        "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\nSystemCallErrorNumber=EPERM",
        &[("read", &[], 0), ("chown", &[], 1), ("setpriority", &[], 1), ("mount", &[], 1)],
    );
    check(
        "SystemCallFilter=~@mount chown:EACCES unlink:kill\nSystemCallErrorNumber=ENOSYS",
        &[("mount", &[], 38), ("chown", &[], 13), ("unlink", &[], -1), ("read", &[], 0)],
    );
    // A refusal of its own, in a list whose other refusals end the process, and the other way round.
    check(
        "SystemCallFilter=@system-service\nSystemCallFilter=~chown:EACCES",
        &[("chown", &[], 13), ("mount", &[], -1), ("read", &[], 0)],
    );
    check(
        "SystemCallFilter=@system-service\nSystemCallFilter=~chown:kill\nSystemCallErrorNumber=EPERM",
        &[("chown", &[], -1), ("mount", &[], 1)],
    );
    // All keys together are several programs.
    check(
        "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\nRestrictAddressFamilies=AF_UNIX\nMemoryDenyWriteExecute=yes",
        &[("socket", &[2], 97), ("socket", &[1], 0), ("mmap", &[0, 1, 7], 1), ("reboot", &[], 1)],
    );
}

#[test]
fn the_program_that_refuses_to_load_more_is_the_last() {
    for keys in ["SystemCallFilter=read\nSystemCallFilter=~write:EPERM", "SystemCallFilter=~prctl read:EPERM"]
    {
        let programs = programs_of(keys);
        let (last, others) = programs.split_last().unwrap();
        let prctl = number("prctl").unwrap();
        assert_ne!(result(std::slice::from_ref(last), prctl, &[]), ALLOW, "{keys}");
        assert!(!others.is_empty() && result(others, prctl, &[]) == ALLOW, "{keys}");
    }
}

#[test]
fn other_architectures() {
    let programs = programs_of("SystemCallArchitectures=native");
    assert_eq!((programs.len(), result(&programs, 0, &[])), (1, ALLOW));
    // x32, and the number that is no call.
    assert_eq!(result(&programs, 0x4000_0000, &[]), KILL);
    assert_eq!(result(&programs, u32::MAX, &[]), ALLOW);
    let mut i386 = [0; 16];
    i386[1] = 0x4000_0003;
    assert_eq!(evaluate(&programs[0], &i386), KILL);
}

/// The names of `qos_unit` and their numbers are those of the library.
#[test]
fn names_are_the_librarys() {
    // Calls that came after its table was made, from Linux 6.12.
    let newer = 463..;
    for (name, number) in qos_unit::syscall::all().filter(|(_, number)| !newer.contains(number)) {
        let json = format!(
            r#"{{"f": {{"mismatch_action": "allow", "match_action": "trap", "filter": [{{"syscall": "{name}"}}]}}}}"#
        );
        // Calls that no kernel implements have no entry in it.
        let Ok(map) = seccompiler::compile_from_json(json.as_bytes(), TargetArch::x86_64) else {
            assert!(!IMPLEMENTED_FROM_334.contains(&number), "{name}");
            assert!(UNIMPLEMENTED.split(' ').any(|known| known == name), "{name} is not in the table");
            continue;
        };
        let is_compared = |filter: &sock_filter| filter.code == 0x15 && filter.k == number;
        assert!(map["f"].iter().skip(3).any(is_compared), "{name} is not {number}");
    }
}

const IMPLEMENTED_FROM_334: std::ops::Range<u32> = 424..463;
const UNIMPLEMENTED: &str = "uretprobe";
