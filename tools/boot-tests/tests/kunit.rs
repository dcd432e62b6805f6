// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit tests of our own kernel modules: each prints what stands beside its source as `NAME_test.ktap`.
//!
//! Format: Documentation/dev-tools/ktap.rst.

use qos_boot_tests::{Initramfs, boot};
use qos_bootlog::{Line, parse, phase};
use std::path::{Path, PathBuf};

fn folder_of(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    value.map(PathBuf::from).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`"))
}

/// The files below a folder whose names have this ending, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Boots the image, loads KUnit and the module of tests, and gives the report that is in the kernel's log.
fn report_of(module: &Path) -> String {
    let kunit = files(&folder_of("QOS_KERNEL"), "/kunit.ko").pop().expect("the kernel has a module kunit");
    let modules = Initramfs::new().program("/kunit.ko", &kunit).program("/tests.ko", module);
    let ended =
        boot().overlay(modules).stdin("insmod /kunit.ko && insmod /tests.ko\n").run().expect_status(0);
    let lines = parse(ended.outcome.console.raw());
    ktap(&lines)
}

/// The last KTAP report in a log: from its version line to the result of its suite, which are not indented.
fn ktap(lines: &[Line]) -> String {
    let is_result = |line: &Line| line.message().starts_with("ok ") || line.message().starts_with("not ok ");
    let from = lines.iter().rposition(|line| line.message() == "KTAP version 1").unwrap_or(lines.len());
    let length = lines[from..].iter().position(is_result).map_or(0, |at| at + 1);
    phase::text(&lines[from..from + length])
}

#[test]
fn every_module_reports_what_was_reviewed() {
    let folder = folder_of("QOS_MODULES").join("test");
    let modules = files(&folder, "_test.ko");
    assert!(!modules.is_empty(), "{} has no modules of tests", folder.display());
    for module in modules {
        let expected =
            std::fs::read_to_string(module.with_extension("ktap")).expect("a report beside the module");
        let report = report_of(&module);
        assert_eq!(report, expected, "{}", module.display());
        assert!(!report.contains("not ok"), "{report}");
    }
}
