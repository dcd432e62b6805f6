// SPDX-License-Identifier: MIT OR Apache-2.0
//! The host's side of a guest's console and streams.

use crate::relay::{Input, Sink};

/// The outside of a run, which stays the same when the run is repeated under another accelerator.
pub struct Front {
    /// Input for the console or for the main program.
    pub input: Option<Input>,
    /// Live copy of the console.
    pub console: Option<Sink>,
    /// Output of the main program.
    pub stdout: Sink,
    /// Error output of the main program.
    pub stderr: Sink,
}
