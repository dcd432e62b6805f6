// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inspects initramfs images, kernels, modules, UKIs and disk images of any distribution.
//!
//! [`segments`] takes an initramfs apart: [`codec`] unpacks each segment, [`archive`] reads the cpio archives in it.
//! [`rootfs`] makes from the entries the tree that the kernel would make, and [`check`] finds errors that would make the boot fail.
//! [`newc`] and [`compress`] write images. Nothing in a file is trusted: lengths are compared with the available bytes before
//! memory is allocated, and an error names the offset.
//!
//! The format of an initramfs is `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel.

pub mod archive;
pub mod check;
pub mod codec;
pub mod compress;
pub mod describe;
pub mod diff;
pub mod disk;
pub mod elf;
mod error;
pub mod extract;
pub mod facts;
pub mod image;
pub mod kernel;
pub mod list;
pub mod module;
pub mod newc;
pub mod pe;
pub mod repack;
pub mod rootfs;
pub mod segments;
pub mod signature;
pub mod start;
pub mod symbols;
pub mod symvers;
pub mod table;
mod text;
pub mod time;

pub use error::Error;
pub use qos_tree::{Kind, Node, Tree};
