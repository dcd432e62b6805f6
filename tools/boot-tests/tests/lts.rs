// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image on the kernel with long-term support: it does what the default image does, and its golden boot is the reviewed one.

mod budget;

use budget::Image;
use qos_boot_tests::built::{bytes_of, folder_of, text_of};
use qos_boot_tests::{Boot, Environment, boot, golden, kunit};

const IMAGE: Image = Image {
    manifest: "rootfs/lts.toml",
    boot_log: "QOS_LTS_BOOT_LOG",
    timeline: "lts-timeline",
    environment: Environment::lts,
};

fn lts() -> Boot {
    boot().environment(Environment::lts())
}

#[test]
fn it_has_a_prompt() {
    let release = text_of("QOS_LTS_KERNEL", "kernel.release");
    assert!(release.starts_with("6.18."), "{release}");
    let console = lts().console().expect("qos# ").send("uname -r\r").expect(release.trim());
    console.send("exit 7\r").end().expect_status(7);
}

#[test]
fn it_runs_scripts() {
    let script =
        "mount -t tmpfs none /mnt && seq 3 >/mnt/x && sort -r /mnt/x\nlsmod | grep -o qos_exit\nexit 5\n";
    lts().stdin(script).run().expect_status(5).stdout_is("3\n2\n1\nqos_exit\n");
}

/// The verdict channel of this kernel's own module refuses what that of the other kernel refuses.
#[test]
fn only_a_status_is_a_verdict() {
    let script =
        "for text in 256 -1 ok 01; do echo $text >/dev/qos-exit || echo refused $text; done 2>/dev/null\n";
    let refused = "refused 256\nrefused -1\nrefused ok\nrefused 01\n";
    lts().stdin(script).run().expect_status(0).stdout_is(refused);
}

#[test]
fn modules_report_what_was_reviewed() {
    kunit::expect_reports(lts, &folder_of("QOS_LTS_KERNEL"), &folder_of("QOS_LTS_MODULES").join("test"));
}

#[test]
fn another_golden_boot_gives_the_same_bytes() {
    let built = bytes_of("QOS_LTS_BOOT_LOG", "boot.log");
    let script = include_str!("../../../rootfs/golden.sh");
    let ended = lts().golden().script(script).run().expect_status(0);
    assert!(
        ended.outcome.console.raw() == built,
        "a boot here gives another log than the one in the store:\n{ended}"
    );
}

/// All phases in one snapshot, without time stamps.
#[test]
fn the_phases_are_the_reviewed_ones() {
    let mut text = String::new();
    for (phase, lines) in golden::phases(IMAGE.boot_log) {
        text += &format!("# {phase}\n\n{lines}\n");
    }
    check("lts-boot", &text);
}

#[test]
fn the_timeline_is_the_reviewed_one() {
    check(IMAGE.timeline, &golden::timeline(IMAGE.boot_log));
}

#[test]
fn the_files_are_the_reviewed_ones() {
    check("lts-initramfs", &text_of("QOS_LTS_INITRAMFS", "listing"));
}

#[test]
fn the_cost_is_within_its_budget() {
    IMAGE.check_cost();
}

#[test]
fn the_memory_is_within_its_budget() {
    IMAGE.check_memory();
}

fn check(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}
