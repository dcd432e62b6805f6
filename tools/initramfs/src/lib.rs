// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds, lists, extracts and checks initramfs archives.
//!
//! The way of an image: [`assemble`] makes a [`Tree`] out of a manifest, the built programs and modules;
//! [`check`] looks for what would fail in the boot; [`newc`] writes the tree as a cpio archive and [`compress`] makes
//! the segment of it. [`segments`] and [`newc`] read any initramfs back, the segments one behind the other, and
//! [`rootfs`] unpacks it. The tree
//! holds owners, modes and nodes, so that none of this needs root or depends on the host's umask or user.
//!
//! The format is `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel.

pub mod assemble;
pub mod build;
pub mod check;
pub mod compress;
mod drivers;
pub mod elf;
mod error;
pub mod extract;
pub mod list;
pub mod modules;
pub mod newc;
pub mod rootfs;
pub mod segments;

pub use error::Error;
pub use qos_tree::{Kind, Node, Tree};
