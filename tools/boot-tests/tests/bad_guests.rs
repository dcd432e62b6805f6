// SPDX-License-Identifier: MIT OR Apache-2.0
//! Guests that fail: each gets its verdict at once, with the likely cause.

use qos_bad_guests as guest;
use qos_boot_tests::built::{files_below, folder_of};
use qos_boot_tests::{Boot, Ended, Initramfs, boot};
use std::path::Path;
use std::time::Duration;

/// A guest whose init is this program.
fn guest_of(program: &str) -> Boot {
    boot().initramfs(Initramfs::new().program("/init", Path::new(program)))
}

/// The verdict on a guest whose init is this program, and a part of its message.
#[track_caller]
fn check_init(program: &str, verdict: &str, message: &str) -> Ended {
    guest_of(program).run().expect_verdict(verdict).message_has(message)
}

#[test]
fn init_that_exits() {
    check_init(guest::EXITS, "init-exited", "init exited with status 3");
}

#[test]
fn init_that_crashes() {
    check_init(guest::SEGFAULTS, "init-exited", "init was ended by signal 11");
    check_init(guest::ILLEGAL, "init-exited", "compiled for a newer one");
}

#[test]
fn init_that_powers_off_without_a_word_has_not_passed() {
    check_init(guest::POWERS_OFF, "no-verdict", "/dev/qos-exit");
}

#[test]
fn a_verdict_on_the_console_is_none() {
    check_init(guest::LIES, "no-verdict", "/dev/qos-exit").console_has("qos-init: status 0");
}

#[test]
fn bytes_that_are_no_text() {
    check_init(guest::GARBLES, "no-verdict", "/dev/qos-exit").console_has("bad guest: garbles");
}

#[test]
fn init_that_restarts_the_machine() {
    check_init(guest::RESTARTS, "reset", "rebooted");
}

/// The verdict on a guest whose init does nothing, which has to be waited for.
#[track_caller]
fn check_silent_init(program: &str, message: &str) {
    let ended = guest_of(program).inactivity(Duration::from_secs(10)).run();
    ended.console_has("Run /init").expect_verdict("inactivity").message_has(message);
}

#[test]
fn init_that_does_nothing() {
    check_silent_init(guest::WAITS, "CPU 0 is idle");
    check_silent_init(guest::LOOPS, "CPU 0 is busy");
}

#[test]
fn no_init_in_the_initramfs() {
    boot().initramfs(Initramfs::new()).run().expect_verdict("no-init").message_has("/init");
    boot()
        .append("rdinit=/nothing")
        .command(["true"])
        .run()
        .expect_verdict("no-init")
        .message_has("rdinit=/nothing");
}

#[test]
fn init_without_the_mode_to_be_executed() {
    let initramfs = Initramfs::new().file("/init", 0o644, "#!/bin/sh\n");
    boot().initramfs(initramfs).run().expect_verdict("no-init").message_has("mode 0755");
}

#[test]
fn init_without_its_interpreter() {
    let initramfs = Initramfs::new().file("/init", 0o755, "#!/bin/nothing\n");
    boot().initramfs(initramfs).run().expect_verdict("no-init").message_has("interpreter");
}

#[test]
fn init_that_is_no_program() {
    let initramfs = Initramfs::new().file("/init", 0o755, "hello\n");
    boot().initramfs(initramfs).run().expect_verdict("no-init").message_has("not a program");
}

#[test]
fn no_initramfs_at_all() {
    boot().no_initramfs().run().expect_verdict("no-root").message_has("--initramfs");
}

#[test]
fn a_root_device_that_is_not_there() {
    boot().no_initramfs().append("root=/dev/vda").run().expect_verdict("no-root").message_has("/dev/vda");
}

#[test]
fn a_damaged_initramfs() {
    let bytes = [b"\x1f\x8b\x08\x00".as_slice(), &[0x55; 4096]].concat();
    boot()
        .initramfs(Initramfs::of_bytes(&bytes))
        .run()
        .expect_verdict("no-init")
        .message_has("unpacking failed");
}

#[test]
fn too_little_memory() {
    let big = || {
        let big = Initramfs::new().file("/big", 0o644, vec![b'x'; 40 << 20]);
        big.program("/init", Path::new(guest::WAITS))
    };
    boot().initramfs(big()).memory_mib(80).run().expect_verdict("out-of-memory").message_has("--memory");
    // Enough, but not twice as much: the file system that it is unpacked into holds half of the memory.
    boot().initramfs(big()).memory_mib(128).run().expect_verdict("out-of-memory").message_has("write error");
}

#[test]
fn init_that_takes_all_memory() {
    let ended = guest_of(guest::EATS_MEMORY).memory_mib(96).run();
    ended.expect_verdict("out-of-memory").message_has("--memory");
}

#[test]
fn init_that_forks_without_end() {
    // The kernel kills one process after the other, and init makes new ones: only the time limit ends it.
    let ended = guest_of(guest::FORKS).memory_mib(96).timeout(Duration::from_secs(40)).run();
    ended.console_has("bad guest: forks").expect_verdict("out-of-memory").message_has("--memory");
}

/// The time limit ends a silent guest, and one that prints without end.
#[test]
fn a_guest_that_takes_too_long() {
    for program in [guest::WAITS, guest::CHATTERS] {
        let ended = guest_of(program).timeout(Duration::from_secs(5)).run();
        ended.expect_verdict("timeout").message_has("5 s");
    }
}

/// The image with kernel/modules/trouble at `/trouble.ko`, and a script for its shell.
fn with_trouble(script: &str) -> Boot {
    let modules = folder_of("QOS_MODULES");
    let file = files_below(&modules, "/trouble.ko").pop().expect("a module trouble");
    boot().overlay(Initramfs::new().program("/trouble.ko", &file)).stdin(script)
}

/// Init holds the device of the verdict, so other output of the program has no effect on it.
#[test]
fn a_program_that_passes_by_itself() {
    let script = "echo 0 >/dev/qos-exit || echo refused\npoweroff -f\n";
    boot().stdin(script).run().expect_verdict("no-verdict").stdout_is("refused\n");
    // Nor does trying keep init from speaking.
    boot().command(["sh", "-c", "sh -c 'exec 3>/dev/qos-exit' || exit 4"]).run().expect_status(4);
}

/// The kernel continues, and the guest ends in the ordinary way, but it has not passed.
#[test]
fn a_module_that_oopses() {
    let ended = with_trouble("insmod /trouble.ko kind=1\n").run().expect_verdict("oops");
    ended.message_has("BUG: kernel NULL pointer dereference").console_has("trouble: reads address 8");
}

/// The guest ends well, and that is no pass to a test that has not allowed for it.
#[test]
fn a_module_that_warns() {
    let script = "insmod /trouble.ko kind=3\nexit 0\n";
    let warned = with_trouble(script).run().expect_verdict("warned").message_has("WARNING: ");
    warned.console_has("trouble: warns");
    with_trouble(script).allow_warning("WARNING: *refcount").run().expect_status(0);
}

/// The kernel detects it when a task waits for the end of the critical section, as on each exit of a process.
#[test]
fn a_module_that_never_comes_back() {
    let boot = with_trouble("insmod /trouble.ko kind=2 &\nls >/dev/null\nsleep 1\nls >/dev/null\nsleep 40\n");
    let boot = boot.cpus(2).append("rcupdate.rcu_cpu_stall_timeout=3").timeout(Duration::from_secs(40));
    let ended = boot.run().expect_verdict("lockup");
    ended.message_has("stall").console_has("trouble: never leaves a critical section");
}
