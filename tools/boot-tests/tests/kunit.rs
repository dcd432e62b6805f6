// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit tests of our own kernel modules: each prints what stands beside its source as `NAME_test.ktap`.

use qos_boot_tests::built::folder_of;
use qos_boot_tests::{boot, kunit};

#[test]
fn every_module_reports_what_was_reviewed() {
    kunit::expect_reports(boot, &folder_of("QOS_KERNEL"), &folder_of("QOS_MODULES").join("test"));
}
