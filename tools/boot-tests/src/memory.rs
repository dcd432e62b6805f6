// SPDX-License-Identifier: MIT OR Apache-2.0
//! Output of a guest, in memory.

use qos_vm::{Sink, sink};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that every clone writes and takes.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Memory {
    /// The writer for a run.
    pub(crate) fn sink(&self) -> Sink {
        sink(self.clone())
    }

    /// What was written since the last call.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
