// SPDX-License-Identifier: MIT OR Apache-2.0
//! Guests that go wrong: each is named at once, with its likely cause.

use qos_boot_tests::{Initramfs, boot};
use std::time::Duration;

const EXIT_3: &[u8] = b"\xbf\x03\x00\x00\x00\xb8\x3c\x00\x00\x00\x0f\x05";
const SEGMENTATION_FAULT: &[u8] = b"\x31\xc0\x89\x00";
const ILLEGAL_INSTRUCTION: &[u8] = b"\x0f\x0b";
/// pause(2), again and again.
const PAUSE: &[u8] = b"\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7";
/// A jump to itself.
const SPIN: &[u8] = b"\xeb\xfe";
/// reboot(2) with LINUX_REBOOT_CMD_POWER_OFF.
const POWER_OFF: &[u8] =
    b"\xbf\xad\xde\xe1\xfe\xbe\x69\x19\x12\x28\xba\xdc\xfe\x21\x43\xb8\xa9\x00\x00\x00\x0f\x05";
/// reboot(2) with LINUX_REBOOT_CMD_RESTART.
const RESTART: &[u8] =
    b"\xbf\xad\xde\xe1\xfe\xbe\x69\x19\x12\x28\xba\x67\x45\x23\x01\xb8\xa9\x00\x00\x00\x0f\x05";

/// The verdict on a guest whose init is this machine code, and a part of its message.
#[track_caller]
fn check_init(code: &[u8], verdict: &str, message: &str) {
    let initramfs = Initramfs::new().machine_code("/init", code);
    boot().initramfs(initramfs).run().expect_verdict(verdict).message_has(message);
}

#[test]
fn init_that_exits() {
    check_init(EXIT_3, "init-exited", "init exited with status 3");
}

#[test]
fn init_that_crashes() {
    check_init(SEGMENTATION_FAULT, "init-exited", "init was ended by signal 11");
    check_init(ILLEGAL_INSTRUCTION, "init-exited", "compiled for a newer one");
}

#[test]
fn init_that_powers_off_without_a_word_has_not_passed() {
    check_init(POWER_OFF, "no-verdict", "/dev/qos-exit");
}

#[test]
fn init_that_restarts_the_machine() {
    check_init(RESTART, "reset", "rebooted");
}

/// The verdict on a guest whose init does nothing, which has to be waited for.
#[track_caller]
fn check_silent_init(code: &[u8], message: &str) {
    let initramfs = Initramfs::new().machine_code("/init", code);
    let ended = boot().initramfs(initramfs).inactivity(Duration::from_secs(10)).run();
    ended.console_has("Run /init").expect_verdict("inactivity").message_has(message);
}

#[test]
fn init_that_does_nothing() {
    check_silent_init(PAUSE, "processor 0 is idle");
    check_silent_init(SPIN, "processor 0 is busy");
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
    boot().initramfs(initramfs).run().expect_verdict("no-init").message_has("no program");
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
    let big = Initramfs::new().file("/big", 0o644, vec![b'x'; 40 << 20]).machine_code("/init", PAUSE);
    boot().initramfs(big).memory_mib(72).run().expect_verdict("out-of-memory").message_has("--memory");
}

#[test]
fn a_guest_that_takes_too_long() {
    let initramfs = Initramfs::new().machine_code("/init", PAUSE);
    let ended = boot().initramfs(initramfs).timeout(Duration::from_secs(5)).run();
    ended.expect_verdict("timeout").message_has("5 s");
}
