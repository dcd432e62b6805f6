// SPDX-License-Identifier: MIT OR Apache-2.0
//! Failures of init itself. Process 1 must not end, so it logs the reason, sends a verdict and powers off.

use crate::{LOG, end, verdict};
use qos_protocol::verdict::INIT_FAULT;
use qos_sys::power::{self, Action};

/// Makes a panic end as [`end`](fn@end) does, instead of killing process 1.
pub fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| end(&panic.to_string())));
}

/// Says `reason`, sends the verdict [`INIT_FAULT`], powers off. Does not come back.
pub fn end(reason: &str) -> ! {
    LOG.error(&format!("fault in init: {reason}"));
    power::sync();
    verdict::send(INIT_FAULT);
    end::leave(Action::PowerOff)
}
