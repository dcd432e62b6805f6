// SPDX-License-Identifier: MIT OR Apache-2.0
//! The image on Linux 6.12, which has no tests of modules in Rust.

mod budget;
mod long_term;

use budget::Image;
use long_term::Kernel;
use qos_boot_tests::Environment;

const KERNEL: Kernel = Kernel {
    name: "lts-6_12",
    series: "6.12",
    variables: "QOS_LTS_6_12",
    image: Image {
        manifest: "rootfs/lts-6_12.toml",
        boot_log: "QOS_LTS_6_12_BOOT_LOG",
        timeline: "lts-6_12-timeline",
        environment: || Environment::long_term("QOS_LTS_6_12"),
    },
};

long_term::tests!(KERNEL);
