// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines in the kernel's log, which begin with `early: `.
//!
//! Levels are those of syslog(2). `quiet` on the kernel's command line keeps the levels from 4 on away from the console.

use qos_kmsg::Log;
use std::sync::atomic::{AtomicBool, Ordering};

static LOG: Log = Log::new("early: ");
static DEBUG: AtomicBool = AtomicBool::new(false);

/// The boot cannot continue without a person: on the console with `quiet loglevel=3` too.
pub fn critical(text: &str) {
    LOG.critical(text);
}

/// A warning: something differs from the request; the boot continues.
pub fn warn(text: &str) {
    LOG.warn(text);
}

/// Progress.
pub fn info(text: &str) {
    LOG.info(text);
}

/// A step, with `rd.debug` only.
pub fn debug(text: impl FnOnce() -> String) {
    if DEBUG.load(Ordering::Relaxed) {
        LOG.info(&text());
    }
}

/// Turns [`debug`] on.
pub fn enable_debug() {
    DEBUG.store(true, Ordering::Relaxed);
}
