// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of qos_exit, which run when this module is loaded (after `kunit`).
//!
//! They need no debug console: the tests are in [`status`], beside what they test.

use kernel::prelude::*;

mod status;

module! {
    type: QosExitTest,
    name: "qos_exit_test",
    authors: ["qos"],
    description: "KUnit tests of qos_exit",
    license: "GPL",
}

/// KUnit runs the suites that it finds in a module once loading has succeeded.
struct QosExitTest;

impl kernel::Module for QosExitTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
