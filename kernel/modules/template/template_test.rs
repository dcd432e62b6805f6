// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of template, which run when this module is loaded (after `kunit`).

use kernel::prelude::*;

mod greeting;

module! {
    type: TemplateTest,
    name: "template_test",
    authors: ["qos"],
    description: "KUnit tests of template",
    license: "GPL",
}

/// KUnit runs the suites that it finds in a module once loading has succeeded.
struct TemplateTest;

impl kernel::Module for TemplateTest {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
