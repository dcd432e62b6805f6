// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds initramfs archives.
//!
//! [`assemble`] makes a [`Tree`] out of a manifest, the built programs and modules. [`build`] checks it, writes it as a cpio
//! archive and compresses it, with the library of `tools/inspect`, which also reads any initramfs back. The tree
//! holds owners, modes and nodes, so that this crate needs no root, and its result does not depend on the host's umask or user.

pub mod assemble;
pub mod build;
mod drivers;
pub mod modules;
mod source;

pub use qos_inspect::Error;
pub use qos_tree::{Kind, Node, Tree};
