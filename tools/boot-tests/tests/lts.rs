// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image on Linux 6.18.

mod budget;
mod long_term;

use budget::Image;
use long_term::Kernel;
use qos_boot_tests::built::folder_of;
use qos_boot_tests::{Environment, kunit};

const KERNEL: Kernel = Kernel {
    name: "lts",
    series: "6.18",
    variables: "QOS_LTS",
    image: Image {
        manifest: "rootfs/lts.toml",
        boot_log: "QOS_LTS_BOOT_LOG",
        timeline: "lts-timeline",
        environment: || Environment::long_term("QOS_LTS"),
    },
};

long_term::tests!(KERNEL);

#[test]
fn modules_report_what_was_reviewed() {
    let folder = |part| folder_of(&KERNEL.variable(part));
    kunit::expect_reports(|| KERNEL.boot(), &folder("KERNEL"), &folder("MODULES").join("test"));
}
