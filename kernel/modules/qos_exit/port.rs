// SPDX-License-Identifier: GPL-2.0

//! One x86 I/O port, reserved, for reads and writes of one byte.
//!
//! No kernel's crate has port I/O, and `outb` is a static inline function of C for which there is no
//! helper: so the two instructions are here.

use core::arch::asm;
use kernel::{bindings, prelude::*};

/// One I/O port reserved for this module, given back on drop.
///
/// # Invariants
///
/// `__request_region` has reserved the port `self.0` for this value.
pub(crate) struct ReservedPort(u16);

impl ReservedPort {
    /// Reserves `port`; it appears under `name` in `/proc/ioports`.
    ///
    /// # Errors
    ///
    /// `EBUSY` if another driver has it.
    pub(crate) fn request(port: u16, name: &'static CStr) -> Result<Self> {
        // SAFETY: `name` is NUL-terminated and static, so it outlives the region that keeps it.
        let region = unsafe { bindings::request_region(port.into(), 1, name.as_char_ptr()) };
        if region.is_null() {
            return Err(EBUSY);
        }
        // INVARIANT: The region was reserved just now.
        Ok(Self(port))
    }

    /// Reads a byte.
    pub(crate) fn read(&self) -> u8 {
        let value: u8;
        // SAFETY: The kernel runs at I/O privilege, so `in` does not fault; the port belongs to this
        // module by the type invariant; the instruction touches no memory of Rust's.
        unsafe {
            asm!(
                "in al, dx",
                in("dx") self.0,
                out("al") value,
                options(nostack, preserves_flags)
            )
        };
        value
    }

    /// Writes a byte.
    pub(crate) fn write(&self, value: u8) {
        // SAFETY: As for `read`, with `out`.
        unsafe {
            asm!(
                "out dx, al",
                in("dx") self.0,
                in("al") value,
                options(nostack, preserves_flags)
            )
        };
    }
}

impl Drop for ReservedPort {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this region was reserved, and only here it is released.
        unsafe { bindings::release_region(self.0.into(), 1) };
    }
}
