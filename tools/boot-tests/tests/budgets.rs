// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images are within the budgets of their manifests.

mod budget;

use budget::Image;
use qos_boot_tests::Environment;

const USUAL: Image = Image {
    manifest: "rootfs/default.toml",
    boot_log: "QOS_BOOT_LOG",
    timeline: "timeline",
    environment: || Environment::from_process().unwrap_or_else(|error| panic!("{error}")),
};

const MINIMAL: Image = Image {
    manifest: "rootfs/minimal.toml",
    boot_log: "QOS_MINIMAL_BOOT_LOG",
    timeline: "minimal-timeline",
    environment: Environment::minimal,
};

#[test]
fn the_cost_is_within_its_budget() {
    USUAL.check_cost();
}

#[test]
fn the_memory_is_within_its_budget() {
    USUAL.check_memory();
}

#[test]
fn the_cost_of_the_minimal_image_is_within_its_budget() {
    MINIMAL.check_cost();
}

#[test]
fn the_memory_of_the_minimal_image_is_within_its_budget() {
    MINIMAL.check_memory();
}
