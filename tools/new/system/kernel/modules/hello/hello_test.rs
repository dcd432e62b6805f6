// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of hello, which run when this module is loaded (after `kunit`).

use kernel::prelude::*;

mod greeting;

module! {
    type: HelloTest,
    name: "hello_test",
    authors: ["me"],
    description: "KUnit tests of hello",
    license: "GPL",
}

/// KUnit runs the suites that it finds in a module once loading has succeeded.
struct HelloTest;

impl kernel::Module for HelloTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
