// SPDX-License-Identifier: MIT OR Apache-2.0
//! The minimal image: a shell and system utilities only.

use qos_boot_tests::{Boot, Environment, boot};

fn minimal() -> Boot {
    boot().environment(Environment::minimal())
}

#[test]
fn it_has_a_prompt() {
    let console = minimal().console().expect("qos# ").send("echo $((6 * 7))\r").expect("42");
    console.send("exit 7\r").end().expect_status(7);
}

#[test]
fn it_runs_scripts_and_its_own_utilities() {
    let script = "for i in 1 2 3; do echo $i; done | grep -c .\nmount | grep -o 'on /proc'\nlsmod | grep -o qos_exit\n";
    minimal().stdin(script).run().expect_status(0).stdout_is("3\non /proc\nqos_exit\n");
}

#[test]
fn it_has_no_core_utilities() {
    minimal().command(["sh", "-c", "ls"]).run().expect_status(127).stderr_has("ls");
}
