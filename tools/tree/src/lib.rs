// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees of files: what an archive, an image or a disk holds, by path.
//!
//! A [`Tree`] has all that a Linux file system has: owners, modes, times, extended attributes, device nodes, hard links,
//! names of any bytes, files of any size. The [`Content`] of a file stays where it is, on the host or in an archive,
//! until it is read. So a tree is made, changed and compared without root, and does not depend on the host's umask or user.
//!
//! [`Tree::resolve`] and [`Tree::unlink`] do with links what the kernel does.

mod content;
mod links;
pub mod path;
mod tree;

pub use content::Content;
pub use links::Unresolved;
pub use tree::{Kind, Node, Tree};
