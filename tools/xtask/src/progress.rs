// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shows the progress of the toolchain library.

use qos_host::progress;
use qos_host::ui::{self, Shown, Ui};
use qos_toolchain::{Context, Progress, Task, Unit};

/// Adapts a user interface to the interface of the library.
pub struct Report<'a>(pub &'a Ui);

/// What the library's functions take.
pub fn context<'a>(report: &'a Report<'a>) -> Context<'a> {
    Context { progress: report, stop: ui::stop() }
}

impl Progress for Report<'_> {
    fn task(&self, name: &str, total: u64, unit: Unit) -> Box<dyn Task> {
        let unit = match unit {
            Unit::Bytes => progress::Unit::Bytes,
            Unit::Items => progress::Unit::Items,
        };
        Box::new(Bar(self.0.task(name, total, unit)))
    }

    fn notice(&self, line: &str) {
        self.0.show(line);
    }
}

struct Bar(Shown);

impl Task for Bar {
    fn advance(&self, amount: u64) {
        self.0.advance(amount);
    }

    fn detail(&self, text: &str) {
        self.0.detail(text);
    }
}
