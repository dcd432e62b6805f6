// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs and services of the image, as a user sees them.

use qos_boot_tests::{Initramfs, boot};

#[test]
fn a_command_has_its_output_and_its_status() {
    boot().command(["uname", "-s", "-m"]).run().expect_status(0).stdout_is("Linux x86_64\n");
    boot()
        .command(["sh", "-c", "echo gone wrong >&2; exit 42"])
        .run()
        .expect_status(42)
        .stderr_has("gone wrong");
}

#[test]
fn standard_input_goes_to_the_shell_and_its_end_ends_the_guest() {
    let script = "f() { echo \"<$1>\"; }\nfor i in 1 2 3; do f $i; done | tr 123 abc\n";
    boot().stdin(script).run().expect_status(0).stdout_is("<a>\n<b>\n<c>\n");
}

#[test]
fn streams_carry_any_bytes() {
    let bytes: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    boot().command(["cat"]).stdin(&bytes).run().expect_status(0).stdout_is(&bytes);
}

#[test]
fn the_console_has_a_prompt_and_job_control() {
    boot()
        .console()
        .expect("qos# ")
        .send("sh -c 'echo up; sleep 1000'\r")
        .expect("\nup")
        .send("\x03")
        .expect("qos# ")
        .send("echo $((6 * 7))\r")
        .expect("42")
        .send("exit 7\r")
        .end()
        .expect_status(7);
}

#[test]
fn what_init_has_set_up() {
    let script = "set -e\nhostname\ngrep -c . /proc/self/mounts >/dev/null\ntest -c /dev/null\ntest -w /tmp\n\
                  cat /proc/cmdline >/dev/null\necho to /run >/run/x\ncat /run/x\nlsmod | cut -d' ' -f1\n";
    boot()
        .stdin(script)
        .run()
        .expect_status(0)
        .stdout_has("qos\n")
        .stdout_has("to /run\n")
        .stdout_has("qos_exit");
}

#[test]
fn several_processors() {
    boot().cpus(2).command(["nproc"]).run().expect_status(0).stdout_is("2\n");
}

/// Of one opener of /dev/kmsg the kernel takes 10 records in 5 s, and drops the rest.
#[test]
fn no_message_of_init_is_lost() {
    let names: Vec<String> = (0..40).map(|number| format!("missing_{number:02}")).collect();
    let list = format!("qos_exit\n{}\n", names.join("\n"));
    let ended = boot().overlay(Initramfs::new().file("/etc/modules", 0o644, list)).command(["true"]).run();
    let ended = ended.expect_status(0).console_has_not("callbacks suppressed");
    names.iter().fold(ended, |ended, name| {
        ended.console_has(&format!("qos-init: module {name} of /etc/modules: module {name} not found"))
    });
}

/// Without the module, the agent uses the I/O port, which needs a kernel with ioperm(2). The image's kernel has none, and the
/// guest says so.
#[test]
fn the_verdict_without_the_module_needs_ioperm() {
    let without = Initramfs::new().file("/etc/modules", 0o644, "");
    let ended = boot().overlay(without).command(["sh", "-c", "exit 3"]).run().expect_verdict("no-verdict");
    ended.console_has(
        "qos-agent: no verdict sent: module qos_exit is not loaded, and port 0xe9 cannot be used: Function not implemented",
    );
}
