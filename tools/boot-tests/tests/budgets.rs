// SPDX-License-Identifier: MIT OR Apache-2.0
//! The images are within the budgets of their manifests.

use qos_boot_tests::Environment;
use qos_boot_tests::budget::Budgeted;

fn usual() -> Budgeted {
    let environment = || Environment::from_process().unwrap_or_else(|error| panic!("{error}"));
    Budgeted::image("rootfs/default.toml", "QOS_BOOT_LOG", "timeline", environment)
}

fn minimal() -> Budgeted {
    let log = "QOS_MINIMAL_BOOT_LOG";
    Budgeted::image("rootfs/minimal.toml", log, "minimal-timeline", Environment::minimal)
}

#[test]
fn the_cost_is_within_its_budget() {
    usual().check_cost();
}

#[test]
fn the_memory_is_within_its_budget() {
    usual().check_memory();
}

#[test]
fn the_cost_of_the_minimal_image_is_within_its_budget() {
    minimal().check_cost();
}

#[test]
fn the_memory_of_the_minimal_image_is_within_its_budget() {
    minimal().check_memory();
}
