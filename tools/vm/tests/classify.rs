// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verdicts on raw consoles of real guests (cut in the middle) and on the other evidence of a run.

use qos_bootlog::parse;
use qos_vm::{Accel, Evidence, Exit, Registers, Session, Stop, Verdict, WarningPolicy};

/// Evidence of a run in command mode with this console.
fn evidence(raw: &[u8]) -> Evidence {
    let mut evidence = Evidence::new(Session::Streams, true, Accel::Tcg);
    evidence.console_began = !raw.is_empty();
    for line in parse(raw) {
        evidence.line(&line);
    }
    evidence
}

/// The verdict on a console alone.
fn check(raw: &[u8], name: &str, message: &str, advice: &str) {
    let verdict = evidence(raw).verdict();
    let (got_message, got_advice) = (verdict.to_string(), verdict.advice().unwrap_or_default());
    assert_eq!(verdict.name(), name, "{got_message}");
    assert!(got_message.contains(message), "{got_message}");
    assert!(got_advice.contains(advice), "{got_advice}");
}

#[test]
fn real_consoles() {
    check(include_bytes!("data/init-exited.raw"), "init-exited", "status 3", "must not end");
    check(include_bytes!("data/init-not-executable.raw"), "no-init", "error -13", "mode 0755");
    check(include_bytes!("data/init-without-interpreter.raw"), "no-init", "error -2", "interpreter");
    check(include_bytes!("data/initramfs-cut-off.raw"), "no-init", "has no /init", "cut off");
    check(include_bytes!("data/no-root-device.raw"), "no-root", "/dev/vda", "root=");
    check(include_bytes!("data/out-of-memory.raw"), "out-of-memory", "deadlocked", "--memory");
    check(include_bytes!("data/panic.raw"), "kernel-panic", "sysrq triggered crash", "console");
    check(include_bytes!("data/powered-off.raw"), "no-verdict", "without sending", "/dev/qos-exit");
}

#[test]
fn no_root_without_an_initramfs() {
    let mut evidence = evidence(include_bytes!("data/no-root.raw"));
    evidence.has_initramfs = false;
    assert_eq!(evidence.verdict().name(), "no-root");
}

#[test]
fn what_the_kernel_says() {
    check(
        b"[    1.000000] check access for rdinit=/init failed: -2, ignoring\n\
          [    1.100000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n",
        "no-init",
        "rdinit=/init",
        "no /init",
    );
    check(
        b"[    1.000000] Initramfs unpacking failed: invalid magic at start of compressed archive\n\
          [    1.100000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n",
        "no-init",
        "invalid magic",
        "CONFIG_RD_",
    );
    check(
        b"[    1.000000] Initramfs unpacking failed: write error\n\
          [    1.100000] check access for rdinit=/init failed: -2, ignoring\n\
          [    1.200000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n",
        "out-of-memory",
        "write error",
        "--memory",
    );
    check(
        b"[    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000000\n\
          [    1.100000] Kernel panic - not syncing: Fatal exception\n",
        "kernel-panic",
        "NULL pointer",
        "",
    );
    check(
        b"[    2.000000] Out of memory: Killed process 1 (init) total-vm:1kB\n\
          [    2.100000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n",
        "out-of-memory",
        "Killed process 1",
        "--memory",
    );
    check(
        b"[    2.100000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n",
        "init-exited",
        "signal 11",
        "crashed",
    );
}

/// A verdict on evidence that `change` makes out of a silent run.
fn check_evidence(change: impl Fn(&mut Evidence), expect: &Verdict) {
    let mut evidence = evidence(b"");
    change(&mut evidence);
    assert_eq!(&evidence.verdict(), expect);
}

#[test]
fn only_the_verdict_channel_makes_a_pass() {
    let channel = |bytes: &'static [u8]| move |evidence: &mut Evidence| evidence.verdict = bytes.to_vec();
    check_evidence(channel(b"qos-exit: 0\n"), &Verdict::Passed);
    check_evidence(channel(b"qos-exit: 7\n"), &Verdict::Failed { status: 7 });
    check_evidence(channel(b""), &Verdict::NoVerdict);
    check_evidence(channel(b"qos-exit: 0"), &Verdict::NoVerdict);
    check_evidence(channel(b"qos-exit: 256\n"), &Verdict::NoVerdict);
    check_evidence(channel(b"exit: 0\n"), &Verdict::NoVerdict);
}

#[test]
fn of_a_flooded_verdict_channel_the_end_counts() {
    let mut seen = evidence(b"");
    for _ in 0..100 {
        seen.verdict_bytes(&b"qos-exit: 0\n".repeat(5000));
    }
    seen.verdict_bytes(b"qos-exit: 9\n");
    assert!(seen.verdict.len() <= 64 << 10, "{}", seen.verdict.len());
    assert_eq!(seen.verdict(), Verdict::Failed { status: 9 });
}

