// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's own drivers and samples in Rust, on the variant `rust-drivers`: tests their behaviour, not only that they load.
//! kernel/variants/README.md lists them all, with those that a VM cannot run.

mod hardware;
mod kunit;
mod panic;
mod samples;

use qos_boot_tests::{Boot, Ended};

/// What runs before every script: an error ends it, and the file systems of drivers are there.
const BEGIN: &str =
    "set -e\nmount -t debugfs none /sys/kernel/debug\nmount -t configfs none /sys/kernel/config\n";

/// Runs a script in the guest, which has to come through.
#[track_caller]
fn run(boot: Boot, script: &str) -> Ended {
    boot.stdin(format!("{BEGIN}{script}")).run().expect_status(0)
}

/// Adds the device LNUXBEEF while the guest runs, and takes it away: it needs `/ssdt.aml` in the guest.
const PLUG: &str = "modprobe acpi_configfs\nmkdir /sys/kernel/config/acpi/table/test\n\
                    cat /ssdt.aml >/sys/kernel/config/acpi/table/test/aml\n";
const UNPLUG: &str = "rmdir /sys/kernel/config/acpi/table/test\n";
