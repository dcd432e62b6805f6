// SPDX-License-Identifier: MIT OR Apache-2.0
//! The deterministic machine.

use qos_boot_tests::boot;

const SCRIPT: &str = "echo hello from the script\nexit 0\n";

#[test]
fn three_boots_are_byte_identical() {
    let log = || {
        let ended =
            boot().golden().script(SCRIPT).run().expect_status(0).console_has("hello from the script");
        ended.outcome.console.raw().to_vec()
    };
    let first = log();
    assert!(first == log() && first == log(), "three golden boots differ");
}

#[test]
fn time_is_counted_in_instructions() {
    let ended = boot().golden().script(SCRIPT).run().expect_status(0);
    let (init, last) = ended.outcome.console.times_ns();
    assert!(init.is_some_and(|init| init > 1_000_000) && last > init, "{init:?} {last:?}");
}

#[test]
fn a_script_has_its_status() {
    boot().golden().script("exit 4\n").run().expect_status(4);
}
