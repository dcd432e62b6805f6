// SPDX-License-Identifier: MIT OR Apache-2.0
//! The interactive console.

use qos_boot_tests::boot;

#[test]
fn a_shell_answers() {
    boot().console().expect("# ").send("echo $((6 * 7))\n").expect("\n42").quit().expect_verdict("quit");
}

#[test]
fn control_c_goes_to_the_guest() {
    let console =
        boot().console().expect("# ").send("sh -c 'echo up; sleep 1000'\n").expect("\nup").send("\x03");
    console.expect("# ").send("echo still here\n").expect("\nstill here").quit().expect_verdict("quit");
}

#[test]
fn leaving_the_shell_powers_off() {
    let ended = boot().console().expect("# ").send("exit 0\n").end();
    ended.expect_status(0).console_has("reboot: Power down");
}
