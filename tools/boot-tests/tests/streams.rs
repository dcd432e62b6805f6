// SPDX-License-Identifier: MIT OR Apache-2.0
//! The streams and the exit status of the guest's main program, which are those of the runner.

use qos_boot_tests::boot;

#[test]
fn a_command_has_its_output_and_status() {
    boot().command(["uname", "-s"]).run().expect_status(0).stdout_is("Linux\n");
    boot()
        .command(["sh", "-c", "echo out; echo err >&2; exit 7"])
        .run()
        .expect_status(7)
        .stdout_is("out\n")
        .stderr_has("err\n");
    boot().command(["/bin/no-such-program"]).run().expect_status(127);
}

#[test]
fn words_of_a_command_arrive_as_they_are() {
    let words =
        ["sh", "-c", "for word; do printf '%s\\n' \"[$word]\"; done", "sh", "two words", "", "*", "'", "ü☃"];
    boot().command(words).run().expect_status(0).stdout_is("[two words]\n[]\n[*]\n[']\n[ü☃]\n");
}

#[test]
fn standard_input_is_the_script_of_a_shell() {
    let script = "double() { echo \"$1$1\"; }\nfor i in 1 2 3; do double $i; done | sort -r\nexit 5\n";
    boot().stdin(script).run().expect_status(5).stdout_is("33\n22\n11\n");
}

#[test]
fn the_end_of_input_powers_off() {
    boot().run().expect_status(0).stdout_is("").console_has("reboot: Power down");
    boot().stdin("false\n").run().expect_status(1);
}

#[test]
fn bytes_pass_unchanged_both_ways() {
    // Every byte, and more than any buffer on the way holds.
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n ^ (n >> 8) ^ (n >> 16)) as u8).collect();
    boot().command(["cat"]).stdin(&bytes).run().expect_status(0).stdout_is(&bytes);
}

#[test]
fn output_at_the_very_end_is_not_lost() {
    let ended = boot().command(["sh", "-c", "yes 0123456789 | head -n 200000"]).run().expect_status(0);
    assert_eq!(ended.stdout.len(), 200_000 * 11);
}

#[test]
fn the_console_carries_only_the_system() {
    boot().command(["echo", "from the command"]).run().expect_status(0).console_has_not("from the command");
}
