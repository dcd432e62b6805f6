// SPDX-License-Identifier: MIT OR Apache-2.0
//! The context that a caller passes to long actions of this library: progress reports and cancellation.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// Progress and interruption.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The receiver of progress.
    pub progress: &'a dyn Progress,
    /// Set when the user interrupts; long actions then end with an error at the next step.
    pub stop: &'a AtomicBool,
}

/// How a task counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things: packages, crates.
    Items,
    /// Bytes, shown as megabytes.
    Bytes,
}

/// Shows progress. Implemented by the program at the terminal.
pub trait Progress: Sync {
    /// Starts a task with a name, its amount, and the unit.
    fn task(&self, name: &str, total: u64, unit: Unit) -> Box<dyn Task>;
    /// A line that the user should see whatever the verbosity: something unexpected that was dealt with.
    fn notice(&self, line: &str);
}

/// A task that is going on; it ends when it is dropped.
pub trait Task: Sync + Send {
    /// So much more is done.
    fn advance(&self, amount: u64);
    /// A short description of the current activity.
    fn detail(&self, text: &str);
}

impl Context<'_> {
    /// An error if the user has interrupted.
    pub fn check(&self) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) { Err(Error::interrupted()) } else { Ok(()) }
    }
}

/// Progress that shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn task(&self, _: &str, _: u64, _: Unit) -> Box<dyn Task> {
        Box::new(Silent)
    }
    fn notice(&self, _: &str) {}
}

impl Task for Silent {
    fn advance(&self, _: u64) {}
    fn detail(&self, _: &str) {}
}
