// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit tests of our own kernel modules: each prints what stands beside its source as `NAME_test.ktap`.
//!
//! Format: Documentation/dev-tools/ktap.rst.

use qos_boot_tests::built::{files_below, folder_of};
use qos_boot_tests::{Initramfs, boot, keep_report};
use qos_bootlog::{ktap, parse, phase};
use std::path::Path;

/// Boots the image, loads KUnit and the module of tests, and gives the report that is in the kernel's log, as text without
/// time stamps, and read.
fn report_of(module: &Path) -> (String, ktap::Report) {
    let kunit =
        files_below(&folder_of("QOS_KERNEL"), "/kunit.ko").pop().expect("the kernel has a module kunit");
    let modules = Initramfs::new().program("/kunit.ko", &kunit).program("/tests.ko", module);
    let ended =
        boot().overlay(modules).stdin("insmod /kunit.ko && insmod /tests.ko\n").run().expect_status(0);
    let lines = parse(ended.outcome.console.raw());
    let report = *ktap::spans(&lines).last().expect("a report in the kernel's log");
    keep_report(&module.file_stem().unwrap_or_default().to_string_lossy(), report);
    (phase::text(report), ktap::reports(report).remove(0))
}

#[test]
fn every_module_reports_what_was_reviewed() {
    let folder = folder_of("QOS_MODULES").join("test");
    let modules = files_below(&folder, "_test.ko");
    assert!(!modules.is_empty(), "{} has no modules of tests", folder.display());
    for module in modules {
        let expected =
            std::fs::read_to_string(module.with_extension("ktap")).expect("a report beside the module");
        let (text, report) = report_of(&module);
        assert_eq!(text, expected, "{}", module.display());
        assert!(report.passed(), "{report:?}\n{text}");
    }
}
