// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pinned kernel's user-space interface: constants and structures of its UAPI headers.
//!
//! The bindings are checked in, so that building takes neither libclang nor a kernel. `uapi-gen --check` proves that
//! they are what the kernel's headers say.

#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unsafe_op_in_unsafe_fn,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "generated: the names and their meaning are C's"
)]
#[rustfmt::skip]
mod bindings;

pub use bindings::*;
