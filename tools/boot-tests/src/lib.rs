// SPDX-License-Identifier: MIT OR Apache-2.0
//! Framework for tests that boot a guest.
//!
//! A test states what to boot and what to expect; the image's defaults apply to everything else:
//!
//! ```no_run
//! use qos_boot_tests::boot;
//!
//! boot().command(["uname", "-s"]).run().expect_status(0).stdout_is("Linux\n");
//! boot().memory_mib(64).stdin("echo hi | tr a-z A-Z\n").run().expect_status(0).stdout_is("HI\n");
//! boot().append("rdinit=/nothing").command(["true"]).run().expect_verdict("no-init");
//! boot().console().expect("# ").send("echo $((6 * 7))\n").expect("42").send("exit\n").end().expect_status(0);
//! ```
//!
//! A guest that does not meet an expectation fails the test with the verdict, the output and the last lines of the
//! console. The runner's own limits end a guest that does nothing. The tests that boot are behind the feature
//! `boot` and need the variables of [`Environment`].

mod boot;
pub mod budget;
pub mod built;
mod console;
mod crash;
mod disk;
mod drivers;
mod ended;
mod environment;
pub mod golden;
mod initramfs;
pub mod kunit;
mod memory;
mod reports;
pub mod ssdt;
mod stable;
pub mod tour;

pub use boot::{Boot, boot, boot_from};
pub use console::Console;
pub use disk::DiskImage;
pub use drivers::{drivers, drivers_with};
pub use ended::Ended;
pub use environment::Environment;
pub use initramfs::Initramfs;
pub use reports::keep_report;
pub use stable::{BOOTS_VARIABLE, Boots};
