// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs as a person and an administrator use them: in a root directory of their own, at a pseudo-terminal.
//!
//! They change users, mount and change root, so they need root, and have the feature `root`.

mod administer;
mod sessions;
mod system;
mod terminal;
