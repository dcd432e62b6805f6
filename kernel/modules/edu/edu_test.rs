// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of edu, which run when this module is loaded (after `kunit`).
//!
//! They need no device: the tests are beside what they test.

use kernel::prelude::*;

mod number;
mod regs;
mod transfer;

module! {
    type: EduTest,
    name: "edu_test",
    authors: ["qos"],
    description: "KUnit tests of edu",
    license: "GPL",
}

/// KUnit runs the suites that it finds in a module once loading has succeeded.
struct EduTest;

impl kernel::Module for EduTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
