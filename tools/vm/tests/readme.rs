// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of verdicts in README.md equals the code, and the boot tests that it names exist.

use qos_vm::Verdict;
use std::fs;
use std::path::Path;

/// A message that no test provokes: the verdict's other messages have theirs.
const NONE: &str = "";

/// Each verdict, and each of its messages that has an advice of its own, with the test of a guest that really does it: a function
/// in `tools/boot-tests/tests`, or in `tools/vm/tests` where no guest is needed.
fn verdicts() -> Vec<(Verdict, &'static str)> {
    let no_init = |message: &str| Verdict::NoInit(message.to_owned());
    let warned = |message: &str, denied| Verdict::Warned { message: message.to_owned(), count: 1, denied };
    let init = |wait_status| Verdict::InitExited { wait_status };
    let silent = |began, waiting_for_streams| Verdict::Inactivity {
        seconds: 60,
        state: Some("CPU 0 is idle".to_owned()),
        began,
        waiting_for_streams,
    };
    vec![
        (Verdict::Passed, "a_command_has_its_output_and_status"),
        (Verdict::Failed { status: 3 }, "a_command_has_its_output_and_status"),
        (Verdict::PoweredOff, "leaving_the_shell_powers_off"),
        (
            warned("WARNING: at refcount_warn_saturate+0x5d/0x80, CPU#0: insmod/52", false),
            "a_module_that_warns",
        ),
        (Verdict::Quit, "a_shell_answers"),
        (warned("WARNING: possible recursive locking detected", true), "warnings_are_a_verdict_of_their_own"),
        (
            Verdict::Oops("BUG: kernel NULL pointer dereference, address: 0000000000000008".to_owned()),
            "a_module_that_oopses",
        ),
        (Verdict::NoVerdict, "init_that_powers_off_without_a_word_has_not_passed"),
        (
            Verdict::KernelPanic("sysrq triggered crash".to_owned()),
            "a_panic_draws_a_qr_code_with_the_end_of_the_log",
        ),
        (no_init("Failed to execute /init (error -13)"), "init_without_the_mode_to_be_executed"),
        (no_init("Failed to execute /init (error -8)"), "init_that_is_no_program"),
        (no_init("Failed to execute /init (error -2)"), "init_without_its_interpreter"),
        (no_init("Initramfs unpacking failed: no cpio magic"), "a_damaged_initramfs"),
        (no_init("check access for rdinit=/init failed: -2"), "no_init_in_the_initramfs"),
        (Verdict::NoRoot("Unable to mount root fs on unknown-block(0,0)".to_owned()), "no_initramfs_at_all"),
        (Verdict::OutOfMemory("System is deadlocked on memory".to_owned()), "init_that_takes_all_memory"),
        (init(3 << 8), "init_that_exits"),
        (init(127 << 8), NONE),
        (init(11), "init_that_crashes"),
        (init(4), "init_that_crashes"),
        (
            Verdict::Lockup("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:".to_owned()),
            "a_module_that_never_comes_back",
        ),
        (silent(true, false), NONE),
        (silent(true, true), "init_that_does_nothing"),
        (silent(false, false), NONE),
        (Verdict::Reset { began: true }, "init_that_restarts_the_machine"),
        (Verdict::Reset { began: false }, "qemu_itself"),
        (
            Verdict::VmError { message: "exit status 1: could not load kernel".to_owned(), signal: None },
            "qemu_that_fails",
        ),
        (Verdict::BrokenAccelerator("the CPU is still at its first instruction".to_owned()), "qemu_itself"),
        (Verdict::Timeout { seconds: 5 }, "a_guest_that_takes_too_long"),
        (Verdict::Interrupted { signal: 15 }, "a_signal_ends_the_run"),
        (Verdict::OutputClosed, "what_the_runner_did"),
    ]
}

fn table() -> String {
    let row = |(verdict, test): (Verdict, &str)| {
        let advice = verdict.advice().unwrap_or_default();
        let test = if test == NONE { "–".to_owned() } else { format!("`{test}`") };
        format!("| {} | `{}` | {verdict} | {advice} | {test} |", verdict.exit_code(), verdict.name())
    };
    verdicts().into_iter().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_table_is_what_the_code_says() {
    let readme = include_str!("../README.md");
    // The first two lines are the table's head.
    let is_row = |line: &&str| line.starts_with("| ") && line.matches(" | ").count() == 4;
    let rows: Vec<&str> = readme.lines().filter(is_row).skip(2).collect();
    let expected = table();
    assert!(
        rows == expected.lines().collect::<Vec<_>>(),
        "the table in tools/vm/README.md is another; it should be:\n{expected}"
    );
}

#[test]
fn the_tests_that_it_names_are_there() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = String::new();
    for folder in ["boot-tests/tests", "boot-tests/tests/in_tree", "vm/tests"] {
        for entry in fs::read_dir(tests.join(folder)).expect("a folder of tests").flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "rs") {
                sources += &fs::read_to_string(entry.path()).expect("a source");
            }
        }
    }
    for (verdict, test) in verdicts() {
        assert!(
            test == NONE || sources.contains(&format!("fn {test}(")),
            "{}: no test {test}",
            verdict.name()
        );
    }
}
