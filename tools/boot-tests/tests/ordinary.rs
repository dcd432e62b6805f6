// SPDX-License-Identifier: MIT OR Apache-2.0
//! Non-golden boots: compares their normal forms, with the rules that each machine needs (`qos_bootlog::rules`).

use qos_boot_tests::{Boot, Boots, DiskImage, boot};
use qos_vm::Machine;
use std::sync::{Mutex, PoisonError};

/// Rules for measurements and concurrent work of every boot, and for the effects of a busy host.
const RULES: &[&str] = &[
    "tsc-frequency",
    "tsc-early",
    "delay-loop",
    "total-bogomips",
    "sched-clock",
    "tsc-detected",
    "initramfs",
    "tsc-refinement",
    "tsc-calibration",
    "apic-calibration",
    "clock-watchdog",
];

/// What several CPUs add: their threads share the host's CPUs.
const SMP_RULES: &[&str] = &["delay-calibration", "memory-available"];

#[test]
fn pc_is_the_reviewed_one() {
    check("ordinary-pc", RULES, || boot().command(["true"]));
}

#[test]
fn q35_is_the_reviewed_one() {
    check("ordinary-q35", RULES, || boot().machine(Machine::Q35).command(["true"]));
}

#[test]
fn pc_with_a_disk_is_the_reviewed_one() {
    let disk = DiskImage::new(64, b"");
    check("ordinary-disk", RULES, || boot().disk(&disk).command(["true"]));
}

#[test]
fn pc_with_four_processors_is_the_reviewed_one() {
    let rules = [RULES, SMP_RULES].concat();
    check("ordinary-smp", &rules, || boot().cpus(4).command(["true"]));
}

/// One machine at a time: the load of another one would disturb its measurements.
static ALONE: Mutex<()> = Mutex::new(());

#[track_caller]
fn check(name: &str, rules: &[&str], boot: impl Fn() -> Boot) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let file = format!("{}/tests/snapshots/{name}.snap", env!("CARGO_MANIFEST_DIR"));
    // Without a file there is nothing to compare with; the assertion reports that itself.
    let reviewed = std::fs::read_to_string(file).ok();
    // What insta adds stands between two lines of hyphens.
    let reviewed = reviewed.as_deref().and_then(|text| text.splitn(3, "---\n").nth(2));
    let text = Boots::new(rules, boot).text(reviewed);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}