#[test]
fn an_oops_or_a_panic_outweighs_a_status() {
    let mut seen = evidence(b"[    1.000000] BUG: kernel NULL pointer dereference, address: 0\n");
    seen.verdict = b"qos-exit: 0\n".to_vec();
    assert_eq!(seen.verdict().name(), "oops");
    let mut seen = evidence(b"[    1.000000] Kernel panic - not syncing: x\n");
    seen.verdict = b"qos-exit: 0\n".to_vec();
    assert_eq!(seen.verdict(), Verdict::KernelPanic("x".into()));
}

#[test]
fn what_programs_print_is_not_the_kernels_word() {
    let mut seen = evidence(b"[    1.000000] Run /init as init process\nBUG: in my program\nOops: sorry\n");
    seen.verdict = b"qos-exit: 0\n".to_vec();
    assert_eq!(seen.verdict(), Verdict::Passed);
}

/// A guest that powers off in the ordinary way, or requests a restart of the machine, has not panicked.
#[test]
fn a_text_like_a_panic_is_none() {
    let text = "Kernel panic - not syncing: no\n";
    let stored = "[    1.000000] Kernel panic - not syncing: old\n[    1.200000] ---[ end Kernel panic - not syncing: old ]---\n";
    for log in [text, stored] {
        let mut seen = evidence(log.as_bytes());
        seen.verdict = b"qos-exit: 0\n".to_vec();
        seen.shutdown = Some("guest-shutdown".into());
        assert_eq!(seen.verdict(), Verdict::Passed, "{log}");
        let mut seen = evidence(format!("{log}[    9.000000] reboot: Restarting system\n").as_bytes());
        seen.shutdown = Some("guest-reset".into());
        assert_eq!(seen.verdict().name(), "reset", "{log}");
        // panic=-1: the kernel restarts the machine itself.
        let mut seen = evidence(log.as_bytes());
        seen.shutdown = Some("guest-reset".into());
        assert_eq!(seen.verdict().name(), "kernel-panic", "{log}");
        let mut seen = evidence(log.as_bytes());
        seen.refute_panic();
        assert_eq!(seen.verdict().name(), "no-verdict", "{log}");
    }
}

/// The evidence of a panic that the kernel printed.
#[test]
fn time_stamps_make_a_panic_plausible() {
    let check = |log: &str, expect: bool| {
        let lines = parse(log.as_bytes());
        let mut seen = Evidence::new(Session::Console, false, Accel::Tcg);
        let (last, before) = lines.split_last().expect("a line");
        for line in before {
            seen.line(line);
        }
        assert_eq!(seen.has_plausible_stamp(last), expect, "{log}");
    };
    let panic = "Kernel panic - not syncing: x";
    check(panic, true);
    check(&format!("Linux version 6\n{panic}"), true);
    check(&format!("[    5.000000] a\n{panic}"), false);
    check(&format!("[    5.000000] a\n[    5.000001] {panic}"), true);
    check(&format!("[    5.000000] a\n[    4.999000] {panic}"), true);
    check(&format!("[    5.000000] a\n[    1.000000] {panic}"), false);
    check(&format!("[    5.000000] a\n# [    5.100000] {panic}"), true);
}

/// The kernel's line follows a program's output without a newline.
#[test]
fn a_panic_behind_a_half_written_line_keeps_its_reason() {
    for half in ["# ", "progress 50 %", "[ OK ] ", "[    1.000000] cut", "[33m"] {
        let log = format!(
            "[    1.000000] a\n{half}[    2.000000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300\n\
             [    2.100000] ---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300 ]---\n"
        );
        check(log.as_bytes(), "init-exited", "status 3", "");
    }
    // Without time stamps; and in a control sequence that is never ended, which swallows the first line.
    check(b"halfKernel panic - not syncing: x\n", "kernel-panic", "x", "");
    let swallowed = b"\x1b]0;title[    2.0] Kernel panic - not syncing: y\n[    2.100000] ---[ end Kernel panic - not syncing: y ]---\n";
    check(swallowed, "kernel-panic", "y", "");
    let oops = b"[    1.000000] a\n# [    2.000000] BUG: kernel NULL pointer dereference, address: 0\n";
    check(oops, "oops", "NULL pointer", "");
    // A program quotes a line of the log in a line of its own.
    let quote = b"[    3.000000] daemon: [    2.000000] BUG: kernel NULL pointer dereference, address: 0\n";
    check(quote, "no-verdict", "", "");
}

#[test]
fn a_flood_of_signs_does_not_hide_a_panic() {
    let flood = "[    1.000000] BUG: x\n".repeat(2000);
    check(
        format!("{flood}[    2.000000] Kernel panic - not syncing: z\n").as_bytes(),
        "kernel-panic",
        "z",
        "",
    );
}

