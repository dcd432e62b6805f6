// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trees of files: the contents of an archive, an image or a disk, by path.
//!
//! A [`Tree`] represents all properties of a Linux file system: owners, modes, times, extended attributes, device nodes, hard links,
//! names of any bytes, files of any size. The [`Content`] of a file stays where it is, on the host or in an archive,
//! until it is read. A tree can therefore be made, changed and compared without root, independent of the host's umask and user.
//!
//! [`Tree::resolve`] and [`Tree::unlink`] treat links as the kernel does.

mod content;
mod links;
pub mod path;
mod tree;

pub use content::Content;
pub use links::Unresolved;
pub use tree::{Kind, Node, Tree};
