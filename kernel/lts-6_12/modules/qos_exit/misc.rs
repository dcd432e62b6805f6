// SPDX-License-Identifier: GPL-2.0

//! A misc device to which programs write. The kernel crate has no abstraction of it.

use core::marker::PhantomData;
use kernel::{
    bindings, container_of,
    error::{from_result, to_result},
    init::pin_init_from_closure,
    prelude::*,
    types::Opaque,
    uaccess::{UserPtr, UserSlice, UserSliceReader},
};

/// What takes that which programs write.
pub(crate) trait Written: Send + Sync {
    /// Takes the whole of one `write`.
    ///
    /// # Errors
    ///
    /// What `write` then fails with.
    fn write(&self, from: UserSliceReader) -> Result;
}

/// A misc device, there from its initialisation until it is dropped. It can be opened by root alone, and what is not written
/// to it is refused by the kernel: it cannot be read, and has no positions.
///
/// # Invariants
///
/// `device` is registered, with `operations` of this value.
#[pin_data(PinnedDrop)]
pub(crate) struct MiscDevice<T: Written> {
    operations: bindings::file_operations,
    target: T,
    #[pin]
    device: Opaque<bindings::miscdevice>,
}
