// SPDX-License-Identifier: MIT OR Apache-2.0
//! The outcome of a run.

use crate::accel::Accel;
use crate::console::Console;
use crate::verdict::Verdict;
use qos_bootlog::conditions::Conditions;
use std::time::Duration;

/// The end of a run, and its evidence.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// What executed it.
    pub accel: Accel,
    /// The console.
    pub console: Console,
    /// From the start of QEMU to its end.
    pub duration: Duration,
    /// From the start of QEMU to the first byte on the console.
    pub first_byte: Option<Duration>,
    /// From the start of QEMU to the moment when the main program's streams were opened.
    pub streams_open: Option<Duration>,
    /// The raw verdict channel.
    pub verdict_channel: Vec<u8>,
    /// What QEMU wrote on standard error.
    pub qemu_stderr: String,
    /// What it was run with.
    pub conditions: Conditions,
    /// The screenshot was written, or why not; nothing when none was taken.
    pub screenshot: Option<Result<(), String>>,
}
