// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths of static programs that call a driver through ioctl(2) and mmap(2), which no command of the image does. Each
//! says on standard output what it got, and ends with status 1 at the first call that fails; the comment at the top of
//! `guests/NAME.c` says what it does.

/// A process becomes the context manager of /dev/binderfs/binder, and a child of it has a transaction with it.
pub const BINDER: &str = env!("GUEST_BINDER");

/// The ioctls of samples/rust/rust_misc_device.rs, and a read of the written data.
pub const MISC_DEVICE: &str = env!("GUEST_MISC_DEVICE");
