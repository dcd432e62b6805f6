// SPDX-License-Identifier: GPL-2.0

//! One x86 I/O port, reserved, as a backend of the kernel crate's [`Io`](kernel::io::Io).
//!
//! `rust/kernel/io.rs` has backends for memory and PCI configuration space, none for ports, and
//! `outb` is a static inline function of C for which there is no helper: so the two instructions
//! are here.

use core::{
    arch::asm,
    marker::PhantomData, //
};
use kernel::{
    bindings,
    io::{
        IoBackend,
        IoBase,
        IoCapable, //
    },
    prelude::*,
    ptr::KnownSize,
};

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

    /// The port, for reads and writes of one byte.
    pub(crate) fn io(&self) -> Port<'_, u8> {
        // INVARIANT: `'_` borrows `self`, which has the port reserved.
        Port {
            ptr: core::ptr::without_provenance_mut(self.0.into()),
            phantom: PhantomData,
        }
    }
}

impl Drop for ReservedPort {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this region was reserved, and only here it is released.
        unsafe { bindings::release_region(self.0.into(), 1) };
    }
}

/// A view of reserved ports.
///
/// # Invariants
///
/// The ports from `ptr.addr()` on, as many as `T` has bytes, are reserved for this module during
/// `'a`. `ptr` is a number in the I/O address space, never a pointer to memory.
pub(crate) struct Port<'a, T: ?Sized> {
    ptr: *mut T,
    phantom: PhantomData<&'a ()>,
}

impl<T: ?Sized> Copy for Port<'_, T> {}
impl<T: ?Sized> Clone for Port<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: ?Sized + KnownSize> IoBase<'a> for Port<'a, T> {
    type Backend = PortBackend;
    type Target = T;

    #[inline]
    fn as_view(self) -> Self {
        self
    }
}

/// I/O by the instructions `in` and `out`.
pub(crate) struct PortBackend;

impl IoBackend for PortBackend {
    type View<'a, T: ?Sized + KnownSize> = Port<'a, T>;

    #[inline]
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
        view.ptr
    }

    #[inline]
    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        _view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U> {
        // INVARIANT: Per safety requirement `ptr` is a projection of `view`, so a part of its ports.
        Port {
            ptr,
            phantom: PhantomData,
        }
    }
}

impl IoCapable<u8> for PortBackend {
    #[inline]
    fn io_read(view: Port<'_, u8>) -> u8 {
        let value: u8;
        // SAFETY: The kernel runs at I/O privilege, so `in` does not fault; the port belongs to this
        // module by the invariant of `Port`; the instruction touches no memory of Rust's.
        unsafe {
            asm!(
                "in al, dx",
                in("dx") number(view),
                out("al") value,
                options(nostack, preserves_flags)
            )
        };
        value
    }

    #[inline]
    fn io_write(view: Port<'_, u8>, value: u8) {
        // SAFETY: As for `io_read`, with `out`.
        unsafe {
            asm!(
                "out dx, al",
                in("dx") number(view),
                in("al") value,
                options(nostack, preserves_flags)
            )
        };
    }
}

/// The number of the view's first port.
#[inline]
fn number<T>(view: Port<'_, T>) -> u16 {
    // CAST: The address is a port number by the invariant of `Port`, so it has 16 bits.
    view.ptr.addr() as u16
}