#[test]
fn an_interactive_session_ends_well_without_a_status() {
    let session = |evidence: &mut Evidence| {
        evidence.session = Session::Console;
        evidence.wants_status = false;
    };
    check_evidence(session, &Verdict::PoweredOff);
    let left = |evidence: &mut Evidence| {
        session(evidence);
        evidence.stop = Some(Stop::Quit);
    };
    check_evidence(left, &Verdict::Quit);
}

#[test]
fn what_the_runner_did() {
    let stop = |stop: Stop| move |evidence: &mut Evidence| evidence.stop = Some(stop.clone());
    check_evidence(stop(Stop::Timeout(5)), &Verdict::Timeout { seconds: 5 });
    check_evidence(stop(Stop::Signal(15)), &Verdict::Interrupted { signal: 15 });
    check_evidence(stop(Stop::OutputClosed), &Verdict::OutputClosed);
    check_evidence(stop(Stop::Broken("x".into())), &Verdict::BrokenAccelerator("x".into()));
    let idle = |evidence: &mut Evidence| {
        evidence.stop = Some(Stop::Inactivity(60));
        evidence.registers =
            Some(Registers { rip: 0xffff_ffff_8100_0000, halted: true, interrupts: true, user: false });
    };
    let mut seen = evidence(b"[    1.000000] Linux\n");
    idle(&mut seen);
    assert!(seen.verdict().to_string().contains("idle"), "{}", seen.verdict());
    let mut seen = evidence(b"[   30.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]\n");
    idle(&mut seen);
    assert_eq!(seen.verdict().name(), "lockup");
}

/// A fork bomb: one process after the other is killed, and the guest neither panics nor is silent.
#[test]
fn a_guest_that_is_out_of_memory_until_its_time_is_over() {
    let killed = "[    9.000000] Out of memory: Killed process 44 (init) total-vm:176kB\n";
    let stuck = "[   30.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]\n";
    for (log, verdict) in [
        (killed.to_owned(), "out-of-memory"),
        (format!("{killed}{stuck}"), "out-of-memory"),
        (format!("{stuck}{killed}"), "lockup"),
        ("[    1.000000] Linux\n".to_owned(), "timeout"),
    ] {
        let mut seen = evidence(log.as_bytes());
        seen.stop = Some(Stop::Timeout(60));
        assert_eq!(seen.verdict().name(), verdict, "{log}");
    }
}

#[test]
fn qemu_itself() {
    let failed = |accel, exit, stderr: &'static str| {
        move |evidence: &mut Evidence| {
            evidence.accel = accel;
            evidence.exit = exit;
            evidence.stderr = stderr.to_owned();
        }
    };
    let assertion = "qemu-system-x86_64: warning: x\nqemu-system-x86_64: error: failed to set MSR 0x10a to 0x1\n\
                     qemu-system-x86_64: kvm.c:1: f: Assertion `x' failed.\n";
    check_evidence(
        failed(Accel::Kvm, Exit::Signal(6), assertion),
        &Verdict::BrokenAccelerator("QEMU: ended by signal 6: failed to set MSR 0x10a to 0x1".into()),
    );
    let no_file = "qemu-system-x86_64: could not load kernel 'x'\n";
    let expect =
        Verdict::VmError { message: "exit status 1: could not load kernel 'x'".into(), signal: None };
    check_evidence(failed(Accel::Tcg, Exit::Code(1), no_file), &expect);
    // A refusal that has nothing to do with KVM is no reason to try another accelerator.
    check_evidence(failed(Accel::Kvm, Exit::Code(1), no_file), &expect);
    let crash = "qemu-system-x86_64: memory.c:1: f: Assertion `x' failed.\n";
    let message = "ended by signal 6: memory.c:1: f: Assertion `x' failed.".into();
    check_evidence(
        failed(Accel::Tcg, Exit::Signal(6), crash),
        &Verdict::VmError { message, signal: Some(6) },
    );
    let stopped = |evidence: &mut Evidence| evidence.stop = Some(Stop::Stopped("internal-error".into()));
    let message = "it stopped the guest: internal-error".into();
    check_evidence(stopped, &Verdict::VmError { message, signal: None });
    let reset = |accel| {
        move |evidence: &mut Evidence| {
            evidence.accel = accel;
            evidence.shutdown = Some("guest-reset".into());
        }
    };
    check_evidence(reset(Accel::Tcg), &Verdict::Reset { began: false });
    let how = "the machine was reset before the kernel's first line";
    check_evidence(reset(Accel::Kvm), &Verdict::BrokenAccelerator(how.into()));
}

