// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit tests of a module, run in a guest.
//!
//! Format: Documentation/dev-tools/ktap.rst.

use crate::built::files_below;
use crate::{Boot, Initramfs, keep_report};
use qos_bootlog::{ktap, parse, phase};
use std::path::Path;

/// Boots `boot` on the kernel whose modules are below `kernel`, loads KUnit and the module of tests, and gives the report that is
/// in the kernel's log, as text without time stamps, and read.
///
/// # Panics
/// When the kernel has no module kunit, the guest fails, or the log has no report.
#[must_use]
#[track_caller]
pub fn report_of(boot: Boot, kernel: &Path, module: &Path) -> (String, ktap::Report) {
    let kunit = files_below(kernel, "/kunit.ko").pop().expect("the kernel has a module kunit");
    let modules = Initramfs::new().program("/kunit.ko", &kunit).program("/tests.ko", module);
    // Golden: in another boot the kernel can print other lines in between, for example that a clock was measured again.
    let boot = boot.overlay(modules).golden().script("insmod /kunit.ko && insmod /tests.ko\n");
    let ended = boot.run().expect_status(0);
    let lines = parse(ended.outcome.console.raw());
    let report = *ktap::spans(&lines).last().expect("a report in the kernel's log");
    keep_report(&module.file_stem().unwrap_or_default().to_string_lossy(), report);
    (phase::text(report), ktap::reports(report).remove(0))
}

/// Every module `NAME_test.ko` below `tests` prints what stands beside it as `NAME_test.ktap`.
///
/// # Panics
/// When the output differs, a test fails, or there is no test.
#[track_caller]
pub fn expect_reports(boot: impl Fn() -> Boot, kernel: &Path, tests: &Path) {
    let modules = files_below(tests, "_test.ko");
    assert!(!modules.is_empty(), "{} has no modules of tests", tests.display());
    for module in modules {
        let expected =
            std::fs::read_to_string(module.with_extension("ktap")).expect("a report beside the module");
        let (text, report) = report_of(boot(), kernel, &module);
        assert_eq!(text, expected, "{}", module.display());
        assert!(report.passed(), "{report:?}\n{text}");
    }
}
