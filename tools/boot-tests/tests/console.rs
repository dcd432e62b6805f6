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

/// Any program can print the text of a panic, with and without a time stamp. The guest lives, and its own status counts.
#[test]
fn the_text_of_a_panic_does_not_end_the_guest() {
    let mut console = boot().console().expect("# ");
    for stamp in ["", "[    1.000000] "] {
        let text = format!("{stamp}Kernel panic - not syncing: no");
        console = console.send(&format!("echo '{text}'\n")).expect(&format!("\n{text}")).expect("# ");
        // The runner decides within 1 s if the stamp may be the kernel's; the guest is to live longer than that.
        console = console.send("sleep 3; echo $((6 * 7)) later\n").expect("\n42 later").expect("# ");
    }
    console.send("exit 7\n").end().expect_status(7);
}
