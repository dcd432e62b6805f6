// SPDX-License-Identifier: MIT OR Apache-2.0
//! The golden machine in its variants: each boots, and gives the same bytes twice.

use qos_boot_tests::{Boot, Environment, boot};
use qos_vm::Machine;

/// What every variant runs.
const SCRIPT: &str = "uname -r\nnproc\necho came through\n";

/// Boots the variant twice; the bytes are the same, and `line` is among them.
#[track_caller]
fn check(variant: impl Fn(Boot) -> Boot, line: &str) {
    let log = || {
        let ended = variant(boot().golden().script(SCRIPT)).run().expect_status(0);
        ended.console_has("came through").console_has(line).outcome.console.raw().to_vec()
    };
    assert!(log() == log(), "two boots of one variant differ");
}

#[test]
fn memory() {
    check(|boot| boot.memory_mib(96), "Run /init as init process");
    check(|boot| boot.memory_mib(4096), "Run /init as init process");
}

#[test]
fn machine_types() {
    check(|boot| boot.machine(Machine::Q35), "PCI Root Bridge [PCI0]");
    // Its serial port is found through ACPI alone.
    check(|boot| boot.machine(Machine::Microvm), "00:00: ttyS0 I/O:0x3f8");
}

#[test]
fn processors() {
    check(|boot| boot.cpus(4), "smp: Brought up 1 node, 4 CPUs");
    check(|boot| boot.machine(Machine::Q35).cpus(4), "smp: Brought up 1 node, 4 CPUs");
}

#[test]
fn a_quiet_kernel() {
    let ended = boot().golden().append("quiet").script(SCRIPT).run().expect_status(0);
    ended.console_has("came through").console_has_not("Linux version");
    check(|boot| boot.append("quiet"), "came through");
}

/// What ships, as it ships: bzImage and the compressed initramfs.
#[test]
fn compressed() {
    let environment = Environment::from_process().expect("an image");
    let environment = Environment { vmlinux: None, cpio: None, ..environment };
    check(|boot| boot.environment(environment.clone()), "Run /init as init process");
}
