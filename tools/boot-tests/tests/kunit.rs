// SPDX-License-Identifier: MIT OR Apache-2.0
//! The KUnit tests of qos's kernel modules: the output of each equals `NAME_test.ktap` beside its source.

use qos_boot_tests::built::folder_of;
use qos_boot_tests::{boot, kunit};

#[test]
fn every_module_reports_what_was_reviewed() {
    kunit::expect_reports(boot, &folder_of("QOS_KERNEL"), &folder_of("QOS_MODULES").join("test"));
}
