// SPDX-License-Identifier: MIT OR Apache-2.0
//! The golden boot: the same bytes on every run, and the ones that were reviewed.

use qos_boot_tests::boot;
use qos_bootlog::parse;

/// What `nix build .#boot-log` has the guest run.
const SCRIPT: &str = include_str!("../../../rootfs/golden.sh");

/// The log of `nix build .#boot-log`.
fn built_log() -> Vec<u8> {
    let path = std::env::var("QOS_BOOT_LOG").expect("QOS_BOOT_LOG names the log of `nix build .#boot-log`");
    std::fs::read(&path).unwrap_or_else(|error| panic!("QOS_BOOT_LOG={path}: {error}"))
}

#[test]
fn three_boots_give_the_same_bytes() {
    let built = built_log();
    for _ in 0..2 {
        let ended = boot().golden().script(SCRIPT).run().expect_status(0);
        assert!(
            ended.outcome.console.raw() == built,
            "a boot here gives another log than the one in the store:\n{}",
            first_difference(&built, ended.outcome.console.raw())
        );
    }
}

#[test]
fn the_log_is_the_reviewed_one() {
    let lines: Vec<String> = parse(&built_log()).iter().map(|line| line.text.clone()).collect();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("boot-log", lines.join("\n"));
    });
}

/// The first line in which two logs differ, as both have it.
fn first_difference(one: &[u8], other: &[u8]) -> String {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (lines(one), lines(other));
    let at = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let show = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(end)".into());
    format!("line {}:\n- {}\n+ {}", at + 1, show(&one), show(&other))
}