/// A console on which the kernel complains, and the end of the guest that it came from.
fn warned(session: Session, line: &str, policy: &WarningPolicy) -> Evidence {
    let mut seen = evidence(format!("[    1.000000] Linux\n[    2.000000] {line}\n").as_bytes());
    seen.session = session;
    seen.verdict = b"qos-exit: 0\n".to_vec();
    seen.warnings = policy.clone();
    seen
}

#[test]
fn warnings_are_a_verdict_of_their_own() {
    let none = WarningPolicy::default();
    let check = |line: &str, policy: &WarningPolicy, name: &str, code: u8| {
        let verdict = warned(Session::Streams, line, policy).verdict();
        assert_eq!((verdict.name(), verdict.exit_code()), (name, code), "{line}: {verdict}");
    };
    let warn = "WARNING: CPU: 0 PID: 1 at mm/x.c:5 f+0x1/0x2";
    check("eth0: link up", &none, "passed", 0);
    check(warn, &none, "warned", 0);
    check("virtio_blk virtio0: probe with driver virtio_blk failed with error -22", &none, "warned", 0);
    check("Initramfs unpacking failed: no cpio magic", &none, "warned", 0);
    check("Initramfs unpacking failed: write error", &none, "warned", 0);
    check("watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]", &none, "warned", 0);
    check("WARNING: possible recursive locking detected", &none, "warned", 111);
    check("UBSAN: shift-out-of-bounds in lib/x.c:5:6", &none, "warned", 111);
    check("BUG: sleeping function called from invalid context at lib/x.c:5", &none, "oops", 112);
    let policy = WarningPolicy { allow: vec!["mm/*.c".into()], deny: vec!["*".into()] };
    check(warn, &policy, "passed", 0);
    check("WARNING: CPU: 0 PID: 1 at net/x.c:5 f+0x1/0x2", &policy, "warned", 111);
    // Output of a program, and text after a prompt.
    let mut seen = evidence(b"[    1.000000] Linux\nWARNING: in my program\n");
    seen.verdict = b"qos-exit: 0\n".to_vec();
    assert_eq!(seen.verdict(), Verdict::Passed);
    check(&format!("x\n# [    3.000000] {warn}"), &none, "warned", 0);
}

#[test]
fn a_failure_outweighs_a_warning_and_the_worst_is_named() {
    let mut seen = warned(Session::Streams, "WARNING: at f", &WarningPolicy::default());
    for line in parse(b"[    3.000000] a\n[    3.000000] UBSAN: x in y\n") {
        seen.line(&line);
    }
    let expect = Verdict::Warned { message: "UBSAN: x in y".into(), count: 2, denied: true };
    assert_eq!(seen.verdict(), expect);
    seen.verdict = b"qos-exit: 7\n".to_vec();
    assert_eq!(seen.verdict(), Verdict::Failed { status: 7 });
}

/// An oops in a golden guest counts, even in a run that requires no status; in a session at the console it is only reported.
#[test]
fn an_oops_is_never_silent() {
    let bug = "BUG: kernel NULL pointer dereference, address: 0";
    for (session, name) in [(Session::Golden, "oops"), (Session::Console, "warned")] {
        let mut seen = warned(session, bug, &WarningPolicy::default());
        seen.wants_status = false;
        assert_eq!(seen.verdict().name(), name, "{session:?}");
        seen.verdict.clear();
        assert_eq!(seen.verdict().name(), name, "{session:?}");
    }
    let mut seen = warned(Session::Console, "UBSAN: x in y", &WarningPolicy::default());
    seen.wants_status = false;
    assert_eq!((seen.verdict().name(), seen.verdict().exit_code()), ("warned", 0));
    seen.warnings.deny.push("UBSAN".into());
    assert_eq!(seen.verdict().exit_code(), 111);
}

#[test]
fn exit_codes_do_not_collide() {
    let verdicts = [
        Verdict::Warned { message: String::new(), count: 1, denied: true },
        Verdict::Oops(String::new()),
        Verdict::NoVerdict,
        Verdict::KernelPanic(String::new()),
        Verdict::NoInit(String::new()),
        Verdict::NoRoot(String::new()),
        Verdict::OutOfMemory(String::new()),
        Verdict::InitExited { wait_status: 0 },
        Verdict::Lockup(String::new()),
        Verdict::Inactivity { seconds: 1, state: None, began: true, waiting_for_streams: false },
        Verdict::Reset { began: true },
        Verdict::VmError { message: String::new(), signal: None },
        Verdict::BrokenAccelerator(String::new()),
        Verdict::Timeout { seconds: 1 },
    ];
    let codes: Vec<u8> = verdicts.iter().map(Verdict::exit_code).collect();
    assert_eq!(codes, (111..=124).collect::<Vec<u8>>());
    for verdict in verdicts {
        assert!(verdict.is_trouble() && verdict.advice().is_some(), "{verdict}");
    }
}
