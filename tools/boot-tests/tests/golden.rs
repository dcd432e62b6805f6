// SPDX-License-Identifier: MIT OR Apache-2.0
//! The golden boot: the same bytes on every run, equal to the reviewed ones.

use qos_boot_tests::built::{bytes_of, files_below, folder_of, text_of};
use qos_boot_tests::{boot, golden};
use qos_inspect::elf;

/// What `nix build .#boot-log` has the guest run.
const SCRIPT: &str = include_str!("../../../rootfs/golden.sh");

#[test]
fn three_boots_give_the_same_bytes() {
    let built = bytes_of("QOS_BOOT_LOG", "boot.log");
    for _ in 0..2 {
        let ended = boot().golden().script(SCRIPT).run().expect_status(0);
        assert!(
            ended.outcome.console.raw() == built,
            "a boot here gives another log than the one in the store:\n{}",
            first_difference(&built, ended.outcome.console.raw())
        );
    }
}

/// One snapshot for each phase, without time stamps: a line more is a line more in one file.
#[test]
fn the_phases_are_the_reviewed_ones() {
    for (number, (phase, text)) in golden::phases("QOS_BOOT_LOG").iter().enumerate() {
        check(&format!("boot-{}-{phase}", number + 1), text);
    }
}

#[test]
fn the_timeline_is_the_reviewed_one() {
    check("timeline", &golden::timeline("QOS_BOOT_LOG"));
}

#[test]
fn the_minimal_timeline_is_the_reviewed_one() {
    check("minimal-timeline", &golden::timeline("QOS_MINIMAL_BOOT_LOG"));
}

/// What is in the initramfs (mode, owner, size, path, content), and in the image (versions, sizes, hashes).
#[test]
fn the_files_are_the_reviewed_ones() {
    check("initramfs", &text_of("QOS_INITRAMFS", "listing"));
    check("image", &text_of("QOS_IMAGE", "manifest.json"));
}

#[test]
fn the_minimal_files_are_the_reviewed_ones() {
    check("minimal-initramfs", &text_of("QOS_MINIMAL_INITRAMFS", "listing"));
}

/// Every module, the kernel's and qos's: its dependencies and parameters (modinfo(8)).
#[test]
fn the_modules_are_the_reviewed_ones() {
    let mut text = String::new();
    for folder in [folder_of("QOS_KERNEL"), folder_of("QOS_MODULES")] {
        for file in files_below(&folder, ".ko") {
            let data = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let elf = elf::read(&data).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let below = file.strip_prefix(&folder).unwrap_or(&file);
            text += &format!("{}\n", below.display());
            for key in ["license", "depends", "alias", "parmtype", "parm"] {
                let values = elf.modinfo.get(key).into_iter().flatten().filter(|value| !value.is_empty());
                for value in values {
                    text += &format!("    {key}: {}\n", value.trim_end().replace('\n', "\n        "));
                }
            }
        }
    }
    check("modules", &text);
}

fn check(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
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
